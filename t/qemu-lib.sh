# SPDX-License-Identifier: BSD-3-Clause
# Sourced by the tests of an unmodified QEMU, after lib.sh, not run.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

# shellcheck source=scripts/lib.sh
. "$scripts/lib.sh"
. "$scripts/qemu-moves-lib.sh"
set +e

have_qemu()
{
	"$scripts/qemu-root.sh" >"$trash/build.log" 2>&1 || {
		comment "$trash/build.log"
		bail "there is no QEMU for arm64"
	}
}

# qemu_step BASE VARIANT: boots a host that runs the commands on stdin, with the VMs that came
# out of the step before in in/
qemu_step()
{
	mkdir -p "$trash/step"
	rm -rf "$trash/step/in"
	[ ! -d "$trash/step/out" ] || mv "$trash/step/out" "$trash/step/in"
	cat >"$trash/step/commands"
	step_status=0
	on_qemu_host "$1" "$2" "$trash/step" || step_status=$?
	[ "$step_status" -eq 0 ] || comment "$trash/step/printed"
}

# legs N: the sections of what was printed, as $trash/N-SECTION
legs()
{
	sed -n 's/^== //p' "$trash/step/printed" | while read -r name; do
		section "$name" "$trash/step/printed" >"$trash/$1-$name"
	done
}

started()
{
	cat "$1"
	grep -qx 'status 0' "$1" && [ "$(counted last "$1")" -gt "$(counted first "$1")" ]
}

# stopped_by REASONS SECTION: the guest did not go on, QEMU named each of the reasons, which are
# separated by |, and no other register
stopped_by()
{
	cat "$2"
	grep -qx 'status 1' "$2" || return 1
	echo "$1" | tr '|' '\n' | while read -r reason; do
		grep -qE -e "$reason" "$2" || { echo "not said: $reason"; exit 1; }
	done || return 1
	! grep -E 'register|fw reg' "$2" | grep -vE -e "$1|: skip it\$|Failed to put registers"
}

# reasons SECTION: the registers that QEMU names where a guest does not go on, in a line each:
# "firmware" or "system", the register, and if it is "unknown" or its value is "refused"
reasons()
{
	sed -nE -e 's/^.*handle_cpreg_only_in_incoming_stream: (.*) in the incoming stream .*/unknown \1/p' \
		-e 's/^.*Could not set register (.*) to [^ ]+ \(is .*/refused \1/p' "$1" |
	sed -E -e 's/demuxed reg [0-9a-f]+/CCSIDR_EL1/' \
		-e 's/system register op0:([0-9]+) op1:([0-9]+) crn:([0-9]+) crm:([0-9]+) op2:([0-9]+)/S\1_\2_C\3_C\4_\5/' \
		-e 's/S2_0_C1_C1_4/OSLSR_EL1/; s/S3_0_C0_C1_2/ID_DFR0_EL1/; s/S3_0_C0_C5_0/ID_AA64DFR0_EL1/' \
		-e 's/S3_1_C0_C0_1/CLIDR_EL1/; s/S3_0_C0_C7_1/ID_AA64MMFR1_EL1/' \
		-e 's/S3_0_C9_C14_6/PMMIR_EL1/; s/S3_3_C14_C0_1/CNTPCT_EL0/' \
		-e 's/S3_3_C14_C2_1/CNTP_CTL_EL0/; s/S3_3_C14_C2_2/CNTP_CVAL_EL0/' \
		-e 's/S3_[03]_C9_C1[2-4]_[0-7]|S3_3_C14_C([89]|1[0-5])_[0-7]/other registers of the PMU/' \
		-e 's/fw reg 0$/PSCI_VERSION fw/; s/fw feat reg ([0-9]+)$/bitmap \1 fw/' |
	sort -u | awk '{
		what = $1
		kind = $0 ~ / fw / || $NF == "fw" ? "firmware" : "system"
		sub(/^[a-z]+ /, "")
		sub(/ fw$/, "")
		print kind, $0, what
	}'
}
