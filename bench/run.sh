#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# run.sh BASE: counts the instructions of hypercalls and ioctls with the series and without, on an
# emulated machine. Prints tables and writes build/bench-BASE.json.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../scripts/lib.sh"

base=${1:-}
need_base "$base"
need_tool jq qemu-system-aarch64

"$top/scripts/programs.sh"
for variant in 1 ''; do
	for step in tree kernel initramfs; do
		"$top/scripts/$step.sh" "$base" "$variant"
	done
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
say "counting on unpatched and patched"
"$top/bench/count.sh" "$base" 1 hvc ioctl >"$work/unpatched"
"$top/bench/count.sh" "$base" '' hvc ioctl >"$work/patched"

json=$build/bench-$base.json
jq -n --arg base "$base" --arg version "$(made_from "$base" version)" \
	--arg machine "emulated: $(qemu-system-aarch64 --version | sed -n '1s/ (.*//p'), -machine virt, -cpu ${CPU:-max}, -icount shift=0,sleep=off, $(${cross}gcc --version | head -n 1)" \
	--rawfile patched "$work/patched" --rawfile unpatched "$work/unpatched" \
	-f "$top/bench/report.jq" >"$json.new"
mv "$json.new" "$json"
jq -r -f "$top/bench/table.jq" "$json" |
	awk -F '\t' 'NF < 2 { print; next } { printf "%-50s %-42s %9s %9s %6s\n", $1, $2, $3, $4, $5 }'
say "all of it is in $json"
