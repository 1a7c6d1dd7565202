#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# install.sh [PREFIX]: installs below $DESTDIR$PREFIX (default: /usr/local) the tool for this
# machine, its man page and completion, the library's header and its source, which any VMM can
# compile. On arm64, the tool is the static program with all commands; elsewhere, it reads
# reports.
. "$(dirname "$0")/lib.sh"

prefix=${1:-/usr/local}
case $prefix in
/*) ;;
*) die "PREFIX=$prefix does not start with /" ;;
esac
need_tool install make

if [ "$(uname -m)" = aarch64 ]; then
	"$top/scripts/programs.sh"
	program=$build/fwregs
else
	lock programs
	make -s -C "$top/fwregs" NATIVE_OUT="$build/native" native
	program=$build/native/fwregs
fi
"$top/scripts/man.sh"

to=${DESTDIR:-}$prefix
# put MODE FILE NAME: one file, below $to
put()
{
	install -D -m "$1" "$2" "$to/$3" || die "cannot install $to/$3"
	echo "$to/$3"
}
put 755 "$program" bin/fwregs
put 644 "$build/man/fwregs.1" share/man/man1/fwregs.1
put 644 "$top/fwregs/completion.bash" share/bash-completion/completions/fwregs
put 644 "$top/fwregs/fwregs.h" include/fwregs.h
put 644 "$top/fwregs/fwregs.c" share/fwregs/fwregs.c
