#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# coverage.sh SOURCE LCOV EXPECTED: prints which lines and branches of the register half of
# hypercalls.c, from the list of ids to kvm_arm_set_fw_reg*(), were never reached. EXPECTED has to
# have exactly these, with reasons.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=verify/mutants-lib.sh
. "$top/verify/mutants-lib.sh"

[ $# -eq 3 ] || die "usage: coverage.sh SOURCE LCOV EXPECTED"
[ -s "$2" ] || die "there is no coverage in $2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -v source="$1" '
	# The source, to name a line by its text
	FILENAME == source {
		line[FNR] = $0
		if (/^static const u64 kvm_arm_fw_reg_ids/)
			first = FNR
		if (/^int kvm_arm_set_fw_reg/)
			inside = 1
		if (inside && /^}/) {
			last = FNR
			inside = 0
		}
		if (/^[a-z].*\(/ && !/;$/) {
			name = $0
			sub(/\(.*/, "", name)
			sub(/.*[ *]/, "", name)
		}
		fn[FNR] = name
		next
	}
	FNR == 1 { FS = "[:,]" }
	{ $0 = $0 }
	$1 == "SF" { here = ($0 == "SF:" source) }
	!here { next }
	$1 == "DA" && $2 >= first && $2 <= last { lines++; if ($3 == 0) miss($2, "line") }
	$1 == "BRDA" && $2 >= first && $2 <= last {
		branches++
		if ($5 == "-" || $5 == 0)
			miss($2, "branch")
	}
	function miss(n, what,	text) {
		text = line[n]
		gsub(/^[ \t]+|[ \t]+$/, "", text)
		print what "\t" fn[n] "\t" text
	}
	END {
		if (!lines || !branches || !last)
			exit 1
		print lines, branches >"/dev/stderr"
	}' "$1" "$2" 2>"$work/totals" | sort -u >"$work/found"
[ -s "$work/totals" ] || die "$2 has no coverage of $1"
read -r lines branches <"$work/totals"

entries "$3" "$1" | cut -f1-3 | sort >"$work/expected"
bad=0
comm -23 "$work/found" "$work/expected" >"$work/new"
comm -13 "$work/found" "$work/expected" >"$work/gone"
while IFS='	' read -r what fn text; do
	echo "not ok not reached: $what of $fn: $text"
	bad=1
done <"$work/new"
while IFS='	' read -r what fn text; do
	echo "not ok reached, or not there, but listed in $3: $what of $fn: $text"
	bad=1
done <"$work/gone"
[ $bad -eq 0 ] || exit 1
echo "ok $lines lines and $branches branches reached, but for $(wc -l <"$work/found") with a reason in verify/fuzz/uncovered"
