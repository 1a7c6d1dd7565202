#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What hypercalls and ioctls cost with the series, in instructions that an emulated
# machine counts: no more than without it. 'make bench' has the whole of it.
. "$(dirname "$0")/lib.sh"

count_on()
{
	"$scripts/count.sh" "$base" "$1" hvc ioctl growth >"$trash/$2" && [ "$(wc -l <"$trash/$2")" -gt "$lines" ]
}

# dearer UNPATCHED PATCHED PATTERN EXCEPT MORE: what costs more, or more than MORE more, of
# the lines that match. MORE is a number of instructions, or a part with a % sign. A kernel
# without the series hides nothing: what is not there is off by its bit.
dearer()
{
	awk -F'\t' -v pattern="$3" -v except="${4:-^$}" -v more="${5:-0}" '
	NR == FNR { was[$1, $2] = $3; next }
	$1 "\t" $2 !~ pattern || $1 "\t" $2 ~ except { next }
	{
		state = $2
		sub(/^hidden/, "denied", state)
		if (!(($1, state) in was))
			next
		compared++
		allowed = more ~ /%$/ ? was[$1, state] * more / 100 : more
		if ($3 > was[$1, state] + allowed)
			print $1 ", " $2 ": " $3 " instead of " was[$1, state]
	}
	END { print compared " compared" }' "$1" "$2"
}

# no_dearer PATTERN EXCEPT AT_LEAST [MORE]: and at least so many were compared
no_dearer()
{
	dearer "$trash/$base-unpatched" "$trash/$base" "$1" "$2" "${4:-}" >"$trash/dearer"
	cat "$trash/dearer"
	[ "$(wc -l <"$trash/dearer")" -eq 1 ] &&
	[ "$(sed -n 's/ compared$//p' "$trash/dearer")" -ge "$3" ]
}

# By what the base tells its VMMs
has_filter()
{
	grep -q KVM_ARM_VM_SMCCC_FILTER "$build/$base-unpatched/tree/arch/arm64/include/uapi/asm/kvm.h"
}

# A call that is made to cost more is named
says_so()
{
	awk -F'\t' '{ if ($1 ~ /^0x86000000/ && $2 == "served") $3 += 100; print $1 "\t" $2 "\t" $3 }' \
		"$trash/$base" >"$trash/slower"
	dearer "$trash/$base-unpatched" "$trash/slower" '	served$' >"$trash/dearer"
	cat "$trash/dearer"
	grep '^0x86000000 .* instead of' "$trash/dearer"
}

for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	# How much there is to count, and to compare: less where the base has less
	lines=100 calls=10 ioctls=20
	had_bmaps "$base" || lines=80 calls=5 ioctls=8
	ok "$base: a count on the patched kernel" count_on '' "$base"
	ok "$base: a count on the unpatched kernel" count_on 1 "$base-unpatched"
	ok "$base: another count has the same numbers" count_on '' "$base-again"
	ok "$base: down to the last" same "$trash/$base" "$trash/$base-again"

	# A base without bitmap registers has no bit to test, three services less, and three
	# registers less to list: a call that it had may cost 1 % more, and an ioctl up to so
	# many instructions.
	bit='' percent='' new_calls='' new_registers=''
	had_bmaps "$base" || {
		bit=10 percent=1% new_calls='^0x(8400005|c4000053|8600)' new_registers='|_BMAP|REG_LIST'
	}

	ok "$base: no call that is served costs more${percent:+ than $percent}" \
		no_dearer '^0x.*	served$' "$new_calls" "$calls" "$percent"
	ok "$base: none that is switched off" no_dearer '^0x.*	denied$' '' 10 "$percent"
	ok "$base: none that is hidden" no_dearer '^0x.*	hidden$' '' 10 "$percent"
	ok "$base: none that no register has a say in" no_dearer '^0x.*	no register$' '' 20 "$percent"
	if has_filter; then
		ok "$base: none with an SMCCC filter" no_dearer '^0x.*	.*filter' '' 50
	else
		skip "$base: none with an SMCCC filter" "this base has no such filter"
	fi
	ok "$base: and a call that did would be named" says_so

	# What may cost more, and by how much. A capability is one case more among those that
	# there were, a bitmap register is looked up after a level register, and the kernel's
	# allocators take a short way or a longer one for a VM.
	known=0 refused=0 vm=0 unknown=3
	case $base in
	5.10) known=4 vm=1% unknown=6 ;;
	6.1) known=2 refused=1 vm=1% ;;
	6.12) refused=2 ;;
	7.3) known=1 ;;
	esac
	cap='^KVM_(CHECK_EXTENSION|ENABLE_CAP)'
	ok "$base: no ioctl costs more${bit:+ than $bit instructions more}" \
		no_dearer '^KVM_' "$cap|	a bad value\$|CREATE_VM$new_registers" "$ioctls" "$bit"
	ok "$base: none for a capability that is known, by more than $known" \
		no_dearer "$cap" '	unknown$|ARM_HVC_FW_REG_BMAP' 7 "$known"
	ok "$base: one that is not, by $unknown at most" no_dearer "$cap.*	unknown\$" '' 3 "$unknown"
	ok "$base: a value that is refused, by $refused at most" no_dearer '	a bad value$' '' 1 "$refused"
	ok "$base: and a VM, by $vm at most" no_dearer '^KVM_CREATE_VM' '' 1 "$vm"
	if had_bmaps "$base"; then
		ok "$base: nor does a save and restore" no_dearer '^save' '' 8
	else
		skip "$base: nor does a save and restore" "this base had less to save"
	fi
done

done_testing
