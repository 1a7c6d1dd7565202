#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The series of each base: it applies, each step builds, and the kernel's checkers find nothing that
# they do not find in the base.
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/lib.sh
. "$scripts/lib.sh"
. "$top/t/steps-lib.sh"
. "$top/verify/mutants-lib.sh"
set +e

# Warnings without line numbers, which the series changes. ccache makes paths relative.
placeless()
{
	grep -aE 'warning:|error:' "$1" | sed -E "s,$build/[^/]*/tree/,,g; s,\.\./tree/,,g; s,:[0-9]+(:[0-9]+)?:,:,; s/@@ -[0-9,]+ \+[0-9,]+ @@/@@/" |
		sort -u
}

# new_warnings BEFORE AFTER: prints them, and succeeds if there are none
new_warnings()
{
	placeless "$1" >"$trash/before"
	placeless "$2" >"$trash/after"
	comm -13 "$trash/before" "$trash/after" >"$trash/new"
	cat "$trash/new"
	[ ! -s "$trash/new" ]
}

applies()
{
	steps_tree &&
	steps_git -c user.name=test -c user.email=test@localhost \
		am "$top/patches/$base"/*.patch &&
	[ "$(steps_git rev-parse 'HEAD^{tree}')" = \
	  "$(git -C "$build/$base/tree" rev-parse 'HEAD^{tree}')" ]
}

refresh_is_stable()
{
	rm -rf "$trash/patches"
	cp -r "$top/patches/$base" "$trash/patches"
	"$scripts/refresh.sh" "$base" "$trash/patches" &&
	diff -r "$top/patches/$base" "$trash/patches"
}

# sparse and W=1 on the objects that the series touches only
lint_objects()
{
	objects=$(there '*.c' ':!tools' | sed 's/\.c$/.o/')
	# shellcheck disable=SC2086 # words
	kmake "$base-steps" prepare &&
	(cd "$build/$base-steps/obj" && rm -f $objects) &&
	kmake "$base-steps" C=1 W=1 $objects >"$1" 2>&1
}

# Ignored: MAINTAINERS already has the directories of new files, and the tree has no history with the
# commit of a Fixes: tag
checkpatch()
{
	(cd "$build/$base/tree" && scripts/checkpatch.pl --strict --terse --no-summary -q --no-signoff \
		--ignore FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID "$@")
}

# A directory of files for the semantic patches. With a directory instead of files, spatch parses
# only files that have the words of a rule. The canary is a file with known findings: without them,
# a run that finds nothing in the series would mean nothing.
looked_at=$trash/looked-at
canary=fwregs-canary.c

# look_at FILE...: copies these files of the checked-out step, and the headers beside them
look_at()
{
	rm -rf "$looked_at"
	mkdir "$looked_at"
	cat >"$looked_at/$canary" <<-'END'
	int canary(int *p)
	{
		if (p)
			return 0;;
		return !p == 0;
	}
	END
	(
		cd "$build/$base-steps/tree" &&
		{
			printf '%s\n' "$@"
			printf '%s\n' "$@" | sed 's,[^/]*$,,' | sort -u |
				while read -r dir; do find "$dir" -maxdepth 1 -name '*.h'; done
		} | xargs cp --parents -t "$looked_at"
	)
}

# One semantic patch: TREE REPORTS RULE
cat >"$trash/spatch" <<'END'
rule=$1/$3 reports=$2
# shellcheck disable=SC2046 # words
spatch -D report --very-quiet $(sed -n 's,^// *Options: *,,p' "$rule") \
	--cocci-file "$rule" --dir . >"$reports/${rule##*/}" 2>/dev/null </dev/null ||
	echo "failed: $rule" >>"$reports/${rule##*/}"
END

