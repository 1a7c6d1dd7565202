#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The selftests of the series, on the patched kernel, in each mode. And those of the unpatched base, on
# the patched and on the unpatched kernel: the results have to be the same.
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/lib.sh
. "$scripts/lib.sh"
set +e

# Runs every selftest there, a line with name and exit status for each
run_all='status=0
for test in /run-dir/selftests/*; do
	echo "== ${test##*/}"
	$test || { s=$?; [ $s -eq 4 ] || status=1; echo "== ${test##*/}: exit status $s"; }
done
exit $status'

# take_selftests VARIANT NAME...: copies selftests of a build to where the host finds them
take_selftests()
{
	from=$build/$1/selftests
	shift
	rm -rf "$trash/run"
	mkdir -p "$trash/run/selftests"
	for test in "$@"; do
		cp "$from/$test" "$trash/run/selftests/" || bail "there is no selftest $test"
	done
}

failures()
{
	grep -aE '^not ok|^==|Assert|^  ' "$trash/host" | grep -a -B 8 'exit status'
	cat "$trash/boot"
}

# Every selftest there was run, passed, and none was skipped
all_ran()
{
	! grep -aE '^== .*exit status' "$trash/host" || return 1
	[ "$(grep -acE '^== [a-z0-9_-]+.?$' "$trash/host")" -eq "$(ls "$trash/run/selftests" | wc -l)" ]
}

pass()
{
	on_host "$base" '' "$1" "$2" "$run_all" >/dev/null || { failures; return 1; }
	all_ran
}

# On a host whose clocksource is not the counter of guests, PTP has no answer. The series' test for a
# base without bitmap registers handles that. On other bases, the base's own part of the test expects
# an answer.
without_counter()
{
	take_selftests "$base" hypercalls
	on_host "$base" '' 'nohz=off highres=off' 1 "
		cd /sys/devices/system/clocksource/clocksource0 && echo jiffies >current_clocksource &&
			grep '^jiffies' current_clocksource || exit 1
		$run_all" >/dev/null || { failures; return 1; }
	all_ran
}

in_mode()
{
	# shellcheck disable=SC2046 # words
	take_selftests "$base" $(series_selftests "$base")
	# Some bases have a separate program for SVE only
	[ "${CPU:-max}" = max ] || rm -f "$trash/run/selftests/get-reg-list-sve"
	ok "$base: selftests of the series, $1" pass "$2" "$3"
	cp "$trash/host" "$trash/$base-series-$1"
	grep -aE '^ok .*# SKIP|^1\.\.0 # SKIP|: exit status 4' "$trash/host" >>"$trash/skipped"
}

# result UNPATCHED APPEND SMP FILE: writes the output of each test that does not depend on time
result()
{
	on_host "$base" "$1" "$2" "$3" "$run_all" >/dev/null
	echo "exit status $?" >>"$trash/host"
	grep -aE '^(==|ok|not ok|1\.\.|#.*(pass|fail|skip)|exit status|.*PASS|.*SKIP)' "$trash/host" |
		tr -d '\r' >"$4"
	# Each test was run, and printed its result
	for test in "$trash/run/selftests"/*; do
		grep -q "^== ${test##*/}$" "$4" || { echo "${test##*/} was not run"; return 1; }
	done
	[ "$(wc -l <"$4")" -gt "$lines" ]
}

# The get-reg-list of a base without bitmap registers stops at one, as at any register of an unknown
# kind.
base_in_mode()
{
	# The older the base, the fewer tests, and the less they print
	lines=$(base_field "$base" base-selftest-lines)
	# shellcheck disable=SC2046 # words
	take_selftests "$base-unpatched" $(base_selftests "$base")
	had_bmaps "$base" || rm -f "$trash/run/selftests"/get-reg-list*
	ok "$base: the base's own selftests on the unpatched kernel, $1" \
		result 1 "$2" "$3" "$trash/$base-unpatched-$1"
	ok "$base: the base's own selftests on the patched kernel, $1" \
		result '' "$2" "$3" "$trash/$base-patched-$1"
	ok "$base: with the same results, $1" \
		same "$trash/$base-unpatched-$1" "$trash/$base-patched-$1"
}

for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	: >"$trash/skipped"
	deeply || MODES=$few_modes
	for_modes "$base" in_mode
	had_bmaps "$base" ||
		ok "$base: hypercalls on a host that keeps its time without the counter" without_counter
	sort -u "$trash/skipped" | sed 's/^/# in some mode: /'
	all || MODES=$few_modes
	for_modes "$base" base_in_mode
	MODES=
done

done_testing
