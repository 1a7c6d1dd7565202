#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Builds what runs on an emulated host, as static arm64 programs: build/fwregs,
# build/conformance, build/order, build/regdump, build/bench, build/stress, build/faults,
# build/races. And build/native/fwregs, for this machine.
. "$(dirname "$0")/lib.sh"

need_tool make ${cross}gcc
lock programs
"$top/scripts/arm64-libs.sh"
obj=$build/fwregs-obj
mkdir -p "$obj"
make -s -C "$top/fwregs" OUT="$obj" LIBS="$build/arm64-libs"
make -s -C "$top/fwregs" NATIVE_OUT="$build/native" native
cmp -s "$obj/fwregs" "$build/fwregs" || {
	cp "$obj/fwregs" "$build/fwregs.new"
	mv "$build/fwregs.new" "$build/fwregs"
}

# program NAME SOURCE [OBJECT...]: build/NAME from SOURCE
program()
{
	name=$1 source=$top/$2
	shift 2
	if [ -e "$build/$name" ] &&
	   [ -z "$(find "$source" "$top"/fwregs/*.h "$top"/verify/*.h "$top"/verify/*/*.h "$@" -newer "$build/$name")" ]; then
		return
	fi
	${cross}gcc -std=gnu11 -O2 -Wall -Wextra -Wshadow -Wstrict-prototypes \
		-Wmissing-prototypes -Werror -static -pthread \
		-o "$build/$name" "$source" "$@"
}

program conformance t/conformance.c
program order t/order.c
program regdump t/regdump.c "$obj/vmm.o" "$obj/cli.o" "$obj/fwregs.o" "$obj/guest-image.o"
program bench bench/bench.c "$obj/vmm.o" "$obj/cli.o" "$obj/fwregs.o" \
	"$obj/bench-guest-image.o"

stress=$top/verify/stress
program stress verify/stress/stress.c "$stress/history.c" "$stress/rules.c" "$stress/vm.c" \
	"$top/verify/model.c" "$obj/stress-guest-image.o"
program faults verify/stress/faults.c "$stress/vm.c" "$obj/stress-guest-image.o"

races=$top/verify/races
program races verify/races/races.c "$races/meet.c" "$races/vm.c" "$top/verify/model.c" \
	"$obj/cli.o" "$obj/fwregs.o" "$obj/races-guest-image.o"