# cocci RULES REPORTS FILE...: the semantic patches that RULES lists, on the files
cocci()
{
	rules=$1 reports=$2
	shift 2
	rm -rf "$trash/reports"
	mkdir "$trash/reports"
	look_at "$@" || return 1
	(
		cd "$looked_at" &&
		xargs -P "$jobs" -I '{}' sh "$trash/spatch" "$build/$base-steps/tree" "$trash/reports" '{}' <"$rules"
	)
	cat "$trash/reports"/* | sed 's/^/warning: /' >"$reports"
}

# cocci_series REPORTS FILE...: runs each semantic patch of the base that can report, on the files. Up
# to 5 may fail, since some need OCaml in spatch, which Debian's lacks. Those that report something
# are in $trash/reporting.
cocci_series()
{
	reports=$1
	(cd "$build/$base-steps/tree" && grep -rl 'virtual report' scripts/coccinelle --include='*.cocci') \
		>"$trash/rules"
	cocci "$trash/rules" "$@" || return 1
	while IFS= read -r rule; do
		! reported "$trash/reports/${rule##*/}" >/dev/null || echo "$rule"
	done <"$trash/rules" >"$trash/reporting"
	grep 'failed: ' "$reports"
	[ "$(grep -c 'failed: ' "$reports")" -le 5 ] && grep -q "$canary" "$reports"
}

# reported REPORTS: without the canary's
reported()
{
	grep -v -e "$canary" -e 'failed: ' "$1"
}

# Each mutant changes its file
mutants_change()
{
	kvm=$build/$base/tree/arch/$arch/kvm
	for list in t/conformance/mutants verify/*/mutants verify/cbmc/*/mutants; do
		entries "$list" "$kvm/hypercalls.c"
	done >"$trash/mutants"
	while IFS=@ read -r what file program _; do
		cp "$kvm/$file" "$trash/mutant"
		mutate "$trash/mutant" "$program" || echo "changes nothing: $what"
	done <"$trash/mutants" >"$trash/unchanged"
	cat "$trash/unchanged"
	[ "$(wc -l <"$trash/mutants")" -gt 200 ] && [ ! -s "$trash/unchanged" ]
}

docs()
{
	make -C "$build/$base-steps/tree" O="$build/$base-steps/docs-obj" -j"$jobs" \
		SPHINXDIRS=virt/kvm htmldocs >"$1" 2>&1 || { cat "$1"; return 1; }
	# Sphinx names the file first. Errors count as warnings here.
	sed -i -E 's/(WARNING|ERROR|SEVERE):/warning:/' "$1"
}

for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	ok "$base: the series applies to the base, and makes the tree" applies
	ok "$base: make refresh after make tree changes nothing" refresh_is_stable
	ok "$base: checkpatch --strict on each patch" checkpatch "$top/patches/$base"/*.patch

	ok "$base: what the mutants break is there" mutants_change
	steps_tree
	ok "$base: the objects of the base are there" steps_objects
	commits=$(git -C "$build/$base/tree" rev-list --reverse base..HEAD)
	commit=$(git -C "$build/$base/tree" rev-parse HEAD)
	deeply || {
		skip "$base: each step builds" 'make test-all, or BASES= with one: three minutes'
		commits=
		steps_git checkout -q "$commit"
	}
	for commit in $commits; do
		subject=$(git -C "$build/$base/tree" log -1 --format=%s "$commit")
		ok "$base: builds: $subject" step_builds "$commit"
	done
	ok "$base: sparse and W=1 on the series" lint_objects "$trash/lint-series"
	placeless "$trash/lint-series" >"$trash/reported-series"
	if [ -s "$trash/reported-series" ]; then
		steps_git checkout -q base
		ok "$base: sparse and W=1 on the base" lint_objects "$trash/lint-base"
		ok "$base: no new warning of sparse and W=1" new_warnings "$trash/lint-base" "$trash/lint-series"
		steps_git checkout -q "$commit"
	fi

	files=$(there '*.c')
	# shellcheck disable=SC2086 # words
	ok "$base: coccicheck on the series" cocci_series "$trash/cocci-series" $files
	if reported "$trash/cocci-series" >"$trash/reported-series"; then
		steps_git checkout -q base
		files=$(there '*.c')
		# shellcheck disable=SC2086 # words
		ok "$base: coccicheck on the base" cocci "$trash/reporting" "$trash/cocci-base" $files
		reported "$trash/cocci-base" >"$trash/reported-base"
		ok "$base: no new report of coccicheck" new_warnings "$trash/reported-base" "$trash/reported-series"
	fi

	steps_git checkout -q base
	ok "$base: the documentation of the base builds" docs "$trash/docs-base"
	steps_git checkout -q "$commit"
	ok "$base: the documentation of the series builds" docs "$trash/docs-series"
	ok "$base: no new warning of Sphinx" new_warnings "$trash/docs-base" "$trash/docs-series"
done

done_testing
