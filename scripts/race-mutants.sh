#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# race-mutants.sh BASE: takes away the locks of the series in each of the ways of
# verify/races/mutants, and wants exactly those race tests to fail that are named there.
# Writes build/BASE-race-mutants/table.md. MUTANTS= takes a part of the description, to
# try just some.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

base=${1:-}
need_base "$base"
dir=$build/$base-race-mutants

"$top/scripts/programs.sh"
for step in tree kernel initramfs; do
	"$top/scripts/$step.sh" "$base" preempt
done

# Below $dir, things are as below $build. So nearly all of the kernel comes out of ccache.
tree=$dir/$base/tree obj=$dir/$base-preempt/obj
mkdir -p "$dir/$base" "$obj"
ln -sfn "../$base/tree" "$dir/$base-preempt/tree"
[ ! -e "$tree/.git" ] || git -C "$tree" checkout -q -f
worktree "$base" "$tree" HEAD
cp "$build/$base-preempt/obj/.config" "$obj/"
cp "$build/$base-preempt/initramfs.cpio" "$dir/"

mutate()
{
	git -C "$tree" checkout -q -f
	sed -i "$2" "$tree/arch/arm64/kvm/$1"
	! git -C "$tree" diff --quiet || die "$what: the mutation changes nothing in $1"
	(build=$dir && kmake "$base-preempt" Image) >"$dir/build.log" 2>&1 ||
		die "$what: does not build: $(grep -m 1 error "$dir/build.log")"
	cp "$obj/arch/$arch/boot/Image" "$dir/Image"
}

# The names of the tests in $dir/tap that have failed, or all of them
names()
{
	sed -En "s/^$1 [0-9]+ - //p" "$dir/tap" | sort
}

# Where it went wrong: the number of instructions from the start of the first system call
where_wrong()
{
	sed -n 's/^#   \([0-9]* wrong\), from \(.*\) to \(.*\)/\1: \2 to \3/p' "$dir/tap" | sort -u |
		sed '$!s/$/;/' | tr '\n' ' '
}

table=$dir/table.md
printf '| broken | races | failed | outcomes that no order explains, at which instructions |\n|---|---|---|---|\n' >"$table"
failed=0 total=0
grep '~' "$top/verify/races/mutants" | grep "${MUTANTS:-.}" >"$dir/list"
while IFS='~' read -r what file program run expected <&3; do
	total=$((total + 1))
	mutate "$file" "$program"
	VARIANT=race-mutants "$top/scripts/races.sh" "$base" "$run" >"$dir/tap" 2>"$dir/boot" </dev/null || :
	grep -q '^1\.\.' "$dir/tap" || die "$what: the tests did not end, see $dir/tap and $dir/boot"
	cp "$dir/tap" "$dir/$total.tap"
	names 'not ok' >"$dir/found"
	names '(not )?ok' | grep -E "$expected" >"$dir/expected" || :
	if [ -s "$dir/expected" ] && cmp -s "$dir/found" "$dir/expected"; then
		say "$what: $(wc -l <"$dir/found") of $(names '(not )?ok' | wc -l) races fail, as they should"
	else
		failed=$((failed + 1))
		say "$what: these were to fail and did not (<), or failed and were not to (>):"
		diff "$dir/expected" "$dir/found" | sed -n '/^[<>]/p' >&2
	fi
	printf '| %s | %s | %s | %s |\n' "$what" "$(names '(not )?ok' | wc -l)" \
		"$(wc -l <"$dir/found")" "$(where_wrong)" >>"$table"
done 3<"$dir/list"
git -C "$tree" checkout -q -f

say "$total mutants, $failed not as expected, table in $table"
[ "$failed" -eq 0 ]
