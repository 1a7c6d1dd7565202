#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# migrate.sh FROM TO: a VM moves from a host with one kernel to one with another, and back,
# pinned to what both have.
. "$(dirname "$0")/lib.sh"
. "$top/scripts/moves-lib.sh"

from=${1:-} to=${2:-}
need_base "$from"
need_base "$to"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
export SMP=2

# Kernels list different other registers. The move fails if the guest has used one of these.
brief()
{
	awk '/^left/ { if (/^left: /) left++; next }
		/^RESULT / { next }
		{ print }
		END { if (left) print left " other registers, which the guest has not used, are refused and skipped" }'
}

# step BASE WHAT: runs the commands on a host with this kernel, and prints what they print
step()
{
	echo "== Linux $1: $2"
	mkdir -p "$work/host"
	on_fleet_host "$1" '' "$work/host" >"$work/said" || { cat "$work/said"; die "$2 failed on Linux $1"; }
	brief <"$work/said"
	cp "$work/host/out"/* "$work/host/" 2>/dev/null || :
}

for base in "$from" "$to"; do
	mkdir -p "$work/host"
	echo './fwregs report -o out/report.json' >"$work/host/commands"
	step "$base" 'what it has'
	mv "$work/host/report.json" "$work/report-$base.json"
done
echo '== The largest configuration that both accept'
"$build/native/fwregs" baseline -o "$work/host/baseline.state" "$work/report-$from.json" "$work/report-$to.json"

echo './fwregs save --vcpus 4 --pin baseline.state out/vm.state' >"$work/host/commands"
step "$from" 'a VM is pinned to it, runs, and is saved'
echo './fwregs check vm.state && ./fwregs load -o out/vm.state vm.state' >"$work/host/commands"
step "$to" 'it continues, and is saved again'
echo './fwregs load vm.state' >"$work/host/commands"
step "$from" 'it is back'
