#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Static arm64 libraries that fwregs is linked with, and their headers: build/arm64-libs, from
# Debian's packages. LIBS_ARM64= names a directory with include/ and lib/ to take instead.
. "$(dirname "$0")/lib.sh"

lock programs
libs=$build/arm64-libs
if [ -n "${LIBS_ARM64:-}" ]; then
	[ -f "$LIBS_ARM64/include/json-c/json.h" ] && [ -f "$LIBS_ARM64/include/zlib.h" ] ||
		die "LIBS_ARM64=$LIBS_ARM64 has no include/json-c/json.h or no include/zlib.h"
	given=$(cd "$LIBS_ARM64" && pwd -P)
	[ "$given" != "$(cd "$libs" 2>/dev/null && pwd -P)" ] || exit 0
	# ln would put the link into an existing directory
	rm -rf "$libs"
	ln -s "$given" "$libs"
	exit
fi
[ ! -e "$libs/lib/libz.a" ] || exit 0

rm -rf "$libs.new" "$libs"
mkdir -p "$libs.new/root" "$libs.new/include" "$libs.new/lib"
for package in libjson-c-dev zlib1g-dev; do
	deb=$("$top/scripts/deb.sh" $arch "$build/deb" $package bookworm bookworm-security)
	dpkg-deb -x "$deb" "$libs.new/root"
done
cp -r "$libs.new/root/usr/include/json-c" "$libs.new/root/usr/include/zlib.h" "$libs.new/include/"
cp "$libs.new"/root/usr/include/*/zconf.h "$libs.new/include/" 2>/dev/null ||
	cp "$libs.new/root/usr/include/zconf.h" "$libs.new/include/"
cp "$libs.new"/root/usr/lib/aarch64-linux-gnu/libjson-c.a "$libs.new"/root/usr/lib/aarch64-linux-gnu/libz.a "$libs.new/lib/"
rm -rf "$libs.new/root"
mv "$libs.new" "$libs"
