# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the tests of moves between kernels, after lib.sh, not run.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

# shellcheck source=scripts/lib.sh
. "$scripts/lib.sh"
# shellcheck source=scripts/moves-lib.sh
. "$scripts/moves-lib.sh"
set +e

# Both CPUs of a host run vCPUs
export SMP=2

# host_step BASE VARIANT: boots a host with the files of $trash/step/, and runs commands there. Its output
# is in $trash/printed. The files of its out/ come back to $trash/step/out/.
host_step()
{
	on_fleet_host "$1" "$2" "$trash/step" >"$trash/printed"
	step_status=$?
	cat "$trash/printed"
	return "$step_status"
}

new_step()
{
	rm -rf "$trash/step"
	mkdir -p "$trash/step"
	[ $# -eq 0 ] || cp "$@" "$trash/step/"
	cat >"$trash/step/commands"
}

# reports_of DIR: writes a report of each base's patched kernel there
reports_of()
{
	mkdir -p "$1"
	for base in $bases; do
		new_step <<-END
			./fwregs report -o out/report.json
		END
		ok "$base: report" host_step "$base" ''
		cp "$trash/step/out/report.json" "$1/$base.json"
	done
}

# went_well NAME: the move with this name succeeded, and the guest continued
went_well()
{
	sed -n "/^== $1\$/,/^== /p" "$trash/printed" >"$trash/move"
	cat "$trash/move"
	grep -qx 'status 0' "$trash/move" && grep -q "^continued: .*with the same answers\$" "$trash/move"
}

# Prints the commands of one move: load a state, and save it again
move_commands()
{
	echo "echo '== $1'; ./fwregs load $3 $2; echo status \$?"
}

vcpus='1 4'

# all_moves: each ordered pair of bases, there and back, pinned to the baseline of all
all_moves()
{
	reports_of "$trash/reports"
	ok 'there is a baseline' "$build/native/fwregs" baseline -o "$trash/baseline.state" "$trash/reports"
	mkdir -p "$trash/saved" "$trash/there"

	for base in $bases; do
		for n in $vcpus; do
			echo "./fwregs save --vcpus $n --pin baseline.state out/$base-$n.state || exit 1"
		done | new_step "$trash/baseline.state"
		ok "$base: VMs are pinned, run and saved" host_step "$base" ''
		cp "$trash/step/out"/*.state "$trash/saved/"
	done

	for to in $bases; do
		for from in $bases; do
			for n in $vcpus; do
				move_commands "$from to $to, $n" "$from-$n.state" "-o out/$from-$to-$n.state"
			done
		done | new_step "$trash/saved"/*.state
		ok "$to: VMs arrive" host_step "$to" ''
		for from in $bases; do
			for n in $vcpus; do
				ok "from $from to $to, $n vCPUs" went_well "$from to $to, $n"
			done
		done
		cp "$trash/step/out"/*.state "$trash/there/"
	done

	for from in $bases; do
		for to in $bases; do
			for n in $vcpus; do
				move_commands "$from to $to, $n" "$from-$to-$n.state" ''
			done
		done | new_step "$trash/there/$from"-*.state
		ok "$from: VMs come back" host_step "$from" ''
		for to in $bases; do
			for n in $vcpus; do
				ok "and back, from $to to $from, $n vCPUs" went_well "$from to $to, $n"
			done
		done
	done
}
