#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# count.sh BASE VARIANT PART...: boots a kernel on a machine that counts instructions, and
# prints what the parts of the benchmark have counted. See bench/bench.c.
. "$(dirname "$0")/lib.sh"

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
		# A console takes what the host takes, so there is nothing on it before the end
		echo "./bench $part >>/tmp/out || { cat /tmp/out; exit 1; }"
	done
	echo 'cat /tmp/out'
} >"$work/run"
chmod +x "$work/run"

# 1 ns of the machine's time for each instruction, and none for a wait. The random numbers that
# the CPU and QEMU give the kernel, which decide where a stack is, and the time of day, which
# shifts when a timer interrupts, are the same at each start.
RUN=$work LOG=$build/$(variant "$base" "$variant")/bench.log SMP=1 APPEND='' \
	QEMU='-icount shift=0,sleep=off -seed 1 -machine dtb-randomness=off -rtc base=2000-01-01' \
	"$top/scripts/boot.sh" "$base" "$variant" >"$work/out" || {
	cat "$work/out" >&2
	die "the benchmark failed on $(variant "$base" "$variant")"
}
tr -d '\r' <"$work/out"
