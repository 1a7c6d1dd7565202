#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What does not move, and the reason that fwregs prints: VMs that are not pinned, on unpatched and on
# patched kernels, states from a host with another CPU, states with unknown registers, and damaged
# files.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/moves-lib.sh"

# said NAME STATUS PATTERN: the command NAME ended with this status and a matching line
said()
{
	sed -n "/^== $1\$/,/^status /p" "$trash/printed" >"$trash/move"
	cat "$trash/move"
	grep -qx "status $2" "$trash/move" && grep -q -E -e "$3" "$trash/move"
}

psci()
{
	psci_number "$(base_psci "$1")"
}

has_later_psci()
{
	[ $(($(psci "$1"))) -gt $(($(psci "$2"))) ]
}

# expected FROM TO: prints status and pattern for an unpinned move between unpatched kernels
expected()
{
	if has_later_psci "$1" "$2"; then
		echo "1 ^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_PSCI_VERSION \\(0x6030000000140000\\) to $(psci "$1"): KVM cannot honour this value \\(EINVAL\\)\$"
	elif ! had_bmaps "$1" && had_bmaps "$2"; then
		# It has PV_TIME without a register for it, section 5 of the contract
		echo '1 ^fwregs: the guest, vCPU 0: SMCCC_ARCH_FEATURES\(PV_TIME\) answered 0x0 before, and answers 0xffffffffffffffff now$'
	else
		echo '0 ^continued: .*with the same answers$'
	fi
}

# refused FROM TO: prints a pattern of the registers that check has to name
refused()
{
	! has_later_psci "$1" "$2" || echo KVM_REG_ARM_PSCI_VERSION
	base_bitmaps "$1" 1 | tail -n +$(($(base_nr_bitmaps "$2" 1) + 1)) | sed "s/^/KVM_REG_ARM_/"
}

# names_all FROM TO: check named these, and no other firmware register
names_all()
{
	sed -n "/^== check $1 to $2\$/,/^status /p" "$trash/printed" >"$trash/move"
	cat "$trash/move"
	awk '$1 == "refused" && $2 == "all" { print $3 }' "$trash/move" | sort >"$trash/named"
	refused "$1" "$2" | sort >"$trash/expected"
	same "$trash/expected" "$trash/named"
}

mkdir -p "$trash/saved"
for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	new_step <<-END
		./fwregs save out/$base.state
	END
	ok "$base, unpatched: a VM is saved" host_step "$base" 1
	cp "$trash/step/out/$base.state" "$trash/saved/"
done

