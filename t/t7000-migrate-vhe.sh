#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A VM moves between hosts with different kernels, and back: every ordered pair of the bases,
# with 1 and 4 vCPUs, on hosts with VHE. The guest compares all answers of its firmware.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/moves-lib.sh"

for base in $bases; do
	have_kernel "$base"
done
all_moves
ok 'the last of them ran with VHE' grep -a 'kvm.*: VHE mode initialized' "$trash/step/console.log"

done_testing
