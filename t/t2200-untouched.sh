#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# For a VMM that uses nothing of the series, the patched kernel is the unpatched one:
# same register list, same values, same errors, same guest. See regdump.c.
. "$(dirname "$0")/lib.sh"

dump()
{
	on_host "$base" "$1" "$2" "$3" regdump >/dev/null || { cat "$trash/host" "$trash/boot"; return 1; }
	cp "$trash/host" "$4"
	# It has got to the end, after KVM_RUN
	grep -q '^the VM has run' "$4" && [ "$(wc -l <"$4")" -gt 500 ]
}

in_mode()
{
	ok "$base: dump of the unpatched kernel, $1" dump 1 "$2" "$3" "$trash/$base-unpatched-$1"
	ok "$base: dump of the patched kernel, $1" dump '' "$2" "$3" "$trash/$base-patched-$1"
	ok "$base: they are the same, $1" \
		same "$trash/$base-unpatched-$1" "$trash/$base-patched-$1"
}

for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	for_modes "$base" in_mode
done

done_testing
