# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the scripts, here and elsewhere, not run. Afterwards $top is the checkout, $build the
# place for everything that is made, and $me the name of the script.
# shellcheck shell=sh

set -eu
export LC_ALL=C

me=$(cd "$(dirname "$0")" && pwd)/${0##*/}
top=${me%/*}
until [ -d "$top/patches" ] || [ -z "$top" ]; do
	top=${top%/*}
done
me=${me#"$top/"}
me=${me#scripts/}
build=${BUILD:-$top/build}
case $build in
/*) ;;
*) build=$PWD/$build ;;
esac
arch=arm64
cross=aarch64-linux-gnu-
jobs=${JOBS:-$(nproc)}

# git below build/ is git as it comes, and never finds the checkout around it
name=$(git -C "$top" config user.name 2>/dev/null) || :
email=$(git -C "$top" config user.email 2>/dev/null) || :
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_CEILING_DIRECTORIES="$build"
export GIT_COMMITTER_NAME="${name:-fwregs}" GIT_COMMITTER_EMAIL="${email:-fwregs@localhost}"

die()
{
	echo "$me: $*" >&2
	exit 1
}

say()
{
	echo "-- $*" >&2
}

. "$top/scripts/base-lib.sh"

# need_base BASE: the name of a directory below patches/
need_base()
{
	[ -n "${1:-}" ] && [ -f "$top/patches/$1/base" ] && return
	die "unknown BASE '${1:-}', there are: $(all_bases | paste -s -d ' ')"
}

# fetch_source PACKAGE SUITE...: leaves a Debian package with the source of a kernel in $deb, its
# version in $version
fetch_source()
{
	package=$1
	shift
	deb=$("$top/scripts/deb.sh" amd64 "$build/deb" "$package" "$@")
	version=${deb##*/"$package"_}
	version=${version%_*.deb}
}

# topics: in the order of their steps. The numbers of a topic's steps begin with the same two
# digits, and its cover letter has these and 00.
topics()
{
	cut -d ' ' -f 2 "$top/patches/steps" | uniq
}

# topic_digits TOPIC: nothing for a topic that there is not
topic_digits()
{
	sed -nE "s/^([0-9]{2})[0-9]{2} $1 .*/\1/p" "$top/patches/steps" | head -n 1
}

cover_letter()
{
	echo "$(topic_digits "$1")00-cover-letter.txt"
}

# flavour VARIANT: is it the series with another configuration?
flavour()
{
	[ -n "$1" ] && [ "$1" != common ] && [ -f "$top/kernel/$1.config" ]
}

# lock NAME: until this script ends, no other one changes what goes by that name below
# build/. Nor need the scripts that this one starts.
lock()
{
	case " ${LOCKED:-} " in
	*" $1 "*) return ;;
	esac
	mkdir -p "$build"
	exec 9>"$build/$1.lock"
	flock 9
	export LOCKED="${LOCKED:-} $1"
}

# need_space MIB WHAT: before a step that takes much of it
need_space()
{
	mkdir -p "$build"
	have=$(df -Pm "$build" | awk 'NR == 2 { print $4 }')
	[ "$have" -ge "$1" ] ||
		die "$2 needs $1 MiB in $build, there are $have MiB free"
}

need_tool()
{
	for tool in "$@"; do
		command -v "$tool" >/dev/null ||
			die "$tool is missing, 'make setup' installs it"
	done
}

# Cross compiler as kbuild wants it, through ccache. Paths below the build
# directory are made relative, so that a file which is the same in two trees is
# compiled once. What a file includes is known from the compiler, so that one which has to be
# compiled is not preprocessed before: a quarter less work. The cache is the user's, or that of
# CCACHE_DIR, so that a second checkout, or a build from nothing, finds what the first has made.
export CCACHE_BASEDIR="$build" CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
[ -n "${HOME:-}${CCACHE_DIR:-}" ] || export CCACHE_DIR="$build/ccache"

# QEMU's arguments for a machine that does the same at each start, to the instruction: 1 ns of
# its time for each of them, and none for a wait. The random numbers that the CPU and QEMU give
# the kernel, which decide where a stack is, and the time of day, which shifts when a timer
# interrupts, are the same.
# shellcheck disable=SC2034 # for those who source this
counting='-icount shift=0,sleep=off -seed 1 -machine dtb-randomness=off -rtc base=2000-01-01,clock=vm'

# tree_key TREE: what is in a tree, and the compiler. If it is as last time, so is what was built.
tree_key()
{
	git -C "$1" rev-parse 'HEAD^{tree}'
	# A link to nothing, or a repository of its own, is there by its name
	git -C "$1" status --porcelain --no-renames -uall -z | cut -z -c 4- |
		(cd "$1" && xargs -0 -r sha256sum 2>&1) || :
	${cross}gcc --version
}

# fresh FILE: succeeds if FILE exists and was made from what standard input has. made() keeps that in
# FILE.stamp.
fresh()
{
	cat >"$1.stamp.new"
	[ ! -e "$1" ] || ! cmp -s "$1.stamp.new" "$1.stamp" || return 0
	rm -f "$1.stamp"
	return 1
}

# made FILE: to be called when FILE has been made from the input of the last fresh()
made()
{
	mv "$1.stamp.new" "$1.stamp"
}

# kmake BASE-VARIANT ARGUMENTS: make, in the tree and for the objects of a kernel.
# Time and place are fixed, so that they make no difference between two builds. The
# release says whether the series is in it.
kmake()
{
	kv=$1
	shift
	case ${kv##*/} in
	*-*) release=-${kv##*-} ;;
	*) release=-patched ;;
	esac
	make -C "$build/$kv/tree" O="$build/$kv/obj" -j"$jobs" \
		ARCH=$arch CROSS_COMPILE=$cross CC="ccache ${cross}gcc" HOSTCC="ccache gcc" \
		LOCALVERSION="$release" KBUILD_BUILD_TIMESTAMP='1970-01-01' \
		KBUILD_BUILD_VERSION=1 KBUILD_BUILD_USER=fwregs KBUILD_BUILD_HOST=fwregs "$@"
}

