#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Instructions of hypercalls and ioctls with the series and without it, counted by an emulated
# machine. 'make bench' prints all of them.
. "$(dirname "$0")/lib.sh"

count_on()
{
	bench/count.sh "$base" "$1" hvc ioctl >"$trash/$2" && [ "$(wc -l <"$trash/$2")" -gt "$lines" ]
}

# dearer UNPATCHED PATCHED PATTERN EXCEPT MORE: prints which of the matching lines cost more than MORE
# above the unpatched kernel. MORE is a number of instructions, or a percentage. A kernel without the
# series has no absent registers, so the comparison is with a service that is off by its bit.
dearer()
{
	awk -F'\t' -v pattern="$3" -v except="${4:-^$}" -v more="${5:-0}" '
	NR == FNR { was[$1, $2] = $3; next }
	$1 "\t" $2 !~ pattern || $1 "\t" $2 ~ except { next }
	{
		state = $2
		sub(/^register absent/, "off", state)
		if (!(($1, state) in was))
			next
		compared++
		allowed = more ~ /%$/ ? was[$1, state] * more / 100 : more
		if ($3 > was[$1, state] + allowed)
			print $1 ", " $2 ": " $3 " instead of " was[$1, state]
	}
	END { print compared " compared" }' "$1" "$2"
}

# no_dearer PATTERN EXCEPT AT_LEAST [MORE]: none costs more, and at least AT_LEAST lines were compared
no_dearer()
{
	dearer "$trash/$base-unpatched" "$trash/$base" "$1" "$2" "${4:-}" >"$trash/dearer"
	cat "$trash/dearer"
	[ "$(wc -l <"$trash/dearer")" -eq 1 ] &&
	[ "$(sed -n 's/ compared$//p' "$trash/dearer")" -ge "$3" ]
}

# By the base's UAPI
has_filter()
{
	grep -q KVM_ARM_VM_SMCCC_FILTER "$build/$base-unpatched/tree/arch/arm64/include/uapi/asm/kvm.h"
}

# If a call cost more, dearer would name it
says_so()
{
	awk -F'\t' '{ if ($1 ~ /^0x86000000/ && $2 == "served") $3 += 100; print $1 "\t" $2 "\t" $3 }' \
		"$trash/$base" >"$trash/slower"
	dearer "$trash/$base-unpatched" "$trash/slower" '	served$' >"$trash/dearer"
	cat "$trash/dearer"
	grep '^0x86000000 .* instead of' "$trash/dearer"
}

for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	# The least number of lines to count, and to compare
	lines=90 calls=10 registers=20
	had_bmaps "$base" || lines=80 calls=5 registers=8
	ok "$base: a count on the patched kernel" count_on '' "$base"
	ok "$base: a count on the unpatched kernel" count_on 1 "$base-unpatched"
	ok "$base: another count has the same numbers" count_on '' "$base-again"
	ok "$base: down to the last" same "$trash/$base" "$trash/$base-again"

	# Where the base has neither bitmap registers nor their services, there is no bit to test
	percent=0 new='^$' vm=0.1% cap=8
	had_bmaps "$base" || new='^0x(8400005|c4000053|8600)|_BMAP'
	eval "$(base_field "$base" costs)"

	ok "$base: no call that is served costs more than $percent more" \
		no_dearer '^0x.*	served$' "$new" "$calls" "$percent"
	ok "$base: none that is off" no_dearer '^0x.*	off$' '' 10 "$percent"
	ok "$base: none whose register is absent" no_dearer '^0x.*	register absent$' '' 10 "$percent"
	ok "$base: none that no register has a say in" no_dearer '^0x.*	no register$' '' 20 "$percent"
	if has_filter; then
		ok "$base: none with an SMCCC filter" no_dearer '^0x.*	.*filter' '' 20
	else
		skip "$base: none with an SMCCC filter" "this base has no such filter"
	fi
	ok "$base: and a call that did would be named" says_so

	ok "$base: no access to a firmware register costs more than 8 more" \
		no_dearer '^KVM_[GS]ET_ONE_REG	' "$new" "$registers" 8
	if had_bmaps "$base"; then
		ok "$base: nor do two that change one, by more than 16" \
			no_dearer '^KVM_SET_ONE_REG, off and on' '' 3 16
		ok "$base: KVM_GET_REG_LIST costs 0.1% more at most" \
			no_dearer '^KVM_GET_REG_LIST' '' 2 0.1%
	else
		skip "$base: KVM_GET_REG_LIST" 'it has three more registers to list'
	fi
	ok "$base: a new VM costs $vm more at most" no_dearer '^KVM_CREATE_VM' '' 1 "$vm"
	# One more case in the switches of two ioctls
	ok "$base: a capability costs $cap more at most" \
		no_dearer '^KVM_(CHECK_EXTENSION|ENABLE_CAP)' 'ARM_HVC_FW_REG_BMAP' 9 "$cap"
done

done_testing
