#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# run.sh BASE [PROPERTY...]: proves the properties in verify/cbmc with CBMC, and that
# each proof fails for each of its mutants of hypercalls.c. One line for each, on standard
# output: "ok", or "not ok", and what. Logs are in build/verify/BASE/cbmc. PROOFS=1 leaves the
# mutants out.
#
# Where the source of a base lacks the word in the file "needs" of a property, that has nothing
# to be said about. Nor has a mutant after a line "#needs WORD".
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=verify/shim/lib.sh
. "$top/verify/shim/lib.sh"

# preprocess BASE SOURCE PROPERTY OUT
preprocess()
{
	flags=$(verify_flags "$1")
	cpp="${cross}gcc -E -ffreestanding -D__CPROVER__"
	# The kernel's file sees no header but the kernel's.
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

# failed LOG: the first rule that does not hold. A bound that is too small is none.
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

# The mutant of one line of a file of mutants
mutant()
{
	what=$(sed -n "$3s/~.*//p" "$top/verify/cbmc/$2/mutants")
	program=$(sed -n "$3s/^[^~]*~//p" "$top/verify/cbmc/$2/mutants")
	out=$build/verify/$1/cbmc/$2-mutant-$3
	rm -rf "$out"
	mkdir -p "$out"
	sed "$program" "$(source_of "$1")" >"$out/hypercalls.c" || {
		echo "not ok $2: mutant '$what' is no sed program"
		return
	}
	! cmp -s "$out/hypercalls.c" "$(source_of "$1")" || {
		echo "not ok $2: mutant '$what' changes nothing"
		return
	}
	preprocess "$1" "$out/hypercalls.c" "$2" "$out" 2>"$out/cpp.log" || {
		echo "not ok $2: mutant '$what' does not compile: $(grep -m 1 error "$out/cpp.log")"
		return
	}
	# A mutant has to break the rules of its property. Whether it is also undefined is
	# another property, and asking for it takes time.
	checks=--no-standard-checks
	[ "$2" != no-undefined-behaviour ] || checks=
	status=0
	# shellcheck disable=SC2086 # words
	cbmc "$out" $checks || status=$?
	why=$(failed "$out/log")
	if [ "$status" -eq 10 ] && [ -n "$why" ]; then
		echo "ok $2: mutant '$what' fails: $why"
	else
		echo "not ok $2: mutant '$what' is not noticed (status $status), see $out/log"
	fi
}

if [ "$1" = one ]; then
	shift
	if [ -n "${3:-}" ]; then mutant "$@"; else prove "$@"; fi
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

has()
{
	grep -q -w -e "$1" "$(source_of "$base")"
}

# The numbers of the lines with the mutants of a property that the base can have
mutants_of()
{
	n=0 here=1
	while IFS= read -r line; do
		n=$((n + 1))
		case $line in
		'#needs '*) if has "${line#* }"; then here=1; else here=; fi ;;
		'#'*) ;;
		*) [ -z "$here" ] || echo $n ;;
		esac
	done <"$top/verify/cbmc/$1/mutants"
}

# Proofs first, since they take longest
result=$build/verify/$base/cbmc.result
list=$build/verify/$base/cbmc.list
: >"$result"
here=
for property in "$@"; do
	if [ -f "$top/verify/cbmc/$property/needs" ]; then
		read -r word reason <"$top/verify/cbmc/$property/needs"
		has "$word" || { echo "ok $property # SKIP $reason" | tee -a "$result"; continue; }
	fi
	here="$here $property"
done
# shellcheck disable=SC2086 # words
set -- $here
for property in "$@"; do
	echo "one $base $property"
done >"$list"
[ -n "${PROOFS:-}" ] || for property in "$@"; do
	mutants_of "$property" | sed "s/^/one $base $property /" >"$list.mutants"
	[ -s "$list.mutants" ] || die "verify/cbmc/$property has no mutants, so nobody knows whether its proof can fail"
	cat "$list.mutants" >>"$list"
done
xargs -r -P "$jobs" -L 1 "$0" <"$list" | tee -a "$result"

# Each rule of a harness has to be one that some mutant breaks
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
say "$(grep -c ': proven' "$result") of $# properties proven, $(grep -c "^ok .*: mutant" "$result") mutants noticed, $bad failures"
[ "$bad" -eq 0 ] && [ "$good" -eq "$(wc -l <"$list")" ]
