#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# 'make series' writes each topic as mails: they apply on top of the topics before it, build, and
# result in the tree of the base, except for the number of the capability.
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/lib.sh
. "$scripts/lib.sh"
. "$top/t/steps-lib.sh"
set +e

posted()
{
	echo "$build/$base/series-$1"
}

ready()
{
	for mail in "$(posted "$1")"/*; do
		awk '/^$/ { exit } { print }' "$mail" >"$trash/header"
		grep -q '^To: .*@' "$trash/header" && grep -q '^Cc: .*@' "$trash/header" ||
			{ echo "$mail is to nobody"; return 1; }
		grep -q 'kvmarm@' "$trash/header" || { echo "$mail is not to the list"; return 1; }
		! grep -nw 10207 "$mail" || return 1
		! sed '/^---$/q' "$mail" | grep -nE '^\[([0-9.]+:|The number)' || return 1
	done
	[ "$(ls "$(posted "$1")"/*.patch | wc -l)" -eq "$(ls "$top/patches/$base/$(topic_digits "$1")"??-*.patch | wc -l)" ]
}

# The number is the next free one, and a note says so
has_next_number()
{
	next=$(sed -n 's/^+#define KVM_CAP_ARM_HVC_FW_REG_BMAP //p' "$(posted capability)"/*.patch)
	[ -n "$next" ] &&
	git -C "$build/$base/tree" show base:include/uapi/linux/kvm.h >"$trash/kvm.h" &&
	! grep -E "^#define KVM_CAP_[A-Z0-9_]+[[:space:]]+$next\$" "$trash/kvm.h" &&
	grep -E "^#define KVM_CAP_[A-Z0-9_]+[[:space:]]+$((next - 1))\$" "$trash/kvm.h" &&
	grep "^The number of the capability, $next, .* assigned at merge\.\$" "$(posted capability)"/*.patch
}

mails_apply()
{
	steps_git -c user.name=test -c user.email=test@localhost am "$(posted "$1")"/*.patch
}

# In depth, builds all of KVM and the selftests, and otherwise what the series touches
mails_build()
{
	deeply || {
		# shellcheck disable=SC2046 # words
		kmake "$base-steps" $(there 'arch/*.c' | sed 's/\.c$/.o/')
		return
	}
	kmake "$base-steps" prepare "arch/$arch/kvm/" && links &&
	selftests_make "$base-steps" EXTRA_CFLAGS=-Werror
}

# All lines that differ from the tree of the base have the number
makes_the_tree()
{
	steps_git diff -U0 "$(git -C "$build/$base/tree" rev-parse HEAD)" >"$trash/diff"
	grep '^[-+][^-+]' "$trash/diff" >"$trash/changes"
	cat "$trash/changes"
	[ "$(grep -cw 10207 "$trash/changes")" -gt 0 ] &&
	[ "$(grep -cw 10207 "$trash/changes")" -eq "$(grep -cw "$next" "$trash/changes")" ] &&
	! grep -vw -e 10207 -e "$next" "$trash/changes"
}

for base in $bases; do
	have_tree "$base"
	have_kernel "$base" 1
	steps_tree
	ok "$base: the objects of the base are there" steps_objects
	for topic in $(topics); do
		[ -f "$top/patches/$base/$(cover_letter "$topic")" ] || continue
		ok "$base, $topic: make series writes it" "$scripts/series.sh" "$base" "$topic"
		ok "$base, $topic: it is ready to be sent" ready "$topic"
		ok "$base, $topic: it applies after the topics before" mails_apply "$topic"
		if [ "$topic" = capability ]; then
			ok "$base, $topic: it has the number that is next" has_next_number
			ok "$base, $topic: it builds" mails_build
		fi
	done
	ok "$base: all topics together make the tree of the base" makes_the_tree
done
ok 'a topic that there is not is named' \
	fails 1 "^series.sh: unknown TOPIC 'nosuch', there are: .*capability" "$scripts/series.sh" "$base" nosuch

done_testing
