#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# result.sh BASE NAME COMMAND...: runs a command that measures the series of a base. If the command
# succeeds, writes its result to results/BASE.json as the member NAME, with the date and the versions,
# and updates the tables in the pages. A tree that differs from patches/BASE has no result. An
# unchanged result keeps its date.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

base=${1:-} name=${2:-}
need_base "$base"
need_tool jq
shift 2
file=$top/results/$base.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

is_series()
{
	[ "$(made_from "$base" patches)" = "$(patches_hash "$top/patches/$base")" ] && ! has_work "$base"
}

# Prints the result as JSON: a sentence from the command's output, or the table of the benchmark
result()
{
	case $name in
	bench) jq -c -f "$top/bench/summary.jq" "$build/bench-$base.json" ;;
	prove|mutants) sed -nE 's/^-- ([0-9].* failures)$/\1/p; s/^-- ([0-9]+ mutants, [0-9]+ not [a-z]+), .*/\1/p' ;;
	fuzz) sed -n 's/^ok \([0-9]* operations.*\)/\1/p' ;;
	races) awk '/^(not )?ok/ { n[$1]++ } END { print n["ok"] + 0 " races pass, " n["not"] + 0 " fail" }' ;;
	test-debug) sed -n 's/^== \(.*\): ok .*/\1/p' | sort | uniq -c |
		awk '{ line = line (line ? ", " : "") $2 " on " $1 } END { print line (NR ? " kernels" : "") }' ;;
	check) awk '/^conformance: / { line = $0 } /^[a-z].*: ok$/ { n++ } END { print line ", " n + 0 " selftests ok" }' ;;
	esac | tail -n 1 | jq -R 'fromjson? // .'
}

{
	status=0
	"$@" 2>&1 || status=$?
	echo $status >"$work/status"
} | tee "$work/out"
read -r status <"$work/status"
[ "$status" -eq 0 ] || exit "$status"
is_series || {
	say "the tree of $base differs from patches/$base: no result is kept"
	exit 0
}
tr -d '\r' <"$work/out" | result >"$work/result"
[ -s "$work/result" ] || die "there is no result in the output of $1"
mkdir -p "$top/results"
[ -s "$file" ] || echo '{}' >"$file"
jq --arg name "$name" --slurpfile result "$work/result" --arg date "$(date -u +%F)" \
	--arg package "$(base_field "$base" package) $(made_from "$base" version)" \
	--arg series "$(patches_hash "$top/patches/$base" | cut -c 1-12)" \
	--arg host "$(qemu-system-aarch64 --version | sed -n '1s/ (.*//; 1s/ emulator version//p'), $("${cross}gcc" --version | sed -n '1s/ (.*) / /p')" \
	'{ package: $package, series: $series, host: $host, result: $result[0] } as $new |
	if .[$name] | del(.date?) == $new then . else .[$name] = { date: $date } + $new end' "$file" >"$work/new"
cmp -s "$work/new" "$file" || {
	cp "$work/new" "$file"
	"$top/docs/generate.sh" pages "$top/README.md" "$top"/docs/*.md
}
