# SPDX-License-Identifier: BSD-3-Clause
# The output of bench/count.sh for both kernels as one report. All numbers are instructions.

def lines: split("\n") | map(select(length > 0) | split("\t") | {what: .[0], state: .[1], n: (.[2] | tonumber)});

# A kernel without the series has no absent registers: a service is off by its bit there
def unpatched_state: if . == "register absent" then "off" else . end;

($unpatched | lines) as $u |
{
	base: $base,
	linux: $version,
	machine: $machine,
	unit: "instructions",
	counts: [$patched | lines[] | . as $line | {
		what,
		state,
		unpatched: ($u | map(select(.what == $line.what and .state == ($line.state | unpatched_state)) | .n)[0]),
		patched: .n
	}]
}
