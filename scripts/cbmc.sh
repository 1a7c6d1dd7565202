#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# cbmc.sh ARGUMENTS...: runs CBMC 6. Debian has it from trixie on. On an older Debian, the script
# unpacks it with its libraries to build/cbmc, and runs it with their loader. CBMC= names another
# program.
. "$(dirname "$0")/lib.sh"

if [ -n "${CBMC:-}" ]; then
	exec "$CBMC" "$@"
fi
case $(cbmc --version 2>/dev/null) in
6.*) exec cbmc "$@" ;;
esac

dir=$build/cbmc
if [ ! -d "$dir" ]; then
	need_tool dpkg-deb
	lock cbmc
fi
if [ ! -d "$dir" ]; then
	host=$(dpkg --print-architecture)
	rm -rf "$dir.new"
	mkdir -p "$dir.new"
	for package in cbmc libc6 libstdc++6 libgcc-s1 minisat; do
		deb=$("$top/scripts/deb.sh" "$host" "$build/deb" $package trixie)
		dpkg-deb -x "$deb" "$dir.new"
	done
	mv "$dir.new" "$dir"
fi
exec 9>&-

libraries=$(find "$dir/usr/lib" -mindepth 1 -maxdepth 1 -name '*-linux-gnu*' -type d)
loader=$(find "$libraries" -name 'ld-linux*.so.*')
[ -n "$loader" ] || die "there is no loader in $dir, remove it to have it unpacked again"
exec "$loader" --library-path "$libraries:$dir/usr/lib" "$dir/usr/bin/cbmc" "$@"
