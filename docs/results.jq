# SPDX-License-Identifier: BSD-3-Clause
# Tables for pages in docs/. The input has, by base, the results of the present series.

def row: "| " + join(" | ") + " |";
def head: row, (map("---") | "|" + join("|") + "|");

# The versions that these results were measured with
def versions: [.[] | "- \(.package), \(.host)"] | unique | if length > 0 then "", .[] else empty end;

# $ARGS.positional: targets of make
def results:
	(["target"] + keys_unsorted | head),
	(. as $all | $ARGS.positional[] as $name |
		["`make \($name)`"] + [$all[][$name] | if . then "\(.result) (\(.date))" else "not measured" end] | row),
	([.[] | .[$ARGS.positional[]] | values] | versions);

def cell($what):
	if . == null then "not measured"
	else .result | map(select(.what == $what))[0] |
		if . then "\(.patched) (\(.difference))" else "-" end
	end;

def bench:
	map_values(.bench) as $all |
	(["instructions"] + ($all | keys_unsorted) | head),
	((reduce ($all[] | values | .result[].what) as $what ([]; if index($what) then . else . + [$what] end))[] as $what |
		[$what] + [$all[] | cell($what)] | row),
	(["date"] + [$all[] | if . then .date else "not measured" end] | row),
	([$all[] | values] | versions);
