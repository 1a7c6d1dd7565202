# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the tests, not run, with the name of the test in $0. Every test has a directory of its
# own, $trash, for what it makes.
# shellcheck shell=sh

set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build}
scripts=$top/scripts
# shellcheck source=scripts/base-lib.sh
. "$scripts/base-lib.sh"
bases=${BASES:-$(all_bases | paste -s -d ' ')}
# Different bases can be tested at the same time
trash=$build/trash/$(basename "$0" .sh)
[ "$bases" != "${bases%% *}" ] || trash=$trash-$bases
rm -rf "$trash"
mkdir -p "$trash"
cd "$top" || exit 1
count=0

# comment FILE: as TAP diagnostics, not more of it than helps
comment()
{
	tail -n 60 "$1" | sed 's/^/# /'
}

# ok DESCRIPTION COMMAND...: one test, passed if the command is successful
ok()
{
	count=$((count + 1))
	description=$1
	shift
	if "$@" >"$trash/out" 2>&1 </dev/null; then
		echo "ok $count - $description"
	else
		echo "not ok $count - $description"
		comment "$trash/out"
	fi
}

# skip DESCRIPTION REASON
skip()
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# Is this 'make test-all'? 'make test' has an hour for all the bases.
all()
{
	[ -n "${ALL:-}" ]
}

# Is a base tested in depth? In 'make test' only if it has no other base to test.
deeply()
{
	all || [ "$bases" = "${bases%% *}" ]
}

# long REASON: this test is in 'make test-all' alone
long()
{
	all || {
		echo "1..0 # SKIP in make test-all: $1"
		exit 0
	}
}

bail()
{
	echo "Bail out! $*"
	exit 1
}

done_testing()
{
	echo "1..$count"
}

# fails STATUS PATTERN COMMAND...: the command ends with this status, and one line of ours
# that matches
fails()
{
	want=$1 pattern=$2
	shift 2
	status=0
	"$@" >"$trash/fails" 2>&1 </dev/null || status=$?
	cat "$trash/fails"
	if [ "$status" -ne "$want" ]; then
		echo "exit status $status instead of $want"
		return 1
	fi
	grep -E "$pattern" "$trash/fails" >/dev/null || {
		echo "no line matches '$pattern'"
		return 1
	}
	if [ "$(grep -c '^[a-z0-9/-]*\.sh: ' "$trash/fails")" -gt "${lines:-1}" ]; then
		echo "more than one line"
		return 1
	fi
}

same()
{
	diff -u "$1" "$2"
}

# state_header VERSION SIZE: how a STATE file starts, up to its checksum
state_header()
{
	printf '{\n  "format": "fwregs-state",\n  "version": %u,\n  "size": %8u,\n  "crc32": "' "$1" "$2"
}

# sealed JSON [VERSION]: a STATE file with the members of that JSON, after first lines that are right
sealed()
{
	set -- "$1" "${2:-2}"
	{ printf '",'; sed '1s/{//' "$1"; } >"$trash/rest"
	size=$(($(state_header "$2" 0 | wc -c) + 8 + $(wc -c <"$trash/rest")))
	# gzip's trailer has the CRC-32, its lowest byte first
	crc=$({ state_header "$2" "$size"; cat "$trash/rest"; } | gzip -c | tail -c 8 |
		head -c 4 | od -A n -t x1 | awk '{ print $4 $3 $2 $1 }')
	state_header "$2" "$size"
	printf %s "$crc"
	cat "$trash/rest"
}

# have_programs, have_tree BASE [UNPATCHED], have_kernel BASE [UNPATCHED]: they are
# there and up to date, or there is no point in going on
have_programs()
{
	"$scripts/programs.sh" >"$trash/build.log" 2>&1 || {
		comment "$trash/build.log"
		bail "the programs do not build"
	}
}

have_tree()
{
	"$scripts/tree.sh" "$@" >"$trash/build.log" 2>&1 || {
		comment "$trash/build.log"
		bail "there is no tree of $*"
	}
}

