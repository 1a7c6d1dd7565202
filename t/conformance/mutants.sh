#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# mutants.sh BASE: breaks the series in each of the ways that t/conformance/mutants lists, and checks
# that the conformance program, or a selftest of the series, fails. MUTANTS= takes those that match.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=verify/mutants-lib.sh
. "$top/verify/mutants-lib.sh"

base=${1:-}
need_base "$base"
dir=$build/$base-mutants list=$top/t/conformance/mutants
start_shares "$list"
for step in tree kernel selftests; do
	"$top/scripts/$step.sh" "$base"
done
mutant_kernel ''

mkdir -p "$dir/run"
cat >"$dir/run/run" <<'END'
#!/bin/sh
conformance --only="$(cat only)" | sed -n 's/^not ok [0-9]* - /conformance: /p'
for test in $(cat selftests); do
	/selftests/$test >/tmp/out 2>&1 ||
		echo "selftest $test: $(grep -E -m 1 '^not ok|Assertion' /tmp/out || tail -n 1 /tmp/out)"
done
END
chmod +x "$dir/run/run"

# A protected VM takes a second to create, so only mutants that need one run on such a host
notice()
{
	append='' only=''
	series_selftests "$base" >"$dir/run/selftests"
	if [ "$1" = protected ]; then
		append=kvm-arm.mode=protected only='protected VM'
		: >"$dir/run/selftests"
	fi
	echo "$only" >"$dir/run/only"
	RUN=$dir/run LOG=$dir/console.log APPEND=$append SMP=4 TIMEOUT=300 \
		"$top/scripts/boot.sh" "$base" "mutants-$SHARE" >"$dir/said" 2>"$dir/boot" ||
		grep -q 'the kernel complained' "$dir/boot" ||
		die "the machine failed, so the mutant was not tested: $(head -n 1 "$dir/boot")"
	sed -n '1s/.*\(the kernel complained: .*\); the last lines of .*/\1/p' "$dir/boot" >>"$dir/said"
	why=$(grep -E -m 1 '^(conformance|selftest [^ ]*|the kernel complained): ' "$dir/said" | tr -d '\r')
	[ -n "$why" ]
}

# unbroken MODE: checks that all tests pass on the unbroken series
unbroken()
{
	place hypercalls.c
	build || die "the unbroken series does not build, see $errors"
	! notice "$1" || die "the unbroken series fails: $why"
	say "the unbroken series passes${append:+, $append}"
}

if [ "$SHARE" -eq 1 ]; then
	unbroken ''
	! chosen "$list" | grep -q '@protected$' || unbroken protected
fi
judge_share "$list"
