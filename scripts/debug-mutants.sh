#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# debug-mutants.sh BASE: breaks the series in each of the ways of verify/stress/mutants, and
# wants a debug kernel, or what runs on it, to say so. MUTANTS= takes a part of the
# description, to try just some.
. "$(dirname "$0")/lib.sh"

base=${1:-}
need_base "$base"
dir=$build/$base-debug-mutants
mkdir -p "$dir/$base" "$dir/run"

# Below $dir, things are as below $build. So nearly all of the kernels comes out of ccache.
tree=$dir/$base/tree
"$top/scripts/tree.sh" "$base"
[ ! -e "$tree/.git" ] || git -C "$tree" checkout -q -f
worktree "$base" "$tree" HEAD

# kernel VARIANT: its configuration, and what it boots into
kernel()
{
	for step in tree kernel programs initramfs; do
		"$top/scripts/$step.sh" "$base" "$1"
	done
	mkdir -p "$dir/$base-$1/obj"
	ln -sfn "../$base/tree" "$dir/$base-$1/tree"
	cp "$build/$base-$1/obj/.config" "$dir/$base-$1/obj/"
	cp "$build/$base-$1/initramfs.cpio" "$dir/"
}

# mutate VARIANT FILE PROGRAM
mutate()
{
	git -C "$tree" checkout -q -f
	sed -i "$3" "$tree/arch/arm64/kvm/$2"
	! git -C "$tree" diff --quiet || die "$what: the mutation changes nothing in $2"
	(build=$dir && kmake "$base-$1" Image) >"$dir/build.log" 2>&1 ||
		die "$what: does not build: $(grep -m 1 error "$dir/build.log")"
	cp "$dir/$base-$1/obj/arch/$arch/boot/Image" "$dir/Image"
}

# As test-debug.sh runs it, with fewer operations
run()
{
	args='--workers=2 --threads=3'
	[ "$1" != kcsan ] || args='--workers=1 --threads=2 --narrow'
	printf "%s='%s'\n" PARTS "$2" STRESS_OPS 20000 STRESS_SEED 1 STRESS_ARGS "$args" \
		>"$dir/run/settings"
	cp "$top/scripts/debug/run" "$build/stress" "$build/faults" "$dir/run/"
	# A machine that hangs has its reason in the log
	RUN=$dir/run LOG=$dir/console.log SMP=2 MEM=2G TIMEOUT="${TIMEOUT:-900}" \
		"$top/scripts/boot.sh" "$base" debug-mutants >"$dir/said" 2>&1 || :
	cat "$dir/console.log" >>"$dir/said"
}

failed=0 total=0
grep '~' "$top/verify/stress/mutants" | grep "${MUTANTS:-.}" >"$dir/list"
while IFS='~' read -r what variant file program parts expected <&3; do
	total=$((total + 1))
	kernel "$variant" </dev/null
	mutate "$variant" "$file" "$program"
	run "$variant" "$parts"
	if line=$(tr -d '\r' <"$dir/said" | grep -a -m 1 -E "$expected"); then
		say "$what: noticed: $line"
	else
		failed=$((failed + 1))
		say "$what: NOT NOTICED"
	fi
	cp "$dir/said" "$dir/$total.said"
done 3<"$dir/list"
git -C "$tree" checkout -q -f

say "$total mutants, $failed not noticed, what was said is in $dir"
[ "$failed" -eq 0 ]
