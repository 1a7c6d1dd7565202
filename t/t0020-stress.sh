#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The part of the stress test that needs no kernel: the search for an order in which the model gives
# all the answers, natively and under sanitizers.
. "$(dirname "$0")/lib.sh"

dir=verify/stress
ok 'the search and its test compile' \
	gcc -std=gnu11 -g -O1 -Wall -Wextra -Wshadow -Werror -fsanitize=address,undefined \
	-fno-sanitize-recover=all -o "$trash/history" \
	$dir/history-test.c $dir/history.c $dir/rules.c verify/model.c
ok 'it finds an order where there is one, and none where there is none' "$trash/history"

# More tests than one, all of them counted
all_run()
{
	"$trash/history" | grep -c '^ok' >"$trash/passed"
	"$trash/history" | grep -qx "1\\.\\.$(cat "$trash/passed")" && [ "$(cat "$trash/passed")" -gt 40 ]
}
ok 'all its histories have been looked at' all_run

done_testing
