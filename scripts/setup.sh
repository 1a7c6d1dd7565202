#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing of what the other scripts use.
. "$(dirname "$0")/lib.sh"

# One package a line, and a file or a command that shows that it is there: on
# another distribution, that is what can be looked for.
packages='
bc			bc
bison			bison
ccache			ccache
coccinelle		spatch
cpio			cpio
flex			flex
gcc			gcc
gcc-aarch64-linux-gnu	aarch64-linux-gnu-gcc
git			git
libc6-dev		/usr/include/stdio.h
libc6-dev-arm64-cross	/usr/aarch64-linux-gnu/lib/libc.a
libelf-dev		/usr/include/libelf.h
libssl-dev		/usr/include/openssl/opensslv.h
make			make
perl			prove
python3			python3
python3-sphinx		sphinx-build
qemu-system-arm		qemu-system-aarch64
rsync			rsync
sparse			sparse
xz-utils		xz
'

is_there()
{
	case $1 in
	/*) [ -e "$1" ] ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

missing=$(echo "$packages" | while read -r package proof; do
	[ -z "$package" ] || is_there "$proof" || echo "$package"
done)

[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
	echo "$me: this is not Debian, please install what these packages of Debian have:" >&2
	for package in $missing; do
		echo "  $package" >&2
	done
	echo "$me: not verified here: the versions of all tools, and that a kernel package" \
	     "can be fetched (give SRC=, a tarball or a git tree of the base)" >&2
	exit 1
fi

as_root=
if [ "$(id -u)" -ne 0 ]; then
	need_tool sudo
	as_root=sudo
fi

# shellcheck disable=SC2086 # words
set -- $missing
say "installing $*"
mkdir -p "$build"
log=$build/setup.log
{
	$as_root apt-get update &&
	DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends "$@"
} >"$log" 2>&1 </dev/null || {
	tail -n 5 "$log" >&2
	die "apt-get could not install $*, see $log"
}
