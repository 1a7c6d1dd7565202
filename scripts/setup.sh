#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Installs the missing tools of the other scripts.
. "$(dirname "$0")/lib.sh"

# One package a line, with a file or a command that shows that it is installed, also on another
# distribution. (coccinelle needs libpython for half of the kernel's semantic patches.)
packages='
bc			bc
bison			bison
ccache			ccache
clang			clang
coccinelle		spatch
cpio			cpio
debian-archive-keyring	/usr/share/keyrings/debian-archive-keyring.gpg
dpkg			dpkg-deb
flex			flex
gcc			gcc
gcc-aarch64-linux-gnu	aarch64-linux-gnu-gcc
git			git
jq			jq
libc6-dev		/usr/include/stdio.h
libc6-dev-arm64-cross	/usr/aarch64-linux-gnu/lib/libc.a
libclang-rt-dev		/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a
libelf-dev		/usr/include/libelf.h
libjson-c-dev		/usr/include/json-c/json.h
libpython3-dev		/usr/lib/*/libpython3.*.so
libssl-dev		/usr/include/openssl/opensslv.h
llvm			llvm-cov
make			make
perl			prove
python3			python3
python3-sphinx		sphinx-build
python3-yaml		/usr/lib/python3/dist-packages/yaml
qemu-system-arm		qemu-system-aarch64
rsync			rsync
shellcheck		shellcheck
sparse			sparse
xz-utils		xz
zlib1g-dev		/usr/include/zlib.h
'

is_there()
{
	case $1 in
	/*)
		# shellcheck disable=SC2086 # patterns
		set -- $1
		[ -e "$1" ]
		;;
	*) command -v "$1" >/dev/null ;;
	esac
}

missing=$(echo "$packages" | while read -r package proof; do
	[ -z "$package" ] || is_there "$proof" || echo "$package"
done)

if ! command -v apt-get >/dev/null; then
	# All that apt would provide has been provided by hand
	[ -z "$missing" ] && [ -n "${SRC:-}" ] && [ -n "${BUSYBOX:-}" ] && [ -n "${LIBS_ARM64:-}" ] && exit 0
	echo "$me: this is not Debian, please install what these packages of Debian have:" >&2
	for package in $missing; do
		echo "  $package" >&2
	done
	echo "$me: and give SRC=, a tarball or a git tree of the base, BUSYBOX=, a static arm64" \
	     "busybox, and LIBS_ARM64=, a directory with include/ and lib/ of json-c and zlib, as" \
	     "static arm64 libraries. Some tests want QEMU_ARM64=, see scripts/qemu-root.sh." \
	     "Not verified here: the versions of all tools" >&2
	exit 1
fi

[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	# shellcheck disable=SC2086 # words
	command -v sudo >/dev/null ||
		die "not root, and there is no sudo. As root: apt-get install" $missing
	as_root=sudo
fi

# shellcheck disable=SC2086 # words
set -- $missing
say "installing $*"
mkdir -p "$build"
log=$build/setup.log
{
	$as_root apt-get update &&
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
} >"$log" 2>&1 </dev/null || {
	tail -n 5 "$log" >&2
	die "apt-get could not install $*, see $log"
}
