#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The conformance program on the patched kernel of each base, in every mode, and with
# the ceilings on the kernel's command line.
. "$(dirname "$0")/lib.sh"

in_mode()
{
	ok "$base: conformance, $1" conforms "$base" "$2" "$3" ''
	ok "$base: and that is how KVM runs, $1" is_mode "$1"
	grep -a '^ok .* # SKIP' "$trash/tap" >>"$trash/skipped"
}

# levels CPU WA1 WA2 WA3: the levels of a host with this CPU, by section 7 of the ABI. A higher level, as
# saved on another host, is refused.
levels()
{
	CPU=$1 on_host "$base" '' '' 1 "fwregs list; fwregs list --set SMCCC_ARCH_WORKAROUND_1=2 || echo refused" || return 1
	for n in 1 2 3; do
		shift
		grep -E "SMCCC_ARCH_WORKAROUND_$n +0x$1 " "$trash/host" || return 1
		[ "$n" -gt 1 ] || wa1=$1
	done
	if [ "$wa1" -lt 2 ]; then
		grep refused "$trash/host"
	else
		! grep refused "$trash/host"
	fi
}

warns()
{
	grep -a -F "$1" "$trash/console.log"
}

# On the unpatched kernel, what the series adds is missing. The program reports that as failures, not
# as skipped, and reaches the end of the plan. What the base has is ok.
reports_missing()
{
	on_host "$base" 1 '' 4 conformance >/dev/null
	[ $? -eq 1 ] || { cat "$trash/boot"; return 1; }
	tap
	for section in 2 3 4 5 6; do
		echo "section $section: $(grep -c "^ok [0-9]* - $section: " "$trash/tap") ok," \
		     "$(grep -c "^not ok [0-9]* - $section: " "$trash/tap") not ok"
	done
	[ "$plan" -eq "$(grep -c '^ok\|^not ok' "$trash/tap")" ] &&
	grep -q '^not ok .* - 4: ' "$trash/tap" &&
	! grep '^ok .* - [56]: ' "$trash/tap" &&
	grep -q '^ok .* - 2: ' "$trash/tap" && grep -q '^ok .* - 3: ' "$trash/tap"
}

deeply || MODES=$few_modes
for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	: >"$trash/skipped"
	for_modes "$base" in_mode
	sort -u "$trash/skipped" | sed 's/^/# in some mode: /'

	ok "$base: conformance, unpatched: what is missing is reported" reports_missing

	CPU=cortex-a57 ok "$base: conformance, cortex-a57, which has no VHE and other mitigation levels" \
		conforms "$base" '' 1 ''
	ok "$base: mitigation levels of max" levels max 2 0 0
	ok "$base: mitigation levels of cortex-a57" levels cortex-a57 0 0 0

	ok "$base: ceilings on the command line" conforms "$base" \
		'kvm.fw_bmap_regs=1 kvm.psci_version=1.0' 1 '--expect-ceiling=1 --expect-psci=1.0'
	ok "$base: the lowest ceilings on the command line" conforms "$base" \
		'kvm.fw_bmap_regs=0 kvm.psci_version=0.2' 1 '--expect-ceiling=0 --expect-psci=0.2'
	ok "$base: bad ceilings on the command line are the default" conforms "$base" \
		'kvm.fw_bmap_regs=99 kvm.psci_version=9.9' 1 ''
	ok "$base: and one is warned of" warns "\`99' invalid for parameter \`kvm.fw_bmap_regs'"
	ok "$base: and the other, too" warns "\`9.9' invalid for parameter \`kvm.psci_version'"
done

done_testing
