#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Other machines: pages of 64 KiB, and CPUs with other mitigation levels.
. "$(dirname "$0")/lib.sh"
long 'a third kernel for each base, and eight machines'
# shellcheck source=scripts/lib.sh
. "$scripts/lib.sh"
set +e

# The mitigation levels of each CPU, by section 7 of the ABI
cpus='cortex-a57 0 0 0
cortex-a72 0 0 0
cortex-a76 2 0 0
neoverse-n1 2 0 0
max 2 0 0'

# runs: prints a script that runs conformance and the selftests of the series
runs()
{
	echo "conformance >/tmp/tap; status=\$?; grep -E '^(not ok|Bail|1\\.\\.)' /tmp/tap
for test in $(series_selftests "$base"); do
	result=0
	/selftests/\$test >/tmp/out 2>&1 || result=\$?
	# It is skipped on a CPU without SVE
	[ \$test\$result != get-reg-list-sve4 ] || result=0
	[ \$result -eq 0 ] || { tail -n 20 /tmp/out; echo \"\$test: \$result\"; status=1; }
done
exit \$status"
}

# Larger pages make the selftests slow: 300 s are not enough on a busy machine
passes()
{
	TIMEOUT=900 on_host "$base" "$1" '' 2 "$(runs)"
}

levels()
{
	on_host "$base" "$1" '' 1 'fwregs list' >/dev/null || return 1
	for n in 1 2 3; do
		shift
		grep -E "SMCCC_ARCH_WORKAROUND_$n +0x$1 " "$trash/host" || return 1
	done
}

# AT_PAGESZ is 6
pages_of_64k()
{
	on_host "$base" 64k '' 1 'od -A n -t x8 /proc/self/auxv' >/dev/null
	grep -E '^ *0{15}6 0{11}10000' "$trash/host"
}

for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 64k
	echo "$cpus" >"$trash/cpus"
	while read -r CPU wa1 wa2 wa3; do
		export CPU
		ok "$base: conformance and selftests on $CPU" passes ''
		ok "$base: mitigation levels of $CPU" levels '' "$wa1" "$wa2" "$wa3"
		case $CPU in
		cortex-a57|neoverse-n1|max)
			ok "$base: conformance and selftests on $CPU, pages of 64 KiB" passes 64k
			;;
		esac
	done <"$trash/cpus"
	unset CPU
	ok "$base: the pages were that large" pages_of_64k
done

done_testing
