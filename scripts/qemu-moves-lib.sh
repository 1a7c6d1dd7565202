# SPDX-License-Identifier: BSD-3-Clause
# Sourced by qemu-migrate.sh and tests, after lib.sh, not run: moves the VMs of an unmodified QEMU
# between emulated hosts.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

# on_qemu_host BASE VARIANT DIR: boots it and runs DIR/commands there, which may use the
# functions of initramfs/qemu/qmp-lib.sh. The files of DIR/in/ are in/ there. What is in out/
# afterwards is in DIR/out/, the output in DIR/printed.
on_qemu_host()
{
	rm -rf "$3/run" "$3/out"
	mkdir -p "$3/run" "$3/out" "$3/in"
	cp -r --reflink=auto "$build/qemu/root/." "$3/run/"
	cp -r "$3/in" "$3/run/in"
	cp "$3/commands" "$top/initramfs/qemu/qmp-lib.sh" "$top/initramfs/qemu/run" "$3/run/"
	base_quirk "$1" no-pmu-property >"$3/run/no-pmu-property" || :
	moved=0
	# The files come back on a port of their own
	RUN=$3/run LOG=$3/console.log QEMU="-chardev file,id=out,path=$3/out.tar -device virtserialport,chardev=out" \
		"$top/scripts/boot.sh" "$1" "$2" >"$3/printed.crlf" 2>"$3/errors" || moved=$?
	rm -rf "$3/run"
	tr -d '\r' <"$3/printed.crlf" >"$3/printed"
	cat "$3/errors" >>"$3/printed"
	[ "$moved" -ne 0 ] || tar -x -f "$3/out.tar" -C "$3/out" || moved=1
	rm -f "$3/out.tar" "$3/printed.crlf"
	return "$moved"
}

# section NAME FILE: what on_qemu_host() has printed after a line "== NAME", to the next one
section()
{
	awk -v want="== $1" '/^== / { on = $0 == want; next } on' "$2"
}

# counted first|last FILE: the number that the guest was at
counted()
{
	end='head'
	[ "$1" = first ] || end='tail'
	sed -nE 's/^(count|round) ([0-9]+)$/\2/p' "$2" | $end -n 1
}

# went_on BEFORE AFTER: two sections, of the same VM on one host and on the next: it counted on
# from where it was, and none of its calls was answered in another way. The number in which it
# was stopped may be a part on one host and a part on the other.
went_on()
{
	was=$(counted last "$1") is=$(counted first "$2") now=$(counted last "$2")
	grep -qx 'status 0' "$1" && grep -qx 'status 0' "$2" || { echo "it does not run"; return 1; }
	! grep -E '^(changed|memory|register|time)' "$2" || return 1
	[ -n "$was" ] && [ -n "$is" ] && [ "$is" -gt "$was" ] && [ "$is" -le $((was + 2)) ] &&
	[ "$now" -gt "$is" ] && return
	echo "it was at ${was:-nothing}, and then at ${is:-nothing} to ${now:-nothing}"
	return 1
}
