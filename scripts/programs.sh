#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Builds what runs on an emulated host, as static arm64 programs: build/fwregs,
# build/conformance, build/regdump.
. "$(dirname "$0")/lib.sh"

need_tool make ${cross}gcc
obj=$build/fwregs-obj
mkdir -p "$obj"
make -s -C "$top/fwregs" OUT="$obj"
cmp -s "$obj/fwregs" "$build/fwregs" || {
	cp "$obj/fwregs" "$build/fwregs.new"
	mv "$build/fwregs.new" "$build/fwregs"
}

# program NAME [OBJECT...]: build/NAME from t/NAME.c
program()
{
	name=$1
	shift
	if [ -e "$build/$name" ] &&
	   [ -z "$(find "$top/t/$name.c" "$build/fwregs" -newer "$build/$name")" ]; then
		return
	fi
	${cross}gcc -std=gnu11 -O2 -Wall -Wextra -Wshadow -Wstrict-prototypes \
		-Wmissing-prototypes -Werror -static -pthread \
		-o "$build/$name" "$top/t/$name.c" "$@"
}

program conformance
program regdump "$obj/vmm.o" "$obj/cli.o" "$obj/fwregs.o" "$obj/guest-image.o"
