#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The code of docs/vmm-guide.md, compiled and run on emulated hosts. Rules for the page: a block
# of code that is compiled starts with a line ```c and ends with a line ```; all of them together,
# in their order, are one program with t/guide.c around it. Each claim() in there is a test.
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/lib.sh
. "$scripts/lib.sh"
set +e

page=docs/vmm-guide.md
mkdir -p "$trash/run"

# With the lines of the page in the compiler's messages
extract()
{
	awk -v page="$page" '
		/^```/ { code = $0 == "```c"; if (code) print "#line", NR + 1, "\"" page "\""; next }
		code
		END { if (code) exit 1 }' "$1"
}

extracted()
{
	extract "$page" >"$trash/page.c" && [ "$(grep -c '^#line' "$trash/page.c")" -ge 5 ]
}
ok "$page has code" extracted

# compile INCLUDES OUTPUT
compile()
{
	"${cross}gcc" -std=gnu11 -Wall -Wextra -Werror -static -I"$1" -Ilib -I. \
		-o "$2" t/guide.c vmm/vmm.c lib/fwregs.c
}
ok 'it compiles, with the library' compile "$trash" "$trash/run/guide"

wide()
{
	expand "$trash/page.c" t/guide.c | awk 'length > 100 { print; n++ } END { exit n > 0 }'
}
ok 'no line of it is wider than 100 columns' wide

# A claim that does not hold has to be seen
mkdir -p "$trash/wrong"
sed 's/nr_bitmaps(vm.vcpu) == bitmaps/nr_bitmaps(vm.vcpu) == bitmaps + 1/' "$trash/page.c" >"$trash/wrong/page.c"
ok 'so does a page with a wrong claim' compile "$trash/wrong" "$trash/run/wrong"

names()
{
	ok "$kernel: pinning names $1" grep -q "^cannot pin the VM: KVM_REG_ARM_$1: " "$trash/claims"
}

# claims_on BASE UNPATCHED COUNT BITMAPS
claims_on()
{
	kernel="$1${2:+, unpatched}"
	ok "$kernel: the program ends well" on_host "$1" "$2" '' 1 "
./wrong $3 $4 >/tmp/wrong 2>&1
grep -q '^FAIL the list says' /tmp/wrong || { cat /tmp/wrong; exit 1; }
./guide $3 $4 2>/tmp/err
status=\$?
cat /tmp/err
exit \$status"
	tr -d '\r' <"$trash/host" >"$trash/claims"
	while IFS= read -r line; do
		case $line in
		PASS*) count=$((count + 1)); echo "ok $count - $kernel: ${line#PASS }" ;;
		FAIL*) count=$((count + 1)); echo "not ok $count - $kernel: ${line#FAIL }" ;;
		END) ;;
		*) echo "# $line" ;;
		esac
	done <"$trash/claims"
	ok "$kernel: to its end" grep -qx END "$trash/claims"
	# What pin() has said on stderr
	case $3$4 in
	00) names STD_BMAP ;;
	0*) names VENDOR_HYP_BMAP ;;
	*) ok "$kernel: pinning says nothing" sh -c "! grep -q 'cannot pin' '$trash/claims'" ;;
	esac
	# The claims about the order of a restore are made where a VM can have other ID registers
	ordered=0
	! ssbs_matters "$1" || ordered=2
	ok "$kernel: $ordered claims about the order" \
		[ "$(grep -c '^PASS .* first, KVM ' "$trash/claims")" -eq $ordered ]
}

have_programs
for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	claims_on "$base" '' "$(base_nr_bitmaps "$base")" "$(base_nr_bitmaps "$base")"
	claims_on "$base" 1 0 "$(base_nr_bitmaps "$base" 1)"
done

done_testing
