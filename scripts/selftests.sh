#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# selftests.sh BASE [VARIANT]: builds the KVM selftests that are run here, as
# static binaries in build/BASE/selftests or build/BASE-VARIANT/selftests.
. "$(dirname "$0")/lib.sh"

base=${1:-} variant=${2:-}
need_base "$base"
lock "$base"
kv=$(variant "$base" "$variant")
log=$build/$kv/selftests.log

key()
{
	selftests_of "$base"
	tree_key "$build/$kv/tree"
}

mkdir -p "$build/$kv"
! key | fresh "$build/$kv/selftests" || exit 0
selftests_make "$kv" >"$log" 2>&1 || {
	grep -E -A 5 'error:|Error' "$log" | head -n 20 >&2
	die "the selftests of $kv do not build, see $log"
}
rm -rf "$build/$kv/selftests.new"
mkdir "$build/$kv/selftests.new"
for name in $(selftests_of "$base"); do
	find "$build/$kv/selftests-obj" -name "$name" -type f -exec cp {} "$build/$kv/selftests.new/" \;
done
# They may be in use
diff -r "$build/$kv/selftests.new" "$build/$kv/selftests" >/dev/null 2>&1 || {
	rm -rf "$build/$kv/selftests"
	mv "$build/$kv/selftests.new" "$build/$kv/selftests"
}
made "$build/$kv/selftests"
