#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# count.sh BASE VARIANT PART...: boots a kernel on a machine that counts instructions, and
# prints what the parts of the benchmark have counted. See bench/bench.c.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../scripts/lib.sh"

base=${1:-} variant=${2:-}
need_base "$base"
shift 2
[ -e "$build/bench" ] || die "there is no $build/bench, make it with 'make programs'"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$build/bench" "$work/"
{
	echo '#!/bin/sh'
	for part in "$@"; do
		# A write to a console takes time on the host, so print at the end only
		echo "./bench $part >>/tmp/out || { cat /tmp/out; exit 1; }"
	done
	echo 'cat /tmp/out'
} >"$work/run"
chmod +x "$work/run"

RUN=$work LOG=$build/$(variant "$base" "$variant")/bench.log SMP=1 APPEND='' \
	QEMU="$counting" \
	"$top/scripts/boot.sh" "$base" "$variant" >"$work/out" || {
	cat "$work/out" >&2
	die "the benchmark failed on $(variant "$base" "$variant")"
}
tr -d '\r' <"$work/out"
