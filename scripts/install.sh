#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# install.sh [PREFIX]: installs below $DESTDIR$PREFIX (default: /usr/local) the tool and the
# library for this machine, the man page, completion, the library's header, source and pkg-config
# file. On arm64, the tool is the static program with all commands; elsewhere, it only reads reports.
. "$(dirname "$0")/lib.sh"

prefix=${1:-/usr/local}
case $prefix in
/*) ;;
*) die "PREFIX=$prefix does not start with /" ;;
esac
need_tool install make

if [ "$(uname -m)" = aarch64 ]; then
	"$top/scripts/programs.sh"
	program=$build/fwregs library=$build/programs/libfwregs.a
else
	"$top/scripts/programs.sh" native
	program=$build/native/fwregs library=$build/native/libfwregs.a
fi
"$top/scripts/programs.sh" "$library"
version=$(sed -n 's/^#define FWREGS_VERSION.*"\(.*\)"$/\1/p' "$top/lib/fwregs.h")
sed "s,@PREFIX@,$prefix,; s,@VERSION@,$version," "$top/lib/fwregs.pc.in" >"$build/fwregs.pc"
"$top/scripts/man.sh"

to=${DESTDIR:-}$prefix
# put MODE FILE NAME: installs a file below $to
put()
{
	install -D -m "$1" "$2" "$to/$3" || die "cannot install $to/$3"
	echo "$to/$3"
}
put 755 "$program" bin/fwregs
put 644 "$build/man/fwregs.1" share/man/man1/fwregs.1
put 644 "$top/tool/completion.bash" share/bash-completion/completions/fwregs
put 644 "$top/lib/fwregs.h" include/fwregs.h
put 644 "$top/lib/fwregs.c" share/fwregs/fwregs.c
put 644 "$library" lib/libfwregs.a
put 644 "$build/fwregs.pc" lib/pkgconfig/fwregs.pc
