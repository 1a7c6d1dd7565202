#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# results.sh NAME...: results/BASE.json as a table in Markdown: a row for each target of make, or, for
# bench, for each kind of call. A result of another series or kernel than the present one is left out.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../scripts/lib.sh"

need_tool jq

# current BASE: its results
current()
{
	[ -s "$top/results/$1.json" ] || { echo '{}'; return; }
	jq --arg series "$(patches_hash "$top/patches/$1" | cut -c 1-12)" \
		--arg package "$(base_field "$1" package) $(base_field "$1" version)" \
		'with_entries(select(.value.series == $series and .value.package == $package))' \
		"$top/results/$1.json"
}

for base in $(all_bases); do
	current "$base" | jq --arg base "$base" '{ ($base): . }'
done | jq -r -s -L "$top/docs" 'include "results"; add | if $ARGS.positional == ["bench"] then bench else results end' --args "$@"