have_kernel()
{
	# In a run of several tests, the first one makes it. The last step always writes its file.
	[ -z "${STARTED:-}" ] ||
		[ -z "$(find "$build/$(variant "$@")/initramfs.cpio" -newer "$STARTED" 2>/dev/null)" ] || return 0
	have_tree "$@"
	have_programs
	for step in kernel selftests initramfs; do
		"$scripts/$step.sh" "$@" >"$trash/build.log" 2>&1 || {
			comment "$trash/build.log"
			bail "$step.sh $* failed"
		}
	done
}

# on_host BASE UNPATCHED APPEND SMP SCRIPT: runs a shell script on an emulated host, with
# the files that are in $trash/run. The output is in $trash/host, the exit status that
# of the script.
on_host()
{
	mkdir -p "$trash/run"
	printf '#!/bin/sh\n%s\n' "$5" >"$trash/run/run"
	chmod +x "$trash/run/run"
	RUN=$trash/run LOG=$trash/console.log APPEND=$3 SMP=$4 TIMEOUT=${TIMEOUT:-300} \
		"$scripts/boot.sh" "$1" "$2" >"$trash/host" 2>"$trash/boot"
	host_status=$?
	cat "$trash/host" "$trash/boot"
	return $host_status
}

# tap: the lines of a TAP program that was run on a host, in $trash/tap, and its plan, in $plan
tap()
{
	tr -d '\r' <"$trash/host" >"$trash/tap"
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$trash/tap")
}

# conforms BASE APPEND SMP OPTIONS: runs the conformance program on the patched kernel. All of its
# plan has to be ok.
conforms()
{
	on_host "$1" '' "$2" "$3" "conformance $4" >/dev/null
	tap
	grep -aE '^not ok|^#|^Bail' "$trash/tap" | tail -n 40
	cat "$trash/boot"
	[ "$host_status" -eq 0 ] && [ "${plan:-0}" -gt 0 ] && [ "$plan" -eq "$(grep -ac '^ok' "$trash/tap")" ]
}

# modes BASE: ways to boot a host. A name, kernel arguments, number of CPUs and emulated CPU
# in each line. A base that cannot be told to leave VHE alone gets a CPU that has none.
modes()
{
	append=kvm-arm.mode=nvhe cpu=
	grep -q 'kvm-arm.mode=' "$build/$1/tree/Documentation/admin-guide/kernel-parameters.txt" ||
		append='' cpu=cortex-a57
	for smp in 1 4; do
		echo "VHE,${smp}CPU||$smp|"
		echo "nVHE,${smp}CPU|$append|$smp|$cpu"
	done
}

# for_modes BASE COMMAND...: with a mode's name, kernel arguments and number of CPUs. MODES
# is a pattern for the names of those to take.
for_modes()
{
	modes "$1" | grep -E -e "${MODES:-.}" >"$trash/modes"
	shift
	while IFS='|' read -r mode append smp cpu; do
		export CPU="$cpu"
		"$@" "$mode" "$append" "$smp"
	done <"$trash/modes"
	unset CPU
}

# What there is no time for in all modes is done in these, which differ most
# shellcheck disable=SC2034 # for those who source this
few_modes='^VHE,1|^nVHE,4'

# had_bmaps BASE: does the unpatched kernel have bitmap firmware registers?
had_bmaps()
{
	[ -n "$(base_bitmaps "$1" 1)" ]
}

# ssbs_matters BASE: does WORKAROUND_2 depend on the VM's ID_AA64PFR1_EL1.SSBS? Such a base
# lists firmware registers before ID registers as it comes, and last with the series.
ssbs_matters()
{
	grep -q 'kvm_has_feat(vcpu->kvm, ID_AA64PFR1_EL1, SSBS' \
		"$build/$1-unpatched/tree/arch/arm64/kvm/hypercalls.c"
}

# is_mode MODE: KVM said at boot that it runs that way
is_mode()
{
	case $1 in
	VHE*) grep -a 'kvm.*: VHE mode initialized' "$trash/console.log" ;;
	nVHE*) grep -a -E 'kvm.*: Hyp (nVHE )?mode initialized' "$trash/console.log" ;;
	esac
}
