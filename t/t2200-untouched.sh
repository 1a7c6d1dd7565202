#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A VMM that uses nothing of the series sees the same on the patched and the unpatched kernel:
# register list, values, errors, guest. See regdump.c. On some bases, one thing differs: the list has
# firmware registers last.
. "$(dirname "$0")/lib.sh"

# What to compare. The series adds bitmap registers and their services to a base without them. So
# lines that are about these, or count them, are left out: the coprocessor, the calls,
# KVM_CAP_PTP_KVM.
known_before()
{
	if had_bmaps "$base"; then
		cat
	else
		awk '/0x[0-9a-f]+016[0-9a-f][0-9a-f][0-9a-f][0-9a-f]([^0-9a-f]|$)/ { skipped = 1; next }
			skipped && /^and back:/ { next }
			{ skipped = 0 }
			/: KVM_CHECK_EXTENSION 198:|^KVM_GET_REG_LIST.* registers/ { next }
			/^guest: (TRNG_|VENDOR_HYP_(CALL_UID|KVM_FEATURES|KVM_PTP))/ { next }
			{ print }'
	fi
}

# The dump of an unpatched kernel, with the firmware registers at the end of the list
in_new_order()
{
	if [ "$1" = 1 ] && ssbs_matters "$base"; then
		awk '/^KVM_GET_REG_LIST: / { in_list = 1 }
			in_list && /^0x60300000001[46]/ { firmware = firmware $0 "\n"; next }
			/^KVM_GET_ONE_REG/ && in_list { printf "%s", firmware; in_list = 0 }
			{ print }'
	else
		cat
	fi
}

dump()
{
	on_host "$base" "$1" "$2" "$3" regdump >/dev/null || { cat "$trash/host" "$trash/boot"; return 1; }
	known_before <"$trash/host" | in_new_order "$1" >"$4"
	# The program has reached its end, after KVM_RUN
	grep -q '^the VM has run' "$4" && [ "$(wc -l <"$4")" -gt 500 ]
}

in_mode()
{
	ok "$base: dump of the unpatched kernel, $1" dump 1 "$2" "$3" "$trash/$base-unpatched-$1"
	ok "$base: dump of the patched kernel, $1" dump '' "$2" "$3" "$trash/$base-patched-$1"
	ok "$base: they are the same, $1" \
		same "$trash/$base-unpatched-$1" "$trash/$base-patched-$1"
}

all || MODES=$few_modes
for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	for_modes "$base" in_mode
done

done_testing
