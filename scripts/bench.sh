#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# bench.sh BASE: counts what hypercalls and ioctls cost with the series and without, on
# a machine that counts instructions. Prints tables and writes build/bench-BASE.json.
. "$(dirname "$0")/lib.sh"

base=${1:-}
need_base "$base"
need_tool jq qemu-system-aarch64
[ -f "$top/bench/$base/floor.patch" ] || die "bench/$base has no floor.patch, there is no benchmark for $base yet"

"$top/scripts/programs.sh"
# unpatched, patched, one that does nothing for a hypercall, and one with many registers
for variant in 1 '' floor 64-registers; do
	for step in tree kernel initramfs; do
		"$top/scripts/$step.sh" "$base" "$variant"
	done
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
say "counting on unpatched, patched, floor and 64-registers"
"$top/scripts/count.sh" "$base" 1 hvc ioctl growth >"$work/unpatched"
"$top/scripts/count.sh" "$base" '' hvc ioctl growth >"$work/patched"
"$top/scripts/count.sh" "$base" floor hvc >"$work/floor"
"$top/scripts/count.sh" "$base" 64-registers hvc ioctl growth >"$work/many"

# In columns: awk knows how wide each is
columns()
{
	awk -F'\t' '
	function flush(	i, r, line) {
		for (r = 1; r <= rows; r++) {
			line = sprintf("%-" width[1] "s", cell[r, 1])
			for (i = 2; i <= fields; i++)
				line = line sprintf("  %" (text[i] ? "-" : "") width[i] "s", cell[r, i])
			sub(/ +$/, "", line)
			print line
		}
		rows = fields = 0
		delete width
		delete text
		delete cell
	}
	NF < 2 { flush(); print; next }
	{
		rows++
		for (i = 1; i <= NF; i++) {
			cell[rows, i] = $i
			if (length($i) > width[i])
				width[i] = length($i)
			if (rows > 1 && $i !~ /^[-+0-9.]*$/)
				text[i] = 1
			if (i > fields)
				fields = i
		}
	}
	END { flush() }'
}

json=$build/bench-$base.json
jq -n --arg base "$base" --arg version "$(cat "$build/$base/version")" \
	--arg machine "emulated: $(qemu-system-aarch64 --version | sed -n '1s/ (.*//p'), -machine virt, -cpu ${CPU:-max}, -icount shift=0,sleep=off, $(${cross}gcc --version | head -n 1)" \
	--rawfile patched "$work/patched" --rawfile unpatched "$work/unpatched" \
	--rawfile floor "$work/floor" --rawfile many "$work/many" \
	-f "$top/bench/report.jq" >"$json.new"
mv "$json.new" "$json"
jq -r -f "$top/bench/table.jq" "$json" | columns
say "all of it is in $json"
