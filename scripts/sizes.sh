#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# sizes.sh BASE...: prints the number of patches of each topic and of each base, and the lines that
# they add and remove. A line that one patch adds and a later one changes counts twice.
. "$(dirname "$0")/lib.sh"

[ $# -gt 0 ] || die "usage: sizes.sh BASE..."
for base in "$@"; do
	need_base "$base"
done
need_tool git

# numstat TOPIC PATCH...: prints topic, patch, and the lines added and removed in each file
numstat()
{
	topic=$1
	shift
	for patch in "$@"; do
		[ ! -f "$patch" ] || git apply --numstat "$patch" | sed "s,^,$topic ${patch##*/} ,"
	done
}

for base in "$@"; do
	for topic in $(topics); do
		numstat "$topic" "$top/patches/$base/$(topic_digits "$topic")"??-*.patch
	done | sed "s/^/$base /"
done | awk '
function count(topic, column) {
	if (!((topic, $3) in patches))
		nr[topic]++
	patches[topic, $3] = 1
	added[topic, column] += $4
	removed[topic, column] += $5
}
function change(topic, column) {
	return sprintf("+%d/-%d", added[topic, column], removed[topic, column])
}
function line(topic) {
	printf "%-5s %-11s %7d %14s %14s %14s\n", base, topic, nr[topic],
		change(topic, "code"), change(topic, "documentation"), change(topic, "tests")
}
function flush(	i) {
	for (i = 1; i <= topics; i++)
		line(order[i])
	if (topics)
		line("all")
	topics = 0
	delete nr
	delete patches
	delete added
	delete removed
}
BEGIN { printf "%-5s %-11s %7s %14s %14s %14s\n", "base", "topic", "patches", "code", "documentation", "selftests" }
$1 != base { flush(); base = $1 }
{
	if (!($2 in nr))
		order[++topics] = $2
	column = $6 ~ /^Documentation\// ? "documentation" : $6 ~ /^tools\/testing\// ? "tests" : "code"
	count($2, column)
	count("all", column)
}
END { flush() }'
