#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# series.sh BASE TOPIC: writes a topic of a base to build/BASE/series-TOPIC, ready for
# git send-email: without bracketed notes, with the capability's number replaced by the next
# free one of the base, and with the recipients that the base's MAINTAINERS names.
. "$(dirname "$0")/lib.sh"

base=${1:-} topic=${2:-}
need_base "$base"
digits=$(topic_digits "$topic")
[ -n "$digits" ] || die "unknown TOPIC '$topic', there are: $(topics | tr '\n' ' ')"
patches=$top/patches/$base
cover=$patches/$(cover_letter "$topic")
[ -f "$cover" ] || die "the topic $topic has no patches for $base"
need_tool git perl
tree=$build/$base/tree
out=$build/$base/series-$topic

# The number of the capability on every base, and the next free one of this base
ours=10207
next=$(git -C "$tree" show base:include/uapi/linux/kvm.h |
	sed -nE 's/^#define KVM_CAP_[A-Z0-9_]+[ \t]+([0-9]+).*/\1/p' | sort -n | tail -n 1)
next=$((next + 1))
[ "$next" -gt 1 ] || die "the base of $tree has no capability"

# A note is in lines of its own and in brackets: [BASE: ...] or [The number of ...]. Removes notes
# and the empty lines that they leave, replaces the number, and adds a line about it after the ---
# of the patch that defines it.
clean()
{
	awk -v ours="$ours" -v next_free="$next" '
	FNR == NR { defines = defines || /^\+#define KVM_CAP_/ && $3 == ours; next }
	/^---$/ && !below {
		below = 1
		print
		if (defines)
			print "The number of the capability, " next_free ", is the next free one. It is assigned at merge.\n"
		next
	}
	!below && /^\[([0-9]+\.[0-9]+|The number of )/ { note = 1 }
	note { note = !/\]$/; next }
	!below && /^$/ { empty = 1; next }
	{
		if (empty)
			print ""
		empty = 0
		line = ""
		while (!/^@@/ && match($0, "(^|[^0-9a-zA-Z])" ours "($|[^0-9a-zA-Z])")) {
			at = RSTART + (substr($0, RSTART, 1) != substr(ours, 1, 1))
			line = line substr($0, 1, at - 1) next_free
			$0 = substr($0, at + length(ours))
		}
		print line $0
	}
	END { exit note }' "$1" "$1" || die "a note in ${1##*/} has no end"
}

# recipients HEADER: makes a header of the lines of the input
recipients()
{
	sort -u | sed "1 s/^/$1: /; 1 ! s/^/ /; \$ ! s/\$/,/"
}

# ask OPTION... FILE: prints whom MAINTAINERS names
ask()
{
	(cd "$tree" && scripts/get_maintainer.pl --no-git --no-git-fallback --no-fixes --no-rolestats "$@")
}

rm -rf "$out"
mkdir "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for patch in "$patches/$digits"??-*.patch "$cover"; do
	clean "$patch" >"$out/${patch##*/}"
done

# All mails go to the recipients of any patch, so that nobody gets half a topic, and to KVM/arm64:
# an older MAINTAINERS does not list its selftests and documentation
for header in To Cc; do
	without='--nol --nor'
	[ $header = To ] || without=--nom
	# shellcheck disable=SC2086 # words
	{ ask $without "$out"/*.patch; ask $without -f arch/arm64/kvm/hypercalls.c; } |
		recipients $header >"$work/$header"
	[ -s "$work/$header" ] || die "scripts/get_maintainer.pl of $base names nobody ($header)"
done

for mail in "$out"/*; do
	# After the subject, which may be folded
	awk -v headers="$work/To $work/Cc" '
	function insert(	i, n, file, line) {
		n = split(headers, file, " ")
		for (i = 1; i <= n; i++)
			while ((getline line <file[i]) > 0)
				print line
	}
	subject && !/^[ \t]/ { insert(); subject = 0 }
	/^Subject: / && !seen { subject = seen = 1 }
	{ print }' "$mail" >"$work/mail"
	cat "$work/mail" >"$mail"
done
! grep -nw "$ours" "$out"/* || die "the mails still have the number $ours"
say "$out: $(ls "$out" | wc -l) mails, 'git send-email $out/*' sends them"
