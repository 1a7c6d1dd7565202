#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# boot.sh BASE [VARIANT]: boots the kernel of a base on an emulated host with EL2, and returns
# the exit status of the program that ran there. The environment:
#   RUN		directory to copy to /run-dir, of which /run-dir/run is run (default: a shell)
#   APPEND	kernel arguments
#   QEMU	QEMU arguments, after ours
#   CPU		emulated CPU (default: max)
#   SMP		number of CPUs (default: 1)
#   MEM		RAM (default: 1G)
#   TIMEOUT	seconds after which a machine counts as hung (default: 600 with RUN, for
#		a shell there is no limit)
#   LOG		file for the kernel's console (default: below build/)
#   KNOWN_SPLATS	file of patterns for lines of the console that are not failures
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

base=${1:-} variant=${2:-}
need_base "$base"
need_tool qemu-system-aarch64 cpio
kv=$(variant "$base" "$variant")
case $variant in
'') how="make kernel BASE=$base" ;;
1) how="make kernel BASE=$base UNPATCHED=1" ;;
*) how="make kernel BASE=$base VARIANT=$variant" ;;
esac
[ -e "$build/$kv/Image" ] || die "there is no $build/$kv/Image, make it with '$how'"
[ -e "$build/$kv/initramfs.cpio" ] || die "there is no $build/$kv/initramfs.cpio, 'make boot' makes it"
[ -z "${RUN:-}" ] || [ -d "$RUN" ] || die "RUN=$RUN is not a directory"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

log=${LOG:-$build/$kv/console.log}
mkdir -p "$(dirname "$log")"
: >"$log"
cp "$build/$kv/initramfs.cpio" "$work/initrd"
if [ -n "${RUN:-}" ]; then
	mkdir "$work/root"
	cp -rL "$RUN" "$work/root/run-dir"
	(cd "$work/root" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >>"$work/initrd"
fi

cpu=${CPU:-max}
# QEMU's default algorithm for pointer authentication would take most of its time
case $cpu in max*) cpu=$cpu,pauth-impdef=on ;; esac

# A shell gets the terminal. With RUN, Ctrl-C ends this script, and stdin never yields data or EOF, so
# runs are repeatable.
if [ -n "${RUN:-}" ]; then
	limit=${TIMEOUT:-600} signal=on
	mkfifo "$work/never"
	exec <>"$work/never"
else
	limit=${TIMEOUT:-0} signal=off
fi

accel=''
[ "${SMP:-1}" -eq 1 ] || ! base_quirk "$base" one-thread >/dev/null || accel='-accel tcg,thread=single'

status=0 started=$(date +%s)
# shellcheck disable=SC2086 # QEMU is words
timeout --foreground -k 10 "$limit" qemu-system-aarch64 \
	-nodefaults -no-user-config -display none -no-reboot \
	-machine virt,virtualization=on,gic-version=3 -cpu "$cpu" \
	$accel -smp "${SMP:-1}" -m "${MEM:-1G}" \
	-kernel "$build/$kv/Image" -initrd "$work/initrd" \
	-append "console=ttyAMA0 panic=-1 printk.time=1 ${APPEND:-}" \
	-serial "file:$log" \
	-chardev stdio,id=run,signal=$signal -device virtio-serial-device \
	-device virtconsole,chardev=run ${QEMU:-} || status=$?

fail()
{
	echo "$me: $kv: $*; the last lines of $log:" >&2
	tail -n 20 "$log" | tr -d '\r' >&2
	exit 1
}

splat='WARNING: |BUG: |BUG at|Internal error|Oops|Kernel panic|KASAN|KCSAN|UBSAN|kmemleak: [0-9]+ new'
splat="$splat|possible .*deadlock|possible recursive locking|inconsistent lock state"
splat="$splat|rcu: INFO|self-detected stall|detected stalls|soft lockup|hung_task|blocked for more than"

case $status in
124) fail "no exit status within $limit seconds" ;;
137) [ "$limit" -eq 0 ] || [ $(($(date +%s) - started)) -lt "$limit" ] ||
	fail "no exit status within $limit seconds, and QEMU does not end"
	fail "QEMU was killed by a signal (SIGKILL), is there enough memory?" ;;
esac
[ "$status" -eq 0 ] || fail "QEMU ended with status $status"
what=$(grep -a -E "$splat" "$log" | grep -a -v -E -f "${KNOWN_SPLATS:-/dev/null}" |
	head -n 1 | tr -d '\r') || :
[ -z "$what" ] || fail "the kernel complained: $what"
reported=$(tr -d '\r' <"$log" | sed -n 's/.*fwregs-boot: exit status \([0-9]*\)$/\1/p' | tail -n 1)
[ -n "$reported" ] || fail "it ended without an exit status"
exit "$reported"
