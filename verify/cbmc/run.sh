#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# run.sh BASE [PROPERTY...]: proves the properties in verify/cbmc with CBMC, and shows that each
# proof fails for each of its mutants of hypercalls.c. Prints a line for each that begins with "ok"
# or "not ok". Logs are in build/verify/BASE/cbmc. PROOFS=1 leaves the mutants out. If a base lacks
# what all mutants of a property need, the property is skipped.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=verify/shim/lib.sh
. "$top/verify/shim/lib.sh"
# shellcheck source=verify/mutants-lib.sh
. "$top/verify/mutants-lib.sh"

# preprocess BASE SOURCE PROPERTY OUT
preprocess()
{
	flags=$(verify_flags "$1")
	cpp="${cross}gcc -E -ffreestanding -D__CPROVER__"
	# hypercalls.c includes the kernel's headers only
	# shellcheck disable=SC2086 # words
	$cpp $flags -nostdinc "$2" -o "$4/hypercalls.i" &&
	$cpp $flags "$top/verify/shim/machine.c" -o "$4/machine.i" &&
	$cpp $flags "$top/verify/cbmc/$3/harness.c" -o "$4/harness.i" &&
	$cpp "$top/verify/model.c" -o "$4/model.i"
}

# cbmc OUT OPTION...: exit status 0 for a proof, 10 for a counterexample
cbmc()
{
	dir=$1
	shift
	# shellcheck disable=SC2046 # words
	"$top/scripts/cbmc.sh" --arch arm64 $(grep -v '^#' "$top/verify/cbmc/options") "$@" \
		"$dir"/*.i >"$dir/log" 2>&1
}

# failed LOG: prints the first rule that does not hold, other than a bound that is too small
failed()
{
	sed -n 's/^\[\(.*\)\] \(.*\): FAILURE$/\1 \2/p' "$1" | grep -v '\.unwind\.' | head -n 1 |
		sed 's/^[^ ]* line [0-9]* //'
}

prove()
{
	out=$build/verify/$1/cbmc/$2
	rm -rf "$out"
	mkdir -p "$out"
	preprocess "$1" "$(source_of "$1")" "$2" "$out" 2>"$out/cpp.log" || {
		echo "not ok $2: does not compile: $(grep -m 1 error "$out/cpp.log")"
		return
	}
	status=0
	cbmc "$out" || status=$?
	case $status in
	0) echo "ok $2: proven, $(sed -n 's/^\*\* 0 of \([0-9]*\) failed.*/\1/p' "$out/log") checks" ;;
	10) echo "not ok $2: $(grep -m 1 ': FAILURE$' "$out/log")" ;;
	*) echo "not ok $2: CBMC ended with status $status, see $out/log" ;;
	esac
}

place()
{
	placed=$out/hypercalls.c
	cp "$(source_of "$base")" "$placed"
}

build()
{
	preprocess "$base" "$placed" "$property" "$out" 2>"$errors"
}

# A mutant has to break a rule of its property. Undefined behaviour is another property, and
# checking it takes time.
notice()
{
	checks=--no-standard-checks
	[ "$property" != no-undefined-behaviour ] || checks=
	status=0
	# shellcheck disable=SC2086 # words
	cbmc "$out" $checks || status=$?
	why=$(failed "$out/log")
	[ "$status" -ne 10 ] || [ -z "$why" ] || return 0
	why="status $status, see $out/log"
	return 1
}

# one BASE PROPERTY [N]: tries the proof, or its Nth mutant
one()
{
	base=$1 property=$2
	[ $# -eq 3 ] || { prove "$base" "$property"; return; }
	out=$build/verify/$base/cbmc/$property-mutant-$3 errors=$out/cpp.log
	rm -rf "$out"
	mkdir -p "$out"
	entries "$top/verify/cbmc/$property/mutants" "$(source_of "$base")" | sed -n "$3p" >"$out/mutant"
	IFS=@ read -r what file program _ <"$out/mutant"
	if judge "$what" "$file" "$program" >"$out/verdict"; then ok=ok; else ok='not ok'; fi
	echo "$ok $property: mutant: $(tail -n 1 "$out/verdict")"
}

if [ "$1" = one ]; then
	shift
	one "$@"
	exit
fi

base=${1:-}
need_base "$base"
shift
need_tool ${cross}gcc
verify_prepare "$base"
"$top/scripts/cbmc.sh" --version >"$build/verify/$base/cbmc.version"

# shellcheck disable=SC2046 # words
[ $# -gt 0 ] || set -- $(cd "$top/verify/cbmc" && echo */ | tr -d /)
for property in "$@"; do
	[ -f "$top/verify/cbmc/$property/harness.c" ] || die "there is no property '$property' in verify/cbmc"
done

# Proofs first, since they take longest
result=$build/verify/$base/cbmc.result
list=$build/verify/$base/cbmc.list
: >"$result"
: >"$list"
: >"$list.mutants"
for property in "$@"; do
	mutants=$top/verify/cbmc/$property/mutants
	rm -rf "$build/verify/$base/cbmc/$property"-mutant-*
	n=$(entries "$mutants" "$(source_of "$base")" | wc -l)
	if [ "$n" -gt 0 ]; then
		echo "one $base $property" >>"$list"
		seq -f "one $base $property %g" "$n" >>"$list.mutants"
	else
		lacks=$(sed -n 's/^#needs //p' "$mutants")
		[ -n "$lacks" ] || die "verify/cbmc/$property has no mutants, so its proof may be unable to fail"
		echo "ok $property # SKIP the base has no $lacks" | tee -a "$result"
	fi
done
# shellcheck disable=SC2046 # words
set -- $(cut -d ' ' -f 3 "$list")
[ -n "${PROOFS:-}" ] || cat "$list.mutants" >>"$list"
xargs -r -P "$jobs" -L 1 "$0" <"$list" | tee -a "$result"

# Names each rule of a harness that no mutant breaks
unbroken()
{
	for property in "$@"; do
		sed -n 's/^\[main\.assertion\.[0-9]*\] line [0-9]* \(.*\): SUCCESS$/\1/p' \
			"$build/verify/$base/cbmc/$property/log" | sort -u >"$list.rules"
		cat "$build/verify/$base/cbmc/$property"-mutant-*/log |
			sed -n 's/^\[main\.assertion\.[0-9]*\] line [0-9]* \(.*\): FAILURE$/\1/p' |
			sort -u >"$list.broken"
		comm -23 "$list.rules" "$list.broken" |
			sed "s/^/not ok $property: no mutant breaks the rule '/; s/\$/'/"
	done
}
[ -n "${PROOFS:-}" ] || unbroken "$@" | tee -a "$result"

bad=$(grep -c -v '^ok' "$result") || :
good=$(grep -c '^ok [^#]*: ' "$result") || :
say "$(grep -c ': proven' "$result") of $# properties proven, $(grep -c '^ok .*: mutant: ' "$result") mutants noticed, $bad failures"
[ "$bad" -eq 0 ] && [ "$good" -eq "$(wc -l <"$list")" ]
