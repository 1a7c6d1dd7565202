#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# An unmodified QEMU between all kernels: which guests go on, which do not, and the register that
# is the reason. What is asserted is that it is no firmware register where ceilings are set. The
# table is printed, see docs/unmodified-vmms.md.
. "$(dirname "$0")/lib.sh"
long 'between four kernels, patched and unpatched, some 200 moves on two emulated CPUs'
. "$top/t/qemu-lib.sh"

for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
done
have_qemu

# What all of the patched kernels have
# shellcheck disable=SC2086 # words
fleet=$(base_ceilings "$(printf '%s\n' $bases | sort -V | head -n 1)")

# older BASE: all that are
older()
{
	# shellcheck disable=SC2086 # words
	printf '%s\n' $bases "$1" | sort -uV | sed "/^$1\$/,\$d"
}

newer()
{
	# shellcheck disable=SC2086 # words
	printf '%s\n' $bases | sort -V | awk -v base="$1" 'on; $0 == base { on = 1 }'
}

# starts BASE VARIANT: the commands that start a VM of each kind on such a host
starts()
{
	if [ -n "$2" ]; then
		echo "vm_start console out/unpatched-$1"
		return
	fi
	echo "vm_start console out/patched-$1"
	echo "ceilings $fleet"
	echo "vm_start console out/ceilings-$1"
	echo "cpu=host; vm_start console out/PMU-$1; cpu=\$no_pmu"
	for old in $(older "$1"); do
		echo "ceilings $(base_ceilings "$old" 1)"
		echo "vm_start console out/old-$old-$1"
	done
}

# arrival NAME GUEST FILE
arrival()
{
	echo "echo '== $1'; vm_continue $2 in/$3"
}

# arrivals BASE VARIANT: the commands that have them arrive there
arrivals()
{
	for from in $bases; do
		if [ -n "$2" ]; then
			arrival "unpatched $from $1" console "unpatched-$from"
		else
			arrival "patched $from $1" console "patched-$from"
			echo "ceilings $fleet"
			arrival "ceilings $from $1" console "ceilings-$from"
			echo "cpu=host"
			arrival "PMU $from $1" console "PMU-$from"
			echo "cpu=\$no_pmu; ceilings"
		fi
	done
	if [ -n "$2" ]; then
		for from in $(newer "$1"); do
			arrival "old $from $1" console "old-$1-$from"
		done
	else
		for from in $(older "$1"); do
			echo "ceilings $(base_ceilings "$from" 1)"
			arrival "old $from $1" console "unpatched-$from"
		done
	fi
}

# verdict SECTION: "works", or the registers that are the reason
verdict()
{
	if grep -qx 'status 0' "$1" && ! grep -E '^(changed|memory|register|time)' "$1"; then
		echo works
	else
		reasons "$1" >"$trash/reasons"
		[ -s "$trash/reasons" ] || echo 'no register is named' >"$trash/reasons"
		sed 's/^firmware //; s/^system //' "$trash/reasons" | paste -s -d, | sed 's/,/, /g'
	fi
}

# no_firmware SECTION: it goes on, with the same firmware, or a system register is the reason
no_firmware()
{
	cat "$1"
	! grep -E '^(changed|memory|register|time)' "$1" || return 1
	grep -qx 'status 0' "$1" && return
	reasons "$1" >"$trash/reasons"
	grep '^system' "$trash/reasons" && ! grep '^firmware' "$trash/reasons"
}

matrix()
{
	export CPU="$1"
	rm -rf "$trash/streams"
	mkdir -p "$trash/streams"
	for base in $bases; do
		for unpatched in '' 1; do
			starts "$base" "$unpatched" >"$trash/todo"
			qemu_step "$base" "$unpatched" <"$trash/todo"
			ok "$CPU: VMs start on ${unpatched:+unpatched }$base" test "$step_status" -eq 0
			mv "$trash/step/out"/* "$trash/streams/"
		done
	done
	for base in $bases; do
		for unpatched in '' 1; do
			rm -rf "$trash/step/out"
			cp -r "$trash/streams" "$trash/step/out"
			arrivals "$base" "$unpatched" >"$trash/todo"
			qemu_step "$base" "$unpatched" <"$trash/todo"
			ok "$CPU: they arrive on ${unpatched:+unpatched }$base" test "$step_status" -eq 0
			legs "$CPU"
		done
	done

	# What the table in the documentation is made from
	for kind in unpatched patched ceilings PMU old; do
		for from in $bases; do
			for to in $bases; do
				leg="$trash/$CPU-$kind $from $to"
				[ -e "$leg" ] || continue
				echo "# $CPU | $kind | $from | $to | $(verdict "$leg")"
				case $kind in
				unpatched|patched) [ "$from" != "$to" ] || ok "$CPU, $kind: $from to itself works" grep -qx 'status 0' "$leg" ;;
				*) ok "$CPU, $kind: no firmware register stops $from to $to" no_firmware "$leg" ;;
				esac
			done
		done
	done
	unset CPU
}

for cpu in ${CPUS:-neoverse-n1 max}; do
	matrix "$cpu"
done
done_testing
