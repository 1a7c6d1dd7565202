# SPDX-License-Identifier: BSD-3-Clause
# What scripts/count.sh printed for each kernel, as one report. All numbers are
# instructions, but for the ratios.

def lines: split("\n") | map(select(length > 0) | split("\t") | {what: .[0], state: .[1], n: (.[2] | tonumber)});

def at($what; $state): map(select(.what == $what and .state == $state) | .n)[0];

def ratio($a; $b): if $a == null or $b == null or $b == 0 then null else $a / $b * 1000 | round / 1000 end;

# The geometric mean of what is not null
def geomean: map(values) | if length == 0 then null else (map(log) | add / length | exp) * 1000 | round / 1000 end;

def is_hvc: .what | startswith("0x");

($patched | lines) as $p | ($unpatched | lines) as $u |
($floor | lines | map(select(is_hvc) | .n) | min) as $floor |
($many | lines) as $m |
# A kernel without the series hides nothing: what is not there is off by its bit
def unpatched_state: sub("^hidden"; "denied");

{
	base: $base,
	linux: $version,
	machine: $machine,
	unit: "instructions",
	floor: $floor,
	hvc: [$p[] | select(is_hvc) | . as $line | $u | at($line.what; $line.state | unpatched_state) as $n | {
		call: $line.what,
		state: $line.state,
		unpatched: $n,
		patched: $line.n,
		ratio: ratio($line.n; $n),
		handler_unpatched: ($n - $floor),
		handler_patched: ($line.n - $floor),
		handler_ratio: ratio($line.n - $floor; $n - $floor)
	}],
	ioctl: [$p[] | select(is_hvc or (.what | startswith("save")) | not) | . as $line | {
		ioctl: $line.what,
		what: $line.state,
		unpatched: ($u | at($line.what; $line.state)),
		patched: $line.n,
		ratio: ratio($line.n; $u | at($line.what; $line.state)),
		registers_64: ($m | at($line.what; $line.state))
	}],
	save_and_restore: [$p[] | select(.what | startswith("save")) | . as $line | {
		how: $line.what,
		of: $line.state,
		unpatched: ($u | at($line.what; $line.state)),
		patched: $line.n,
		registers_64: ($m | at($line.what; $line.state))
	}]
} |
.handler_geomean = (.hvc | group_by(.state) | map({key: .[0].state, value: (map(.handler_ratio) | geomean)}) | from_entries)
