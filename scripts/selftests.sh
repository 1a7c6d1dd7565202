#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# selftests.sh BASE [UNPATCHED]: builds the KVM selftests that are run here, as
# static binaries in build/BASE/selftests or build/BASE-unpatched/selftests.
. "$(dirname "$0")/lib.sh"

base=${1:-} unpatched=${2:-}
need_base "$base"
kv=$(variant "$base" "$unpatched")
tree=$build/$kv/tree obj=$build/$kv/obj out=$build/$kv/selftests-obj
dir=$tree/tools/testing/selftests/kvm

programs=$(selftest_programs "$dir")

log=$build/$kv/selftests.log
mkdir -p "$out" "$build/$kv/selftests"
{
	kmake "$kv" headers &&
	make -C "$dir" -s -j"$jobs" ARCH=$arch CROSS_COMPILE=$cross CC="ccache ${cross}gcc" \
		LDFLAGS='-static -pthread' O="$obj" OUTPUT="$out" \
		KHDR_INCLUDES="-isystem $obj/usr/include" \
		$(for program in $programs; do echo "$out/$program"; done)
} >"$log" 2>&1 || {
	grep -E -A 5 'error:|Error' "$log" | head -n 20 >&2
	die "the selftests of $kv do not build, see $log"
}
for program in $programs; do
	cp -u "$out/$program" "$build/$kv/selftests/${program##*/}"
done
