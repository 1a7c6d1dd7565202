#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# 'make port' on kernels of a few lines: a port that applies, one with a conflict, steps that the
# new kernel already has, and wrong arguments.
. "$(dirname "$0")/lib.sh"

co=$trash/checkout
export BUILD="$trash/build"

quiet_git()
{
	git -c user.name=test -c user.email=test@localhost -C "$@"
}

commit()
{
	quiet_git "$1" add -A -f && quiet_git "$1" commit -q -s -m "$2"
}

# kernel NAME LINE...: makes the source of a kernel, a git tree with a file of these lines
kernel()
{
	git init -q "$trash/$1"
	name=$1
	shift
	printf '%s\n' "$@" >"$trash/$name/file"
	commit "$trash/$name" base
}

port()
{
	"$co/scripts/port.sh" "$@"
}

# The base to start from, 0.1, with three steps of two topics
mkdir -p "$co/patches/0.1"
cp -r scripts kernel "$co/"
printf '%s\n' '0101 numbers Make-it-2' '0102 numbers Make-it-8' '0201 words Add-ten' >"$co/patches/steps"
printf '%s\n' 'package linux-source-0.1' 'version 0.1-1' 'suites bookworm' 'state complete' 'psci 1.0' >"$co/patches/0.1/base"
echo CONFIG_ODD=y >"$co/patches/0.1/kernel.config"
for digits in 01 02; do
	printf 'Subject: [PATCH 0/0] A test, for 0.1\n\nThe text of 0.1.\n\nfoo (1):\n  bar\n' \
		>"$co/patches/0.1/${digits}00-cover-letter.txt"
done
kernel source one two three four five six seven eight nine
git clone -q "$trash/source" "$trash/author"
for change in 's/two/2/~Make it 2' 's/eight/8/~Make it 8' '$ a ten~Add ten'; do
	sed -i "${change%~*}" "$trash/author/file"
	commit "$trash/author" "${change#*~}

[0.1: says why]"
done
git -C "$trash/author" format-patch -q --no-signature -o "$co/patches/0.1" HEAD~3
for step in 0101-Make-it-2 0102-Make-it-8 0201-Add-ten; do
	mv "$co/patches/0.1"/000?-"${step#*-}.patch" "$co/patches/0.1/$step.patch"
done
made()
{
	SRC=$trash/source "$co/scripts/tree.sh" 0.1 && "$co/scripts/refresh.sh" 0.1
}
ok 'there is a base to start from' made

nothing()
{
	[ ! -e "$co/patches/0.2" ] && [ ! -e "$BUILD/0.2" ]
}
ok 'an unknown FROM is refused' fails 1 "^port.sh: unknown BASE '0.9', there are: 0.1$" port 0.9 0.2 linux-source-0.2
ok 'no TO is refused' fails 1 "^port.sh: TO= is the base to start, MAJOR.MINOR, not ''$" port 0.1 '' linux-source-0.2
ok 'a TO that is no release is refused' fails 1 "^port.sh: TO= is .*, not '../0.2'$" port 0.1 ../0.2 linux-source-0.2
ok 'a TO that is there is refused' fails 1 '^port.sh: patches/0.1 is there already$' port 0.1 0.1 linux-source-0.1
ok 'no package is refused' fails 1 '^port.sh: PACKAGE= names the package with the source of 0.2$' port 0.1 0.2 ''
ok 'and so is a package that the mirror does not have' \
	fails 1 'the mirror has no linux-source-0.2 in bookworm any more' port 0.1 0.2 linux-source-0.2
ok 'and there is nothing of it' nothing
export SRC="$trash/nosuch"
ok 'a source that is not there is refused' fails 1 'nosuch is neither a tarball nor a git tree' port 0.1 0.2 x
ok 'and there is nothing of it, either' nothing

