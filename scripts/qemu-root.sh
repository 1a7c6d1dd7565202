#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Makes build/qemu/root, a directory with a QEMU for arm64 as Debian has built it, of the newest
# version that it offers, with the libraries that it needs, and the guests for it: Debian's own
# kernel for virtual machines, of a stable release, and our bare-metal one. QEMU_ARM64= names a
# directory to take instead of Debian's packages, with qemu-system-aarch64, its program
# interpreter ld-linux-aarch64.so.1, lib/, and Image, a Linux for the guest.
. "$(dirname "$0")/lib.sh"

need_tool cpio dpkg-deb xz ${cross}readelf ${cross}gcc
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

unpack_qemu()
{
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
}

# The package linux-image-cloud-arm64 is empty, and depends on that of a version
unpack_linux()
{
	deb=$("$top/scripts/deb.sh" $arch "$qemu/deb" linux-image-cloud-arm64 trixie trixie-security)
	name=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed -n 's/^ *\(linux-image-[0-9][^ ]*\).*/\1/p')
	[ -n "$name" ] || die "$deb names no kernel"
	deb=$("$top/scripts/deb.sh" $arch "$qemu/deb" "$name" trixie trixie-security)
	dpkg-deb -x "$deb" "$qemu/all"
	cp "$qemu"/all/boot/vmlinuz-* "$qemu/new/Image"
	find "$qemu/all" -name arm_smccc_trng.ko.xz -exec xz -d -c {} ';' >"$qemu/new/trng.ko"
	[ -s "$qemu/new/trng.ko" ] || die "$name has no arm_smccc_trng.ko.xz"
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
		for file in qemu-system-aarch64 ld-linux-aarch64.so.1 lib Image; do
			[ -e "$QEMU_ARM64/$file" ] || die "QEMU_ARM64=$QEMU_ARM64 has no $file"
		done
		rm -rf "$qemu/new"
		cp -rL "$QEMU_ARM64" "$qemu/new"
	else
		need_space 700 "QEMU for arm64 and a guest"
		rm -rf "$qemu/all" "$qemu/new" "$qemu/deb"
		mkdir -p "$qemu/all" "$qemu/new/lib"
		unpack_qemu
		unpack_linux
		rm -rf "$qemu/all" "$qemu/deb"
	fi
	mv "$qemu/new/Image" "$root/guest/Image"
	rm -f "$qemu/trng.ko"
	[ ! -e "$qemu/new/trng.ko" ] || mv "$qemu/new/trng.ko" "$qemu/trng.ko"
	mv "$qemu/new" "$root/qemu"
	mv "$qemu/key.new" "$qemu/key"
fi

# What the guests run
[ -e "$build/busybox" ] || die "there is no $build/busybox, 'make initramfs' fetches it"
rm -rf "$qemu/guest"
mkdir -p "$qemu/guest/bin"
cp "$build/busybox" "$qemu/guest/bin/"
cp "$top/initramfs/qemu/guest-init" "$qemu/guest/init"
[ ! -e "$qemu/trng.ko" ] || cp "$qemu/trng.ko" "$qemu/guest/"
${cross}gcc -std=gnu11 -O2 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror \
	-static -s -o "$qemu/guest/ptp-time" "$top/initramfs/qemu/ptp-time.c"
(cd "$qemu/guest" && find . | sort | cpio -o -H newc -R 0:0 --quiet) >"$root/guest/initrd"
cp "$build/programs/console-guest.elf" "$root/guest/console.elf"