for to in $bases; do
	for from in $bases; do
		move_commands "$from to $to" "$from.state" ''
		echo "echo '== check $from to $to'; ./fwregs check $from.state; echo status \$?"
	done | new_step "$trash/saved"/*.state
	ok "$to, unpatched: unpinned VMs arrive" host_step "$to" 1
	for from in $bases; do
		# shellcheck disable=SC2046 # words
		set -- $(expected "$from" "$to" | cut -d' ' -f1)
		ok "unpatched, unpinned, from $from to $to: $(expected "$from" "$to" | sed 's/\\//g')" \
			said "$from to $to" "$1" "$(expected "$from" "$to" | cut -d' ' -f2-)"
		ok "and check names what is refused, from $from to $to" names_all "$from" "$to"
	done
done

# A newer kernel's VM on the patched kernels that are older. The newest one's VM is this one:
newest=$(for base in $bases; do echo "$base"; done | sort -V | tail -n 1)
new_step <<END
./fwregs save out/new.state && ./fwregs save --set PSCI_VERSION=0x10000 out/bmap.state &&
./fwregs save --set PSCI_VERSION=0x10000 --limit 3 out/limit.state
END
ok "$newest: an unpinned VM is saved" host_step "$newest" ''
mkdir -p "$trash/new"
cp "$trash/step/out"/*.state "$trash/new/"
state=$trash/new/limit.state

# Unknown registers, and damaged files
jq '.firmware += [{id: "0x6030000000160003", value: "0x0"}, {id: "0x6030000000160004", value: "0x1"}]' "$state" >"$trash/unknown.json"
sealed "$trash/unknown.json" >"$trash/new/unknown.state"
jq '(.vcpus[0].registers[] | select(.id == "0x603000000013c684")).id = "0x603000000013dfff"' "$state" >"$trash/used.json"
sealed "$trash/used.json" >"$trash/new/used.state"
jq '(.vcpus[0].registers[] | select(.id == "0x603000000013c288")).id = "0x603000000013dfff"' "$state" >"$trash/unused.json"
sealed "$trash/unused.json" >"$trash/new/unused.state"
head -c 20000 "$state" >"$trash/new/cut.state"
sed '100s/0/1/' "$state" >"$trash/new/altered.state"
sealed "$trash/unknown.json" 9 >"$trash/new/later.state"

# masked BASE: a state of its VM with SSBS masked in ID_AA64PFR1_EL1, and what follows from that
# for WORKAROUND_2. The firmware comes first in the file.
masked()
{
	jq '
		(.vcpus[].registers[] | select(.id == "0x603000000013c021") | .value, .reset) |= "0" + .[1:] |
		(.firmware[] | select(.id == "0x6030000000140002") | .value) = "0x3"' "$trash/saved/$1.state" >"$trash/masked.json" &&
	sealed "$trash/masked.json"
}

each='unknown used unused cut altered later'
for base in $bases; do
	masked "$base" >"$trash/new/masked.state"
	{
		echo "echo '== check masked'; ./fwregs check masked.state; echo status \$?"
		for name in new bmap limit masked $each; do
			move_commands "$name" "$name.state" ''
		done
		# Without KVM: a damaged file is refused before there is a VM
		echo 'mv /dev/kvm /dev/hidden'
		for name in cut altered later limit; do
			move_commands "no KVM, $name" "$name.state" ''
		done
	} | new_step "$trash/new"/*.state
	ok "$base: what should not be taken arrives" host_step "$base" ''
	if has_later_psci "$newest" "$base"; then
		ok "$base refuses an unpinned VM of $newest, for its PSCI version" said new 1 \
			"^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_PSCI_VERSION .* to $(psci "$newest"): .*\\(EINVAL\\)\$"
	else
		ok "$base takes an unpinned VM of $newest" said new 0 '^continued: '
	fi
	more=$(base_bitmaps "$newest" | tail -n +$(($(base_nr_bitmaps "$base") + 1)) | head -n 1)
	if [ -n "$more" ]; then
		ok "$base refuses one that has a bitmap register more" said bmap 1 \
			"^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_$more .* to 0x0: .*\\(ENOENT\\)\$"
	else
		ok "$base takes one with a lower PSCI version" said bmap 0 '^continued: '
	fi
	ok "$base takes one that is limited, too" said limit 0 '^continued: '
	ok "$base refuses a register that no kernel knows" said unknown 1 \
		'^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_(VENDOR_HYP_BMAP_2|FW_FEAT_BMAP_REG\(4\)) .*\(ENOENT\)$'
	ok "$base refuses an unknown register that the guest has used" said used 1 \
		'^fwregs: KVM_SET_ONE_REG of system register 3 3 c15 c15 7 \(0x603000000013dfff\) of vCPU 0, which the guest has used: .*\(ENOENT\)$'
	ok "$base leaves one that the guest has not used, and says so" said unused 0 \
		'^left: system register 3 3 c15 c15 7 \(0x603000000013dfff\) of vCPU 0, which the guest has not used \(ENOENT\)$'
	# The guest has had another level before
	if ssbs_matters "$base"; then
		ok "$base takes a level that its own ID registers do not allow, after the VM's" \
			said 'check masked' 0 '^this host would take it$'
		ok "$base gives it to the guest" said masked 1 \
			'^fwregs: the guest, vCPU 0: SMCCC_ARCH_FEATURES\(WA_2\) answered '
	fi
	for kvm in '' 'no KVM, '; do
		ok "$base: ${kvm}a file that was cut off" said "${kvm}cut" 4 '^fwregs: cut.state: it ends [0-9]+ bytes too early$'
		ok "$base: ${kvm}a file that was altered" said "${kvm}altered" 3 '^fwregs: altered.state: it has been altered, '
		ok "$base: ${kvm}a file from a later version" said "${kvm}later" 5 '^fwregs: later.state: it is of version 9, '
	done
	ok "$base: and one that is fine wants KVM" said 'no KVM, limit' 6 '^fwregs: open of /dev/kvm, .*\(ENOENT\)$'
done

# A mitigation level that the target's CPU does not have
CPU=cortex-a57
export CPU
{ move_commands level limit.state ''; echo "echo '== check'; ./fwregs check limit.state; echo status \$?"; } |
	new_step "$trash/new/limit.state"
ok "$newest on cortex-a57: a VM from a CPU with another mitigation arrives" host_step "$newest" ''
ok 'and is refused for it' said level 1 \
	'^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1 \(0x6030000000140001\) to 0x2: KVM cannot honour this value \(EINVAL\)$'
ok 'check says the same' said check 1 '^refused  all   KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1 +0x2 +KVM cannot honour this value \(EINVAL\)$'

done_testing
