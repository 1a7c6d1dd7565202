#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Checks the checkout without building anything.
. "$(dirname "$0")/lib.sh"

# A file that begins with "#!" is run. A file whose name ends in lib.sh is sourced, and says so.
is_script()
{
	sh -n "$1" || return 1
	case $1 in
	*lib.sh) head -n 2 "$1" | grep -q '^# Sourced .*not run' && [ ! -x "$1" ] ;;
	t/t[0-9]*) [ ! -x "$1" ] ;;
	*) head -n 1 "$1" | grep -q '^#!/bin/.*sh$' && [ -x "$1" ] ;;
	esac
}
scripts=$(git ls-files '*.sh'; git grep -l -e '^#!/bin/.*sh$' -- ':!*.sh' ':!*.c')
for script in $scripts; do
	ok "$script: a script, or a library of one" is_script "$script"
done
# shellcheck disable=SC2086 # words
ok 'shellcheck finds nothing in them' shellcheck -s sh -f gcc $scripts

in_git()
{
	[ -n "$(git ls-files scripts)" ]
}
ok 'this is a git checkout' in_git

spdx()
{
	missing=$(git ls-files scripts lib tool vmm kernel initramfs bench t verify docs Makefile .ci | while read -r file; do
		case $file in
		*.config|*.md|*.patch|*.json|*.png) continue ;;
		*/mutants|*/file-mutants|verify/cbmc/options|verify/fuzz/uncovered|verify/fuzz/seeds/*|verify/fuzz/file-seeds/*) continue ;;
		esac
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' || echo "$file"
	done)
	[ -z "$missing" ] || { echo "without SPDX tag: $missing"; return 1; }
}
ok 'every source file has an SPDX tag' spdx

licenses()
{
	git grep -h -o 'SPDX-License-Identifier: [A-Za-z0-9][A-Za-z0-9.-]*' -- scripts lib tool vmm kernel initramfs bench t verify Makefile |
		sort -u | while read -r _ id; do
			[ -f "LICENSES/$id.txt" ] || { echo "no LICENSES/$id.txt"; exit 1; }
		done
}
ok 'the text of every license that is named is there' licenses

# No mirror's host name, and no path of this machine
foreign()
{
	hosts=$(apt-get indextargets --format '$(SITE)' 2>/dev/null |
		sed 's,.*//,,; s,/.*,,' | sort -u)
	for word in $hosts "$top/"; do
		git grep -nIF -e "$word" -- .
		[ $? -eq 1 ] || return 1
	done
}
ok 'no host name of a mirror, no path of this machine' foreign

# The lines that a patch adds and removes
changes()
{
	sed -n '/^---$/,$p' "$1" | grep '^[-+]' | grep -v -e '^--- ' -e '^+++ ' -e '^---$'
}

# Other bases are compared with make's default base
reference=$(sed -n 's/^BASE ?= //p' Makefile)