# copy_objects FROM TO: with another patch, or none, most objects are the same. In a copy that is
# newer than the sources, but for those that differ, make knows which are not. Both are names
# below build/.
copy_objects()
{
	rm -rf "$build/$2/obj" "$build/$2/obj.new"
	cp -a "$build/$1/obj" "$build/$2/obj.new"
	find "$build/$2/obj.new" -name '.*.cmd' -exec sed -i "s,$build/$1/,$build/$2/,g" {} +
	touch "$build/$2/obj.new"
	find "$build/$2/obj.new" -exec touch -h -r "$build/$2/obj.new" {} +
	git -C "$build/$2/tree" diff --name-only --diff-filter=d -z "$(git -C "$build/$1/tree" rev-parse HEAD)" |
		(cd "$build/$2/tree" && xargs -0 -r touch)
	mv "$build/$2/obj.new" "$build/$2/obj"
}

# The selftests that are run here, by what patches/BASE/base says: those of the series, which
# it may bring or just touch, and those of the base as it comes, which would notice if the
# series broke something.
series_selftests()
{
	base_field "$1" series-selftests
}

base_selftests()
{
	base_field "$1" base-selftests
}

# selftests_of BASE: a name in each line
selftests_of()
{
	{ series_selftests "$1"; base_selftests "$1"; } | tr ' ' '\n' | sort -u
}

# selftest_programs BASE DIR: their names as the Makefile in DIR has them. The directories
# have been renamed over time, the tests have not.
selftest_programs()
{
	for name in $(selftests_of "$1"); do
		at=$(sed -nE "s,^TEST_GEN_PROGS_(aarch64|arm64|COMMON) \\+= ((aarch64/|arm64/)?$name)\$,\\2,p" \
			"$2"/Makefile* | head -n 1)
		# What only the series has is not there in each step
		case " $(base_selftests "$1") " in
		*" $name "*) [ -n "$at" ] || die "linux $1 has no selftest $name" ;;
		esac
		echo "$at"
	done
}

# selftests_make BASE-VARIANT ARGUMENTS: builds the programs of selftest_programs()
selftests_make()
{
	kv=$1 out=$build/$1/selftests-obj dir=$build/$1/tree/tools/testing/selftests/kvm
	shift
	mkdir -p "$out"
	# An old base's programs depend on nothing but their .c file
	grep -qs -e ' -MD' "$dir"/Makefile* || rm -rf "$out/aarch64"
	kmake "$kv" headers || return
	# shellcheck disable=SC2046 # words
	make -C "$dir" -s -j"$jobs" ARCH=$arch CROSS_COMPILE=$cross CC="ccache ${cross}gcc" \
		LDFLAGS='-static -pthread' O="$build/$kv/obj" OUTPUT="$out" \
		KHDR_INCLUDES="-isystem $build/$kv/obj/usr/include" INSTALL_HDR_PATH="$build/$kv/obj/usr" "$@" \
		$(selftest_programs "${kv%%-*}" "$dir" | sed -n "s,^.,$out/&,p")
}

patches_hash()
{
	cat "$1"/*.patch 2>/dev/null | sha256sum | cut -d' ' -f1
}

# made_from BASE FACT: prints what build/BASE/tree was made from. Its git configuration has the
# source, its version, the hash of the patches, and the tip, which is their last commit.
made_from()
{
	git -C "$build/$1/tree" config "fwregs.$2"
}

# record_series BASE DIR: records that the commits in build/BASE/tree are the patches in DIR
record_series()
{
	git -C "$build/$1/tree" config fwregs.patches "$(patches_hash "$2")"
	git -C "$build/$1/tree" config fwregs.tip "$(git -C "$build/$1/tree" rev-parse HEAD)"
}

# has_work BASE: succeeds if build/BASE/tree has commits or changes that it was not made from
has_work()
{
	[ "$(git -C "$build/$1/tree" rev-parse HEAD)" != "$(made_from "$1" tip)" ] ||
		[ -n "$(git -C "$build/$1/tree" status --porcelain)" ]
}

# busy_tree DIR: the name of what git is in the middle of there, if anything
busy_tree()
{
	for state in rebase-merge rebase-apply; do
		[ ! -e "$(git -C "$1" rev-parse --absolute-git-dir)/$state" ] || echo "$state"
	done
}

# worktree BASE DIR COMMIT: another tree of the repository in build/BASE/tree. One that
# is there goes to the commit, unless it has been changed.
worktree()
{
	git -C "$2" rev-parse -q --verify HEAD >/dev/null 2>&1 || {
		rm -rf "$2"
		git -C "$build/$1/tree" worktree prune
		git -C "$build/$1/tree" worktree add -q --detach "$2" "$3"
	}
	[ "$(git -C "$2" rev-parse HEAD)" = "$(git -C "$build/$1/tree" rev-parse "$3^{commit}")" ] ||
		git -C "$2" checkout -q --detach "$(git -C "$build/$1/tree" rev-parse "$3^{commit}")"
}

# progress WHAT LOG: keeps the output of a long make in LOG, says how far it is
progress()
{
	awk -v what="$1" -v out="$2" '
		{ print > out }
		/^ +[A-Z]+ / && ++n % 300 == 0 {
			print "-- " what ": " n " steps" > "/dev/stderr"
		}'
}
