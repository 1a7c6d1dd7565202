#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A guest sees the same on each base, down to the return values, with the services of all common
# registers enabled and disabled. Random numbers and times differ.
. "$(dirname "$0")/lib.sh"

# The highest PSCI version that every base has
psci='--set PSCI_VERSION=0x10000'
off='--set STD_BMAP=0 --set STD_HYP_BMAP=0 --set VENDOR_HYP_BMAP=0'

# Replaces random numbers, times, and the PSCI version of a new VM, which depends on the base
without_chance()
{
	tr -d '\r' | sed -E \
		-e '/^TRNG_RND/ s/(0x0 0 0) [0-9a-f]+/\1 RANDOM/g' \
		-e '/^VENDOR_HYP_KVM_PTP/ s/0x[0-9a-f]+( [0-9a-f]+){3}/TIME/g' \
		-e '/^PSCI_VERSION/ s/ 0x[0-9a-f]+ +0x/ LATEST 0x/' \
		-e 's/ +/ /g'
}

table()
{
	on_host "$base" '' '' 1 "fwregs guest $1" >/dev/null || { cat "$trash/host" "$trash/boot"; return 1; }
	without_chance <"$trash/host" >"$trash/$base-$2"
	cat "$trash/$base-$2"
	[ "$(wc -l <"$trash/$base-$2")" -eq 20 ]
}

# With all services on, each call of n = 0 to 2 is served
served()
{
	! grep -E ' (STD|STD_HYP|VENDOR_HYP)_BMAP:[0-9] .*NOT_SUPPORTED' "$1" &&
	[ "$(grep -c -E ' (STD|STD_HYP|VENDOR_HYP)_BMAP:[0-9] ' "$1")" -eq 12 ]
}

# With all services off or limited, none is. The last column is that of the pinned VM.
none_served()
{
	! grep -E '_BMAP:[0-9] ' "$1" | grep -v 'NOT_SUPPORTED $\|NOT_SUPPORTED$'
}

reference=
for base in $bases; do
	have_kernel "$base"
	ok "$base: a guest with everything on" table "$psci" on
	ok "$base: all the services are there" served "$trash/$base-on"
	ok "$base: a guest with the first three registers" table "$psci --limit 3" three
	ok "$base: a guest with everything off" table "$psci $off" off
	ok "$base: no service is there" none_served "$trash/$base-off"
	ok "$base: a guest with no bitmap register" table "$psci --limit 0" none
	ok "$base: no service is there, either" none_served "$trash/$base-none"
	[ -n "$reference" ] || reference=$base
	for what in on three off none; do
		[ "$base" = "$reference" ] ||
			ok "$base: the guest sees what it sees on $reference ($what)" \
				same "$trash/$reference-$what" "$trash/$base-$what"
	done
done

done_testing