for dir in patches/*/base; do
	dir=${dir%/base} base=${dir#patches/}
	for patch in "$dir"/*.patch; do
		ok "$patch: signed off" grep -q '^Signed-off-by: ' "$patch"
	done
	for field in package version suites state psci list-order series-selftests base-selftests base-selftest-lines; do
		ok "$dir/base has one $field" [ "$(base_field "$base" "$field" | grep -c '[^ ]')" -eq 1 ]
	done
	# The facts for C programs, tests and pages
	facts()
	{
		known='package|version|suites|state|register|psci|list-order|lacks|series-selftests|base-selftests'
		known="$known|base-selftest-lines|costs|quirk|known-failure|known-flake|known-splat"
		! grep -nvE "^#|^($known) [^ ]" "$dir/base" && ! grep '^# Copied from ' "$dir/base" &&
		! base_field "$base" register | grep -vE '^[A-Z_0-9]+ 0x[0-9a-f]+ 0x[0-9a-f]+( added)?$' &&
		! base_field "$base" psci | tr ' ' '\n' | grep -vxE '[0-9]\.[0-9]' &&
		! base_field "$base" list-order | grep -vxE 'as it comes|firmware registers last'
	}
	ok "$dir/base: each line is a field that is read, and has been checked" facts
	steps()
	{
		(cd "$dir" && ls -- *.patch) | sed -E 's/^([0-9]{4})-(.*)\.patch$/\1 \2/' | sort >"$trash/steps"
		cut -d ' ' -f 1,3 patches/steps | sort | comm -23 "$trash/steps" - >"$trash/unknown"
		cat "$trash/unknown"
		[ -s "$trash/steps" ] && [ ! -s "$trash/unknown" ]
	}
	ok "$dir: the patches are steps of patches/steps" steps
	says_why()
	{
		silent=0
		for patch in "$dir"/*.patch; do
			step=patches/$reference/${patch##*/}
			[ -f "$step" ] && [ "$base" != "$reference" ] || continue
			changes "$step" >"$trash/reference"
			changes "$patch" | cmp -s "$trash/reference" - || grep -q "^\\[$base: " "$patch" ||
				{ echo "$patch differs from $step"; silent=1; }
		done
		return $silent
	}
	ok "$dir: a patch that differs from that of $reference says why" says_why
	covers()
	{
		for cover in "$dir"/*.txt; do
			n=$(ls "${cover%00-cover-letter.txt}"??-*.patch | wc -l)
			grep -q "^Subject: \[PATCH 0/$n\] " "$cover" || return 1
		done
		[ "$(ls "$dir"/*.txt | wc -l)" -eq "$(ls "$dir"/*.patch | cut -c 1-$((${#dir} + 3)) | uniq | wc -l)" ]
	}
	ok "$dir: each topic has a cover letter, which counts its patches" covers
done

# The steps of a topic are together, and topics are in the order of their numbers
topics()
{
	cut -d ' ' -f 1 patches/steps | sort -c -u &&
	cut -c 1-2,5- patches/steps | cut -d ' ' -f 1,2 | uniq >"$trash/topics" &&
	printf '%s\n' '00 services' '01 fixes' '02 capability' '03 ceilings' '04 selftests' |
		diff - "$trash/topics"
}
ok 'patches/steps has the steps in order, topic by topic' topics

# Register n is the same on each base that has it
registers_agree()
{
	for base in $(all_bases); do
		base_field "$base" register | sed 's/ added$//' >"$trash/registers-$base"
	done
	all=$(wc -l "$trash"/registers-* | grep -v ' total$' | sort -n | awk 'END { print $2 }')
	for list in "$trash"/registers-*; do
		head -n "$(wc -l <"$list")" "$all" | diff "$list" - || return 1
	done
}
ok 'the bases agree on what register n is' registers_agree

# Only patches/BASE/base has facts about a base. Exceptions:
#   pages, whose tables are checked below; results/
#   Makefile: the default, and examples in the help
#   t/reports, t/state.c, t/t0030*, verify/fuzz/file-seeds: reports of such hosts, as test data
#   t/t8000*: names the pair that it moves between
#   lib/fwregs.h, tool: comments and texts for users without this repository
facts_elsewhere()
{
	names=$(all_bases | sed 's/\./[._]/' | paste -s -d '|')
	git grep -nIE "(^|[^0-9.])(BASE_)?($names)(\$|[^0-9])" -- . ':!patches' ':!*.md' ':!docs' \
		':!results' ':!Makefile' ':!t/reports' ':!t/state.c' ':!t/t0030*' ':!verify/fuzz/file-seeds' \
		':!t/t8000*' ':!lib/fwregs.h' ':!tool' ':!LICENSES'
	[ $? -eq 1 ]
}
ok 'no other file names a base' facts_elsewhere

# Limits for a reviewer: patches, lines of code added and removed, lines of documentation added, and
# lines of selftests added. A base that also gets the services may have more.
limits()
{
	# shellcheck disable=SC2046 # words
	scripts/sizes.sh $(all_bases) >"$trash/sizes" && cat "$trash/sizes" &&
	tr '+/-' '   ' <"$trash/sizes" | awk '
	$2 == "services" { more = $1 }
	$1 == more { next }
	$2 == "capability" && ++seen && ($3 > 5 || $4 > 110 || $5 > 25 || $6 > 120 || $8 > 250) ||
	$2 == "all" && ++seen && $3 > 18 {
		print "too large: " $0
		large = 1
	}
	END { exit large || seen < 6 }'
}
ok 'no topic is larger than can be reviewed' limits
small_tests()
{
	for patch in patches/*/04??-*.patch; do
		[ "$(git apply --numstat "$patch" | awk '{ n += $1 } END { print n }')" -le 300 ] ||
			{ echo "too large: $patch"; return 1; }
	done
}
ok 'no patch of the topic selftests adds more than 300 lines' small_tests

