# SPDX-License-Identifier: BSD-3-Clause
# Sourced on an emulated host, by busybox sh, not run: starts an unmodified QEMU with a guest there,
# and moves the guest by way of a file. The directory is the one that scripts/qemu-root.sh makes.
# shellcheck shell=sh

# A QEMU that has ended reads nothing more
trap '' PIPE

# One QEMU at a time, in a directory of its own
vm=/tmp/vm

# With a PMU, a later kernel lists a system register that older ones do not have, PMMIR_EL1, and
# QEMU 11.1 refuses that, see docs/unmodified-vmms.md
no_pmu=host,pmu=off
# The quirk no-pmu-property of the base
[ ! -s no-pmu-property ] || no_pmu=host
cpu=$no_pmu

# qemu ARGUMENTS: the program as Debian has built it, with the libraries that it came with
qemu()
{
	qemu/ld-linux-aarch64.so.1 --library-path qemu/lib qemu/qemu-system-aarch64 "$@"
}

# until_seen SECONDS PATTERN FILE: waits for a line, as long as QEMU is there
until_seen()
{
	tries=$(($1 * 10))
	until grep -qE -e "$2" "$3" 2>/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && kill -0 "$qemu_pid" 2>/dev/null || return 1
		usleep 100000
	done
}

# qmp COMMAND [ARGUMENTS [ID]]: the ID is in the answer as well
qmp()
{
	printf '%s\n' "{\"execute\": \"$1\", \"arguments\": ${2:-{\}}, \"id\": \"${3:-none}\"}" >&3
}

# ceilings [PARAMETER=VALUE...]: for the VMs that are created after this. Without any, as the
# kernel was booted.
ceilings()
{
	for setting in fw_bmap_regs psci_version; do
		file=/sys/module/kvm/parameters/$setting
		[ ! -e $file ] || [ -e /tmp/$setting ] || cp $file /tmp/$setting
		[ ! -e $file ] || cat /tmp/$setting >$file
	done
	for setting in "$@"; do
		setting=${setting#kvm.}
		echo "${setting#*=}" >"/sys/module/kvm/parameters/${setting%%=*}" || return 1
	done
}

# launch GUEST [ARGUMENTS]: the same command line for each VM, but for what is said to be
# different. The guest is console, our bare-metal one that makes every call, or linux.
launch()
{
	guest=$1
	shift
	rm -rf $vm
	mkdir -p $vm
	touch $vm/qmp $vm/serial
	mkfifo $vm/in
	case $guest in
	console) set -- -m 64M -kernel guest/console.elf "$@" ;;
	linux) set -- -m 160M -kernel guest/Image -initrd guest/initrd -append 'console=ttyAMA0 quiet' "$@" ;;
	esac
	qemu -accel kvm -cpu "$cpu" -M virt,gic-version=3 -nodefaults -no-user-config \
		-display none -serial file:$vm/serial -qmp stdio "$@" \
		<$vm/in >$vm/qmp 2>$vm/errors &
	qemu_pid=$!
	exec 3>$vm/in
	qmp qmp_capabilities
}

# finish STATUS: ends QEMU if it is still there. What it said is printed, and what the guest
# did, in a form that is read by scripts/qemu-migrate.sh and the tests.
finish()
{
	qmp quit 2>/dev/null
	until_seen 60 SHUTDOWN $vm/qmp || kill -9 "$qemu_pid" 2>/dev/null
	exec 3>&-
	wait "$qemu_pid" 2>/dev/null
	# The last line may be a part of one
	head -n "$(wc -l <$vm/serial)" $vm/serial | tr -d '\r' |
		grep -E '^(linux:|answer|changed|memory|register|time|(count|round) [0-9]+$)' |
		awk '$1 == "count" || $1 == "round" { if (!n++) print; last = $0; next }
			{ print }
			END { if (last) print last }' >$vm/guest
	[ "$1" -eq 0 ] || cat $vm/errors
	cat $vm/guest
	echo "status $1"
	return "$1"
}

# rounds N: waits until the guest has counted so far
rounds()
{
	until_seen 300 "^(count|round) $1.?\$" $vm/serial
}

# counts_on: waits until it has counted at least twice. The first line may be a part of one.
counts_on()
{
	tries=1200
	until [ "$(grep -cE '^(count|round) [0-9]+.?$' $vm/serial)" -ge 3 ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && kill -0 "$qemu_pid" 2>/dev/null || return 1
		usleep 100000
	done
}

# migrated WAY: waits until QEMU says that the migration has completed, of the VM that came in
# or of that which goes out
migrated()
{
	tries=1200
	until grep "\"id\": \"$1\"" $vm/qmp | grep -q '"status": "completed"'; do
		grep -qE '"status": "failed"|"class": ' $vm/qmp && return 1
		tries=$((tries - 1))
		[ $tries -gt 0 ] && kill -0 "$qemu_pid" 2>/dev/null || return 1
		qmp query-migrate '{}' "$1"
		usleep 100000
	done
}

# saved FILE: stops the VM, and migrates it to a file
saved()
{
	qmp stop
	qmp migrate "{\"uri\": \"file:$1\"}"
	migrated out
}

# vm_start GUEST FILE: a VM starts, counts a bit, and goes to the file
vm_start()
{
	launch "$1"
	if rounds 3 && saved "$2"; then
		finish 0
	else
		finish 1
	fi
}

# vm_continue GUEST FROM [TO]: a VM arrives, counts on, and goes to another file
vm_continue()
{
	launch "$1" -incoming "file:$2"
	if migrated in && qmp cont && counts_on && { [ -z "${3:-}" ] || saved "$3"; }; then
		finish 0
	else
		finish 1
	fi
}