# is_ported BASE FILE STEP...: the tree's file has these lines, and the base has these steps
is_ported()
{
	base=$1 lines=$2
	shift 2
	[ "$(paste -s -d ' ' "$BUILD/$base/tree/file")" = "$lines" ] || return 1
	(cd "$co/patches/$base" && printf '%s\n' *.patch) >"$trash/steps"
	printf '%s.patch\n' "$@" | diff - "$trash/steps" &&
	! grep -F '[0.1: ' "$co/patches/$base"/*.patch &&
	"$co/scripts/tree.sh" "$base" && [ ! -e "$BUILD/$base/port" ]
}
kernel clean zero one two three four five six seven eight nine
SRC=$trash/clean
port_says()
{
	port 0.1 0.2 linux-source-0.2 trixie trixie-security >"$trash/said" 2>&1
	status=$?
	cat "$trash/said"
	[ $status -eq 0 ] && grep -x -e '-- 0101-Make-it-2.patch: merged' "$trash/said" &&
	grep -x -e '-- 0102-Make-it-8.patch' "$trash/said" && grep '^-- patches/0.2 has 3 of 3 steps' "$trash/said"
}
ok 'a port that applies, and says what was merged' port_says
ok 'has every step, with notes about the new base' \
	is_ported 0.2 'zero one 2 three four five six seven 8 nine ten' 0101-Make-it-2 0102-Make-it-8 0201-Add-ten
base_file()
{
	printf '%s\n' '# Copied from 0.1: check each line, then remove this one' 'package linux-source-0.2' 'version 0.2' \
		'suites trixie trixie-security' 'state ported from 0.1, not tested' 'psci 1.0' |
		diff - "$co/patches/0.2/base" && cmp "$co/patches/0.1/kernel.config" "$co/patches/0.2/kernel.config"
}
ok 'a base file with the facts of the old one' base_file
letters()
{
	grep -x 'Subject: \[PATCH 0/2\] A test, for 0.2' "$co/patches/0.2/0100-cover-letter.txt" &&
	grep -x 'The text of 0.1.' "$co/patches/0.2/0100-cover-letter.txt" &&
	grep -x 'Subject: \[PATCH 0/1\] A test, for 0.2' "$co/patches/0.2/0200-cover-letter.txt"
}
ok 'and cover letters that count its patches' letters
cp -r "$co/patches/0.2" "$trash/patches"
same_again()
{
	"$co/scripts/refresh.sh" 0.2 && diff -r "$trash/patches" "$co/patches/0.2"
}
ok 'refresh changes nothing in them' same_again
ok 'a second port to it is refused' fails 1 '^port.sh: patches/0.2 is there already$' port 0.1 0.2 linux-source-0.2

# A conflict stays in the tree until it is solved
kernel conflict one zwei three four five six seven eight nine
SRC=$trash/conflict
ok 'a conflict is named' fails 1 '^port.sh: 0101-Make-it-2.patch: conflict in file in .*/0.3/tree; ' port 0.1 0.3 linux-source-0.3
ok 'and is in the tree' grep -x '<<<<<<< .*' "$BUILD/0.3/tree/file"
ok 'the same command wants it solved' fails 1 '^port.sh: there is a conflict in .*/0.3/tree: ' port 0.1 0.3 linux-source-0.3
solve()
{
	sed -i '/^[<>|=]\{7\}/d; /^zwei$/d; /^two$/d' "$BUILD/0.3/tree/file" &&
	quiet_git "$BUILD/0.3/tree" add file && quiet_git "$BUILD/0.3/tree" am --continue
}
ok 'git am --continue takes what was solved' solve
ok 'another FROM is refused meanwhile' fails 1 '^port.sh: patches/0.3 has been started with FROM=0.1$' port 0.2 0.3 linux-source-0.3
ok 'and the same command goes on' port 0.1 0.3 linux-source-0.3
ok 'to its end' is_ported 0.3 'one 2 three four five six seven 8 nine ten' 0101-Make-it-2 0102-Make-it-8 0201-Add-ten

# Steps that the kernel already has, and one that is left out
kernel later one deux three four five six seven 8 nine ten
SRC=$trash/later
ok 'another conflict' fails 1 '0101-Make-it-2.patch: conflict in file' port 0.1 0.4 linux-source-0.4
skip_step()
{
	quiet_git "$BUILD/0.4/tree" am --skip
}
ok 'git am --skip leaves the step out' skip_step
ok 'a port of nothing is refused' fails 1 '^refresh.sh: .* has no commits on top of the base$' port 0.1 0.4 linux-source-0.4
rm -rf "$co/patches/0.4" "$BUILD/0.4"
kernel some one two three four five six seven eight nine ten
SRC=$trash/some
has_some()
{
	port 0.1 0.4 linux-source-0.4 >"$trash/said" 2>&1 && cat "$trash/said" &&
	grep '^-- 0201-Add-ten.patch: 0.4 has this already$' "$trash/said" &&
	is_ported 0.4 'one 2 three four five six seven 8 nine ten' 0101-Make-it-2 0102-Make-it-8 &&
	[ ! -e "$co/patches/0.4/0200-cover-letter.txt" ]
}
ok 'what the new kernel has is no step, and a topic without steps has no cover letter' has_some

done_testing
