#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The part of the library that does not ask the kernel, natively and under sanitizers. Compiles the
# whole library in several ways.
. "$(dirname "$0")/lib.sh"

ok 'the library compiles as C11 without a warning, natively' \
	gcc -std=c11 -pedantic -O2 -fno-pie -Wall -Wextra -Wshadow -Wstrict-prototypes -Werror \
	-c -o "$trash/fwregs.o" lib/fwregs.c

no_state()
{
	! nm "$trash/fwregs.o" | grep -E ' [BbDdCG] '
}
ok 'the library has no variables' no_state

no_output()
{
	! nm -u "$trash/fwregs.o" | grep -E ' (f?printf|puts|fputs|perror|exit|abort|stdout|stderr)$'
}
ok 'the library prints nothing and does not exit' no_output

ok 'its unit test compiles' \
	gcc -std=gnu11 -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined \
	-fno-sanitize-recover=all -Ilib -o "$trash/library" t/library.c lib/fwregs.c
ok 'names and ids, under ASan and UBSan' "$trash/library"

have_programs
ok 'fwregs is static' sh -c "readelf -l '$build/fwregs' | { ! grep -q INTERP; }"

done_testing
