#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# An unmodified QEMU, which knows nothing of the series: with the ceilings of what the older
# kernel has, its guests go from the newer to the older one and back. Without, they do not, and the
# reason is a firmware register. See docs/unmodified-vmms.md.
. "$(dirname "$0")/lib.sh"

# A pair of kernels with a PMMIR_EL1 on one side alone
new=7.3 old=6.12
for base in $old $new; do
	case " $bases " in
	*" $base "*) ;;
	*)
		echo "1..0 # SKIP this is between $new and $old, and BASES=$bases has not both"
		exit 0
		;;
	esac
done

. "$top/t/qemu-lib.sh"
for base in $old $new; do
	have_kernel "$base"
done
have_qemu
ceilings=$(base_ceilings "$old" 1)
newer=$(psci_number "$(base_psci "$new")") older=$(psci_number "$(base_psci "$old")")

qemu_step $new '' <<-END
	echo '== QEMU'; qemu --version
	echo '== no ceilings, console'; vm_start console out/none-console
	cpu=host; echo '== PMU and no ceilings, console'; vm_start console out/pmu-none-console; cpu=\$no_pmu
	ceilings $ceilings || exit 1
	echo '== console'; vm_start console out/console
	echo '== linux'; vm_start linux out/linux
	cpu=host; echo '== PMU, console'; vm_start console out/pmu-console
END
ok "$new: a host with QEMU" test "$step_status" -eq 0
legs 1
ok "$new: the QEMU of the newest suite" grep -E '^QEMU emulator version (1[1-9]|[2-9][0-9])\.' "$trash/1-QEMU"
for name in 'no ceilings, console' 'PMU and no ceilings, console' console linux 'PMU, console'; do
	ok "$new, $name: a guest starts and counts" started "$trash/1-$name"
done
ok "$new, no ceilings: it has its own PSCI" grep -q "^answer PSCI_VERSION $newer " "$trash/1-no ceilings, console"
ok "$new, ceilings: it has the PSCI of $old" grep -q "^answer PSCI_VERSION $older " "$trash/1-console"
for found in "psci: PSCIv$(base_psci "$old") detected" 'arm-pv: using stolen time PV' 'random numbers from smccc_trng' \
	'clock KVM virtual PTP'; do
	ok "$new, ceilings: Linux finds $found" grep -q "^linux: $found" "$trash/1-linux"
done
for call in TRNG_RND64 'VENDOR_HYP_KVM_PTP(virtual)'; do
	ok "$new, ceilings: $call is served" grep -qxF "answer $call served" "$trash/1-console"
done
ok "$new, ceilings: stolen time is served" grep -q '^answer PV_TIME_ST 0x[0-9a-f]\{1,15\} ' "$trash/1-console"

qemu_step $old '' <<-END
	echo '== no ceilings, console'; vm_continue console in/none-console
	cpu=host; echo '== PMU and no ceilings, console'; vm_continue console in/pmu-none-console
	echo '== PMU, console'; vm_continue console in/pmu-console; cpu=\$no_pmu
	ceilings $ceilings || exit 1
	echo '== console'; vm_continue console in/console out/console
	echo '== linux'; vm_continue linux in/linux out/linux
END
ok "$old: a host with QEMU" test "$step_status" -eq 0
legs 2

# What stands in the way, as QEMU has it: a firmware register, and with a PMU a system register
firmware="Could not set register fw reg 0 to ${newer#0x} \\(is ${older#0x}\\)\$"
system='system register op0:3 op1:0 crn:9 crm:14 op2:6 in the incoming stream but unknown on the destination'
ok "without ceilings, $old takes no guest from $new: PSCI_VERSION" \
	stopped_by "$firmware" "$trash/2-no ceilings, console"
ok 'with a PMU, it is PMMIR_EL1 as well' \
	stopped_by "$firmware|$system" "$trash/2-PMU and no ceilings, console"
ok 'with ceilings and a PMU, it is PMMIR_EL1 alone' \
	stopped_by "$system" "$trash/2-PMU, console"
for name in console linux; do
	ok "with ceilings, the $name guest runs on, with the same firmware" \
		went_on "$trash/1-$name" "$trash/2-$name"
done

qemu_step $new '' <<-END
	ceilings $ceilings || exit 1
	echo '== console'; vm_continue console in/console
	echo '== linux'; vm_continue linux in/linux
END
ok "$new again: a host with QEMU" test "$step_status" -eq 0
legs 3
for name in console linux; do
	ok "and the $name guest is back, with the same firmware" \
		went_on "$trash/2-$name" "$trash/3-$name"
done

# These tests can fail
sed 's/^round .*/round 1/' "$trash/3-console" >"$trash/stuck"
ok 'a guest that does not count is noticed' fails 1 '^it was at' went_on "$trash/2-console" "$trash/stuck"
{ cat "$trash/3-console"; echo "changed PSCI_VERSION was $older is $newer"; } >"$trash/changed"
ok 'and one that starts from the beginning' fails 1 '^it was at' went_on "$trash/2-console" "$trash/1-console"
ok 'and one with another firmware' fails 1 '^changed ' went_on "$trash/2-console" "$trash/changed"
ok 'and one that went on where it should not' fails 1 '^status 0' stopped_by "$firmware" "$trash/2-console"

done_testing
