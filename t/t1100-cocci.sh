#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The semantic patch of verify/cocci: it finds nothing in the series, and what it is for
# in each way of verify/cocci/mutants to break it. MUTANTS= takes a part of the description,
# to try just some.
. "$(dirname "$0")/lib.sh"
. "$scripts/lib.sh"
set +e

# lint TREE: into $trash/found. Successful if it worked, and failed if it found anything.
lint()
{
	if TREE=$1 "$scripts/lint.sh" >"$trash/found" 2>"$trash/lint.log"; then
		[ ! -s "$trash/found" ]
	else
		cat "$trash/lint.log"
		grep -q "^lint.sh: $(wc -l <"$trash/found") findings in " "$trash/lint.log"
	fi
}

# small_tree TREE NEW: what the rules are about
small_tree()
{
	for file in arch/arm64/kvm/hypercalls.c arch/arm64/kvm/arm.c arch/arm64/kvm/guest.c \
		    arch/arm64/kvm/psci.c arch/arm64/include/asm/kvm_host.h include/kvm/arm_hypercalls.h
	do
		mkdir -p "$2/${file%/*}" "$2/virt/kvm" && cp "$1/$file" "$2/$file" || return 1
	done
}

# Only what is needed to judge one file: that, and hypercalls.c for the helpers there
mutate()
{
	rm -rf "$trash/mutant"
	cp -r "$trash/small" "$trash/mutant"
	find "$trash/mutant" -name '*.c' ! -name hypercalls.c ! -path "*/$1" -delete
	printf '%s\n' "$2" | sed "s/LOCK/kvm->$mutex/g; s/LAST/$mutex/g" >"$trash/program"
	sed -i -f "$trash/program" "$trash/mutant/$1"
	! cmp -s "$trash/small/$1" "$trash/mutant/$1" || {
		echo "the mutation changes nothing in $1"
		return 1
	}
}

# bites FILE PROGRAM FINDINGS
bites()
{
	mutate "$1" "$2" && lint "$trash/mutant" || return 1
	[ "$3" = - ] || printf '%s\n' "$3" | tr ';' '\n' | sed "s,^,$1: ,; s/NAME/${mutex##*.}/g" |
		sort -u >"$trash/want"
	[ "$3" != - ] || : >"$trash/want"
	sed 's/:[0-9]*: /: /' "$trash/found" | sort -u >"$trash/got"
	cat "$trash/found"
	same "$trash/want" "$trash/got"
}

# Before 6.4, the lock was kvm::lock
old_lock()
{
	rm -rf "$trash/mutant"
	cp -r "$trash/small" "$trash/mutant"
	find "$trash/mutant" -type f -exec sed -i 's/arch\.config_lock/lock/; /config_lock;/d' {} +
	lint "$trash/mutant" && cat "$trash/found" && [ ! -s "$trash/found" ] || return 1
	sed -i '/^static int set_fw_bmap(/,/^}/ s/mutex_lock(/spin_lock(/' \
		"$trash/mutant/arch/arm64/kvm/hypercalls.c"
	lint "$trash/mutant" && grep 'set_fw_bmap() writes the bitmaps without lock$' "$trash/found"
}

# probe TREE: something to find at the beginning of every function. That is how it is known
# that spatch reads them all, or says so if it cannot.
probe()
{
	(
		cd "$1" || exit 1
		find arch/arm64/kvm -name '*.c' -exec sed -i 's/^{$/{ u64 probe = KVM_REG_ARM_STD_BMAP;/' {} +
		grep -rn '^{ u64 probe' arch/arm64/kvm --include='*.c' | cut -d: -f1,2 | sort
	) >"$trash/probes"
	[ -s "$trash/probes" ] && lint "$1" || return 1
	sed -nE 's/^([^:]*:[0-9]+): KVM_REG_ARM_STD_BMAP is .*/\1/p' "$trash/found" |
		sort -u >"$trash/found-at"
	comm -23 "$trash/probes" "$trash/found-at" >"$trash/missed"
	cat "$trash/missed"
	[ ! -s "$trash/missed" ]
}

# All of KVM, in which there are functions that spatch cannot parse
probe_all()
{
	mkdir -p "$trash/probe/arch/arm64/include" "$trash/probe/include" "$trash/probe/virt/kvm"
	cp -r "$build/$base/tree/arch/arm64/kvm" "$trash/probe/arch/arm64/" &&
	cp -r "$build/$base/tree/arch/arm64/include/asm" "$trash/probe/arch/arm64/include/" &&
	cp -r "$build/$base/tree/include/kvm" "$trash/probe/include/" &&
	probe "$trash/probe" && [ "$(wc -l <"$trash/probes")" -gt 1000 ]
}

# The files that have to do with firmware registers, in which there is none
probe_small()
{
	small_tree "$build/$base/tree" "$trash/small-probe" && probe "$trash/small-probe" || return 1
	! grep -E '/(hypercalls|guest|psci)\.c:.* cannot parse' "$trash/found"
}

for base in $bases; do
	have_tree "$base"
	have_tree "$base" 1
	rm -rf "$trash/small" "$trash/small-base" "$trash/small-probe" "$trash/probe"
	ok "$base: nothing is found in the series" "$scripts/lint.sh" "$base"

	ok "$base: there is a small tree of the base" \
		small_tree "$build/$base-unpatched/tree" "$trash/small-base"
	ok "$base: it can be read" lint "$trash/small-base"
	ok "$base: the switches of the base are found" \
		grep -q ' KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2 has a case of its own' "$trash/found"

	ok "$base: a probe in each function of KVM is found" probe_all
	ok "$base: spatch can parse what the rules are about" probe_small

	ok "$base: there is a small tree of the series" small_tree "$build/$base/tree" "$trash/small"
	ok "$base: nothing is found in it" env TREE="$trash/small" "$scripts/lint.sh"
	ok "$base: the lock of older bases" old_lock
	deeply || {
		skip "$base: each mutant is found" 'make test-all, or BASES= with one: two minutes'
		continue
	}
	mutex=arch.config_lock
	grep -q '[[:space:]]config_lock;' "$trash/small/arch/arm64/include/asm/kvm_host.h" || mutex=lock
	grep -v -e "^#" -e "^$" "$top/verify/cocci/mutants" | grep -e "${MUTANTS:-.}" >"$trash/mutants"
	while IFS='~' read -r what file program findings; do
		verb=found
		[ "$findings" != - ] || verb=fine
		ok "$base: $verb: $what" bites "$file" "$program" "$findings"
	done <"$trash/mutants"
done

no_tree()
{
	TREE=$trash "$scripts/lint.sh"
}
ok 'a directory that is no tree is refused' fails 1 'is no Linux tree' no_tree

# spatch without Python is silent whatever it reads
silent()
{
	mkdir -p "$trash/bin"
	printf '#!/bin/sh\n' >"$trash/bin/spatch"
	chmod +x "$trash/bin/spatch"
	PATH=$trash/bin:$PATH TREE=$trash/small "$scripts/lint.sh"
}
ok 'a spatch that finds nothing at all is an error' fails 1 'spatch finds nothing in' silent

done_testing
