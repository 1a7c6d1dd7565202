#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# initramfs.sh BASE [VARIANT]: makes the initramfs of an emulated host: busybox, our programs
# and, if they are built, the selftests. BUSYBOX= names a static arm64 busybox to take instead of
# Debian's.
. "$(dirname "$0")/lib.sh"

base=${1:-} variant=${2:-}
need_base "$base"
need_tool cpio
lock "$base"
kv=$(variant "$base" "$variant")

if [ -n "${BUSYBOX:-}" ]; then
	cp "$BUSYBOX" "$build/busybox"
elif [ ! -e "$build/busybox" ]; then
	mkdir -p "$build/$kv"
	deb=$("$top/scripts/deb.sh" $arch "$build/deb" busybox-static bookworm bookworm-security)
	dpkg-deb --fsys-tarfile "$deb" | tar -x -O ./bin/busybox >"$build/$kv/busybox.new"
	chmod +x "$build/$kv/busybox.new"
	mv "$build/$kv/busybox.new" "$build/busybox"
fi

root=$build/$kv/root
rm -rf "$root"
mkdir -p "$root/bin" "$root/selftests"
cp "$build/busybox" "$build/fwregs" "$build/conformance" "$build/regdump" "$root/bin/"
cp "$top/initramfs/init" "$root/init"
[ ! -d "$build/$kv/selftests" ] || cp "$build/$kv/selftests"/* "$root/selftests/"
chmod -R +x "$root"
(cd "$root" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >"$build/$kv/initramfs.cpio.new"
mv "$build/$kv/initramfs.cpio.new" "$build/$kv/initramfs.cpio"
