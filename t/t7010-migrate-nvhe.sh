#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The same as t7000 on hosts without VHE. Not every base can disable VHE, so all hosts have a CPU
# without it, which also lacks a mitigation level.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/moves-lib.sh"

export CPU=cortex-a57
for base in $bases; do
	have_kernel "$base"
done
all_moves
ok 'the last of them ran without VHE' \
	grep -a -E 'kvm.*: Hyp (nVHE )?mode initialized' "$trash/step/console.log"

done_testing
