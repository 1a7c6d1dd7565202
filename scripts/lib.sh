# SPDX-License-Identifier: BSD-3-Clause
# What the scripts share. Sourced by each, after which $top is the checkout and
# $build the place for everything that is made.
# shellcheck shell=sh

set -eu
export LC_ALL=C

me=${0##*/}
top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build}
arch=arm64
cross=aarch64-linux-gnu-
jobs=${JOBS:-$(nproc)}

die()
{
	echo "$me: $*" >&2
	exit 1
}

say()
{
	echo "-- $*" >&2
}

# need_base BASE: the name of a directory below patches/
need_base()
{
	[ -n "${1:-}" ] && [ -f "$top/patches/$1/base" ] && return
	bases=$(cd "$top/patches" && echo */base | sed 's,/base,,g')
	die "unknown BASE '${1:-}', there are: $bases"
}

# base_field BASE FIELD: one line of patches/BASE/base, without the field's name
base_field()
{
	sed -n "s/^$2 //p" "$top/patches/$1/base"
}

# variant BASE UNPATCHED: the name of the build of one kernel
variant()
{
	echo "$1${2:+-unpatched}"
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
# compiled once.
export CCACHE_BASEDIR="$build" CCACHE_NOHASHDIR=1 CCACHE_DIR="${CCACHE_DIR:-$build/ccache}"

# kmake BASE-VARIANT ARGUMENTS: make, in the tree and for the objects of a kernel.
# Time and place are fixed, so that they make no difference between two builds. The
# release says whether the series is in it.
kmake()
{
	kv=$1
	shift
	release=-patched
	[ "$kv" = "${kv%-unpatched}" ] || release=-unpatched
	make -C "$build/$kv/tree" O="$build/$kv/obj" -j"$jobs" \
		ARCH=$arch CROSS_COMPILE=$cross CC="ccache ${cross}gcc" \
		LOCALVERSION=$release KBUILD_BUILD_TIMESTAMP='1970-01-01' \
		KBUILD_BUILD_VERSION=1 KBUILD_BUILD_USER=fwregs KBUILD_BUILD_HOST=fwregs "$@"
}

# The selftests that are run here: those of the series, and those of the base that
# would notice if the series broke something
selftests='hypercalls smccc_filter psci_test get-reg-list set_id_regs steal_time vcpu_width_config vgic_init'

# selftest_programs DIR: their names as the Makefile in DIR has them. The directories
# have been renamed over time, the tests have not.
selftest_programs()
{
	for name in $selftests; do
		for at in "$name" "aarch64/$name" "arm64/$name"; do
			! grep -qE "^TEST_GEN_PROGS_(aarch64|arm64|COMMON) \\+= $at\$" "$1"/Makefile* ||
				echo "$at"
		done
	done
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