# Steps that a page names: 4 digits that begin with 00 to 04, as no other number does. Cover letters
# end in 00.
named_steps()
{
	grep -hoE '\b0[0-4][0-9]{2}\b' README.md docs/*.md docs/*.rst | grep -v '00$' | sort -u >"$trash/named"
	cut -d ' ' -f 1 patches/steps | sort -u | comm -23 "$trash/named" - >"$trash/unknown"
	cat "$trash/unknown"
	[ -s "$trash/named" ] && [ ! -s "$trash/unknown" ]
}
ok 'README and docs name steps that there are' named_steps

# Links to files and headings in the repository
links()
{
	git ls-files >"$trash/files"
	git ls-files '*.md' | xargs awk '
	# The anchor of a heading
	function anchor(heading) {
		heading = tolower(heading)
		gsub(/[^a-z0-9 _-]/, "", heading)
		gsub(/ /, "-", heading)
		return heading
	}
	# A path from the directory of a page
	function path(page, target) {
		if (target == "")
			return page
		if (!sub(/[^\/]*$/, "", page))
			page = ""
		target = page target
		while (sub(/[^\/]+\/\.\.\//, "", target))
			;
		return target
	}
	NR == FNR {
		is_there[$0]
		while (sub(/\/[^\/]*$/, ""))
			is_there[$0 "/"]
		next
	}
	/^```/ { code = !code }
	code { next }
	sub(/^#+ /, "") { anchors[FILENAME, anchor($0)] }
	match($0, /<a name="[^"]*"/) { anchors[FILENAME, substr($0, RSTART + 9, RLENGTH - 10)] }
	{
		gsub(/`[^`]*`/, "")
		while (match($0, /\]\([^)]*\)/)) {
			page[++n] = FILENAME
			link[n] = substr($0, RSTART + 2, RLENGTH - 3)
			$0 = substr($0, RSTART + RLENGTH)
		}
	}
	END {
		for (i = 1; i <= n; i++) {
			if (link[i] ~ /^[a-z]+:/)
				continue
			split(link[i] "#", part, "#")
			file = path(page[i], part[1])
			if (!(file in is_there) || part[2] && !((file, part[2]) in anchors)) {
				print page[i] ": " link[i] " leads nowhere"
				bad = 1
			}
		}
		exit bad || !n
	}' "$trash/files"
}
ok 'links in the pages lead somewhere' links

sections()
{
	git grep -hoiE '\bsections? [0-9]+( to [0-9]+)?' -- docs lib scripts t tool verify vmm | grep -oE '[0-9]+' |
		sort -u >"$trash/cited"
	sed -nE 's/^## ([0-9]+)\. .*/\1/p' docs/abi.md | sort -u | comm -23 "$trash/cited" - >"$trash/unknown"
	cat "$trash/unknown"
	[ -s "$trash/cited" ] && [ ! -s "$trash/unknown" ]
}
ok 'docs/abi.md has the sections that are cited' sections

tables()
{
	mkdir "$trash/pages" &&
	cp README.md docs/*.md "$trash/pages" && docs/generate.sh pages "$trash/pages"/*.md &&
	for page in README.md docs/*.md; do
		diff -u "$page" "$trash/pages/${page##*/}" ||
			{ echo "'make docs' has not been run"; return 1; }
	done
}
ok 'the tables in the pages are up to date' tables

done_testing
