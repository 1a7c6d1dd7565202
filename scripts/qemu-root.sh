#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Makes build/qemu/root, a directory with a QEMU for arm64 as Debian has built it, of the newest
# version that it offers, with the libraries that it needs, and the guests for it.
# QEMU_ARM64= names a directory to take instead of Debian's packages, with qemu-system-aarch64,
# its program interpreter ld-linux-aarch64.so.1, and lib/.
. "$(dirname "$0")/lib.sh"

need_tool cpio dpkg-deb ${cross}readelf
lock qemu
qemu=$build/qemu
root=$qemu/root
libdir=usr/lib/aarch64-linux-gnu

# closure FILE: the file, and all libraries that it and those need, below $qemu/all
closure()
{
	todo=$1 found=''
	while [ -n "$todo" ]; do
		next=''
		for file in $todo; do
			case " $found " in
			*" $file "*) continue ;;
			esac
			found="$found $file"
			next="$next $(${cross}readelf -d "$qemu/all/$file" |
				sed -n "s,.*(NEEDED).*\\[\\(.*\\)\\],$libdir/\\1,p" | tr '\n' ' ')"
		done
		todo=${next# }
	done
	echo "$found"
}

unpack()
{
	need_space 500 "QEMU for arm64"
	rm -rf "$qemu/all" "$qemu/new" "$qemu/deb"
	mkdir -p "$qemu/all" "$qemu/new/lib"
	debs=$(DEPENDS=1 "$top/scripts/deb.sh" $arch "$qemu/deb" qemu-system-arm trixie trixie-security trixie-backports)
	for deb in $debs; do
		dpkg-deb -x "$deb" "$qemu/all"
	done
	for file in $(closure usr/bin/qemu-system-aarch64) $libdir/ld-linux-aarch64.so.1; do
		[ -e "$qemu/all/$file" ] || die "Debian's QEMU needs $file, which no package has brought"
		case ${file##*/} in
		lib*) cp -L "$qemu/all/$file" "$qemu/new/lib/" ;;
		*) cp -L "$qemu/all/$file" "$qemu/new/" ;;
		esac
	done
	rm -rf "$qemu/all" "$qemu/deb"
}

# What it was made with. A later version of the package is not looked for.
key()
{
	cat "$top/scripts/qemu-root.sh"
	echo "${QEMU_ARM64:-}"
}

mkdir -p "$qemu" "$root/guest"
key >"$qemu/key.new"
if ! [ -e "$root/qemu" ] || ! cmp -s "$qemu/key.new" "$qemu/key"; then
	rm -rf "$root/qemu" "$qemu/key"
	if [ -n "${QEMU_ARM64:-}" ]; then
		for file in qemu-system-aarch64 ld-linux-aarch64.so.1 lib; do
			[ -e "$QEMU_ARM64/$file" ] || die "QEMU_ARM64=$QEMU_ARM64 has no $file"
		done
		rm -rf "$qemu/new"
		cp -rL "$QEMU_ARM64" "$qemu/new"
	else
		unpack
	fi
	mv "$qemu/new" "$root/qemu"
	mv "$qemu/key.new" "$qemu/key"
fi

# The guests: Linux with busybox, and our bare-metal one
[ -e "$build/busybox" ] || die "there is no $build/busybox, 'make initramfs' fetches it"
mkdir -p "$qemu/guest/bin"
cp "$build/busybox" "$qemu/guest/bin/"
cp "$top/scripts/qemu/guest-init" "$qemu/guest/init"
chmod +x "$qemu/guest/init"
(cd "$qemu/guest" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >"$root/guest/initrd"
cp "$build/fwregs-obj/console-guest.elf" "$root/guest/console.elf"
