#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# qemu-migrate.sh FROM TO [PARAMETER=VALUE...]: an unmodified QEMU moves guests from a host with
# one kernel to one with another, and back. The parameters are ceilings of contract section 6,
# for both hosts.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
. "$top/scripts/qemu-moves-lib.sh"

from=${1:-} to=${2:-}
need_base "$from"
need_base "$to"
shift 2
for setting in "$@"; do
	case $setting in
	kvm.fw_bmap_regs=*|kvm.psci_version=*) ;;
	*) die "'$setting' in CEILINGS is neither kvm.fw_bmap_regs=N nor kvm.psci_version=MAJOR.MINOR" ;;
	esac
done
ceilings=$*
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
guests='console linux'
for base in "$from" "$to"; do
	reason=$(base_quirk "$base" no-linux-guest) || continue
	say "no Linux guest on $base: $reason"
	guests=console
done

# tell GUEST FILE: a section, on a few lines
tell()
{
	awk -v guest="$1" '
	/^answer PSCI_VERSION/ { psci = $3 }
	/^answer/ { if ($3 == "refused" || $3 == "0xffffffffffffffff") refused = refused " " $2; else served++; next }
	/^(count|round) [0-9]/ { if (!n++) first = $2; last = $2; next }
	/^status|: skip it$/ { next }
	/^qemu-system-aarch64: / && messages++ >= 8 {
		more++
		firmware += / fw /
		next
	}
	{ sub("^" guest ": ", ""); print "   " guest ": " $0 }
	END {
		if (more)
			print "   " guest ": " more " more of QEMU, " firmware + 0 " about a firmware register"
		if (psci)
			print "   " guest ": PSCI_VERSION " psci ", " served " calls are served, not so:" refused
		if (last)
			print "   " guest ": counted from " first " to " last
	}' "$2"
}

# step BASE WHAT BEFORE COMMAND: a command for each guest on a host with this kernel. What the
# guests did is kept, and compared with what they did in the step before.
step()
{
	{
		echo "ceilings $ceilings || exit 1"
		for guest in $guests; do
			echo "echo '== $guest'; $4" | sed "s/GUEST/$guest/g"
		done
	} >"$work/commands"
	echo "== Linux $1${ceilings:+, $ceilings}: $2"
	on_qemu_host "$1" '' "$work" || {
		cat "$work/printed"
		die "the host with Linux $1 failed"
	}
	for guest in $guests; do
		section "$guest" "$work/printed" >"$work/$guest-$2"
		tell "$guest" "$work/$guest-$2"
		grep -qx 'status 0' "$work/$guest-$2" || die "the $guest guest does not run on Linux $1"
		[ -z "$3" ] || went_on "$work/$guest-$3" "$work/$guest-$2" ||
			die "the $guest guest does not run on as before on Linux $1"
	done
	rm -rf "$work/in"
	mv "$work/out" "$work/in"
}

step "$from" 'it starts, and is saved' '' 'vm_start GUEST out/GUEST'
step "$to" 'it continues, and is saved again' 'it starts, and is saved' 'vm_continue GUEST in/GUEST out/GUEST'
step "$from" 'it is back' 'it continues, and is saved again' 'vm_continue GUEST in/GUEST'
echo '== The guests counted on, and each call was answered as in the beginning'
