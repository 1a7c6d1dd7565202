#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# fwregs on an emulated host: what it prints, and how it fails. One machine runs all
# of the cases of a kernel: exit status, pattern that a line has to match, command.
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/lib.sh
. "$scripts/lib.sh"
set +e

# Of the cross compiler, for programs that are not static
libraries=/usr/aarch64-linux-gnu/lib

errors='
1~^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_PSCI_VERSION \(0x6030000000140000\) to 0x20000: .*\(EINVAL\)$~fwregs guest --set PSCI_VERSION=0x20000
1~^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_FW_FEAT_BMAP_REG\(9\) \(0x6030000000160009\) to 0x0: .*\(ENOENT\)$~fwregs guest --set 0x6030000000160009=0
2~^fwregs: .STD_BMA. is not the name of a firmware register$~fwregs guest --set STD_BMA=0
2~^fwregs: .0x603000000013c288. is not the name of a firmware register$~fwregs list --set 0x603000000013c288=1
2~^fwregs: .x., for STD_BMAP, is not a number of up to 64 bits$~fwregs list --set STD_BMAP=x
2~^fwregs: .., for STD_BMAP, is not a number of up to 64 bits$~fwregs list --set STD_BMAP=
2~^fwregs: .-1., for STD_BMAP, is not a number of up to 64 bits$~fwregs list --set STD_BMAP=-1
2~^fwregs: .0x., for STD_BMAP, is not a number of up to 64 bits$~fwregs list --set STD_BMAP=0x
2~^fwregs: .18446744073709551616., for STD_BMAP, is not a number~fwregs list --set STD_BMAP=18446744073709551616
2~^fwregs: .1k., for --limit, is not a number of up to 64 bits$~fwregs list --limit 1k
2~^fwregs: .4294967296., for --limit, is more registers than there are$~fwregs list --limit 4294967296
6~^fwregs: writing the output: No space left on device \(ENOSPC\)$~full fwregs list
6~^fwregs: writing the output: No space left on device \(ENOSPC\)$~full fwregs guest
6~^fwregs: writing the output: No space left on device \(ENOSPC\)$~full fwregs --help
0~^0x6030000000140001 +KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1 +0x2 +0 1 2 +yes$~fwregs list --set SMCCC_ARCH_WORKAROUND_1=0
0~^SMCCC_ARCH_FEATURES.WA_1. +- +0x1 +0x1$~fwregs guest --set SMCCC_ARCH_WORKAROUND_1=0
0~^Usage: fwregs list \[OPTION\]\.\.\.$~fwregs list --help
0~^  guest     Print ~fwregs --help
0~^fwregs [0-9.]+$~fwregs --version
2~^fwregs: there is no command, see~fwregs
2~^fwregs: there is no command .lists., see~fwregs lists
2~^fwregs: list has no option .--limits., see~fwregs list --limits 2
2~^fwregs: --limit wants a value, see~fwregs list --limit
2~^fwregs: --set wants a value, see~fwregs guest --set
2~^fwregs: --set wants NAME=VALUE, not .STD_BMAP., see~fwregs guest --set STD_BMAP
6~^fwregs: open of /dev/kvm, are you root or in the group kvm\?: Permission denied \(EACCES\)$~no_permission fwregs list
6~^fwregs: open of /dev/kvm, is KVM enabled on this host\?: No such file or directory \(ENOENT\)$~no_kvm fwregs list
6~^fwregs: open of /dev/kvm, is KVM enabled on this host\?: No such file or directory \(ENOENT\)$~no_kvm fwregs guest
'

moves='
0~^saved: 1 vCPU after round [0-9]+; @LISTED@ firmware registers, [0-9]+ others of a vCPU, [0-9]+ pages$~fwregs save /tmp/one
0~^saved: 4 vCPUs after round ([0-9]+ ?){4}; 5 firmware registers, ~fwregs save --vcpus 4 --limit 1 --rounds 3 /tmp/four
1~^fwregs: limiting the VM to @MORE@ bitmap registers, of @KNOWN@: the VM has fewer bitmap registers \(ERANGE\)$~fwregs save --limit @MORE@ /tmp/more
2~^fwregs: save takes --limit or --pin, which has a limit, not both, see~fwregs save --pin /tmp/four --limit 1 /tmp/more
0~^saved: 1 vCPU after round [0-9]+; 5 firmware registers, ~fwregs save --pin /tmp/four /tmp/pinned
0~^continued: saved on Linux [^ ]*, 1 vCPU, each 5 rounds on with the same answers$~fwregs load /tmp/pinned
0~^note: this state has no ID registers, so those of a new VM count$~fwregs load /run-dir/low.state
0~^started: saved on none, 1 vCPU, each 5 rounds on with the same answers$~fwregs load /run-dir/low.state
0~^note: this state has no ID registers, so those of a new VM count$~fwregs check /run-dir/low.state
0~^  .id_registers.: false,$~fwregs check --json /run-dir/low.state
0~^  .id_registers.: true,$~fwregs check --json /tmp/one
0~^this host would take it$~fwregs check /tmp/one
0~^  .taken.: true,$~fwregs check --json /tmp/four
0~^continued: saved on Linux [^ ]*, 4 vCPUs, each 2 rounds on with the same answers$~fwregs load --rounds 2 -o /tmp/again /tmp/four
0~^continued: saved on Linux [^ ]*, 4 vCPUs, each 5 rounds on with the same answers$~fwregs load /tmp/again
6~^fwregs: writing /dev/full: No space left on device \(ENOSPC\)$~fwregs save /dev/full
6~^fwregs: creating a file beside /nosuch/state: No such file or directory \(ENOENT\)$~fwregs save /nosuch/state
6~^fwregs: /nosuch: open: No such file or directory \(ENOENT\)$~fwregs load /nosuch
6~^fwregs: /nosuch: open: No such file or directory \(ENOENT\)$~fwregs check /nosuch
6~^fwregs: /nosuch: open: No such file or directory \(ENOENT\)$~fwregs save --pin /nosuch /tmp/one
4~^fwregs: /dev/null: it ends within its first lines$~fwregs load /dev/null
4~^fwregs: /dev/null: it ends within its first lines$~no_kvm fwregs save --pin /dev/null /tmp/none
0~^this host would take it$~through fwregs load -o - /tmp/four
1~^fwregs: KVM_SET_MP_STATE of vCPU 0 to 77: KVM cannot honour this value \(EINVAL\)$~fwregs load /run-dir/mp.state
0~^3 refused$~refused fwregs check /run-dir/more.state
0~^refused  1     KVM_SET_MP_STATE +0x4d +KVM cannot honour this value \(EINVAL\)$~refused fwregs check /run-dir/more.state
0~^refused  0     system register 3 0 c0 c4 0 .* +- +KVM cannot honour this value \(EINVAL\)$~refused fwregs check /run-dir/more.state
0~^this host would not take it: 3 refused$~refused fwregs check /run-dir/more.state
2~^fwregs: save wants a STATE, see~fwregs save
2~^fwregs: load wants a STATE, see~fwregs load --rounds 3
2~^fwregs: check takes one STATE, but there is ./tmp/two. as well, see~fwregs check /tmp/one /tmp/two
2~^fwregs: load has no option .--vcpus., see~fwregs load --vcpus 2 /tmp/one
2~^fwregs: .9., for --vcpus, is not from 1 to 8$~fwregs save --vcpus 9 /tmp/one
2~^fwregs: .0., for --rounds, is not from 1 to 1000000$~fwregs save --rounds 0 /tmp/one
2~^fwregs: report has no option .--jsn., see~fwregs report --jsn
2~^fwregs: .xml., for --format, is not json, nfd or prometheus, see~fwregs report --format=xml
6~^fwregs: writing /dev/full: No space left on device \(ENOSPC\)$~fwregs report -o /dev/full
'

# What is different on each base: KNOWN bitmap registers and one MORE, LISTED registers, PSCI
# VERSIONS, the LATEST, and that as a number, IS; what the line of register 3 ends in
facts()
{
	known=$(base_nr_bitmaps "$1") latest=$(base_psci "$1")
	echo "KNOWN=$known MORE=$((known + 1)) LISTED=$((known + 4)) LATEST=$latest IS=$(psci_number "$latest")"
	echo "VERSIONS=$(base_field "$1" psci | sed 's/\./\\\\./g')"
	base_field "$1" register | awk '
	NR == 4 { print "THIRD=" $3 " +mask " $2 " +yes" }
	END { if (NR < 4) print "THIRD=- +- +no: ENOENT" }'
}

# with_facts BASE: puts them into cases
with_facts()
{
	facts "$1" | sed -E '/^KNOWN/ s/ /\n/g' | sed 's,^\([A-Z]*\)=\(.*\)$,s~@\1@~\2~g,' >"$trash/facts"
	sed -f "$trash/facts"
}

patched='
1~^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_STD_BMAP \(0x6030000000160000\) to 0x2: .*\(EINVAL\)$~fwregs guest --set STD_BMAP=2
0~^KVM_CAP_ARM_HVC_FW_REG_BMAP: ceiling @KNOWN@, count of this VM @KNOWN@$~fwregs list
0~^KVM_CAP_ARM_HVC_FW_REG_BMAP: ceiling @KNOWN@, count of this VM 1$~fwregs list --limit 1
0~^0x6030000000160002 +KVM_REG_ARM_VENDOR_HYP_BMAP +0x3 +mask 0x3 +yes$~fwregs list
0~^0x6030000000160002 +KVM_REG_ARM_VENDOR_HYP_BMAP +0x1 +mask 0x3 +yes$~fwregs list --set VENDOR_HYP_BMAP=1
0~^0x6030000000160002 +KVM_REG_ARM_VENDOR_HYP_BMAP +- +- +no: ENOENT$~fwregs list --limit 2
0~^0x6030000000160003 +KVM_REG_ARM_VENDOR_HYP_BMAP_2 +@THIRD@$~fwregs list
0~^0x6030000000160003 +KVM_REG_ARM_VENDOR_HYP_BMAP_2 +- +- +no: ENOENT$~fwregs list --limit 3
0~^0x6030000000140000 +KVM_REG_ARM_PSCI_VERSION +@IS@ +@VERSIONS@ +yes$~fwregs list
0~^0x6030000000140001 +KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1 +0x2 +0 1 2 +yes$~fwregs list
0~^firmware pseudo-registers in KVM_GET_REG_LIST: @LISTED@$~fwregs list
0~^firmware pseudo-registers in KVM_GET_REG_LIST: 4$~fwregs list --limit 0
0~^module parameters: kvm.fw_bmap_regs=@KNOWN@ kvm.psci_version=@LATEST@$~fwregs list
0~^ID +FIRMWARE PSEUDO-REGISTER +RESET VALUE +ACCEPTED +LISTED$~fwregs list --limit 1
0~^ID +FIRMWARE PSEUDO-REGISTER +VALUE +ACCEPTED +LISTED$~fwregs list --set STD_BMAP=0
0~^TRNG_VERSION +STD_BMAP:0 +0x10000 +NOT_SUPPORTED$~fwregs guest --set STD_BMAP=0
0~^TRNG_VERSION +STD_BMAP:0 +0x10000 +NOT_SUPPORTED$~fwregs guest --limit 0
0~^TRNG_VERSION +STD_BMAP:0 +0x10000 +0x10000$~fwregs guest --limit 1
0~^PV_TIME_ST +STD_HYP_BMAP:0 +0x40010000 +NOT_SUPPORTED$~fwregs guest --limit 1
0~^VENDOR_HYP_KVM_FEATURES +VENDOR_HYP_BMAP:0 +0x3 +0x1$~fwregs guest --set KVM_REG_ARM_VENDOR_HYP_BMAP=0x1
0~^VENDOR_HYP_KVM_PTP.virtual. +VENDOR_HYP_BMAP:1 +0x[0-9a-f]+ .* NOT_SUPPORTED$~fwregs guest --set VENDOR_HYP_BMAP=1
0~^PSCI_VERSION +- +@IS@ +0x2$~fwregs guest --set PSCI_VERSION=0x2
0~^VENDOR_HYP_CALL_UID +VENDOR_HYP_BMAP:0 +0xb66fb428 e911c52e 564bcaa9 743a004d$~fwregs guest
1~^fwregs: limiting the VM to @MORE@ bitmap registers, of @KNOWN@: the VM has fewer bitmap registers \(ERANGE\)$~fwregs list --limit @MORE@
0~^KVM_CAP_ARM_HVC_FW_REG_BMAP: ceiling 0, count of this VM 0$~ceiling_0 fwregs list
1~^fwregs: limiting the VM to 1 bitmap registers, of 0: the VM has fewer bitmap registers \(ERANGE\)$~ceiling_0 fwregs list --limit 1
0~^firmware pseudo-registers in KVM_GET_REG_LIST: 4$~ceiling_0 fwregs list --limit 0
1~^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_VENDOR_HYP_BMAP \(0x6030000000160002\) to 0x0: the VM has no such register \(ENOENT\)$~fwregs guest --limit 2 --set VENDOR_HYP_BMAP=0
'

unpatched='
0~^KVM_CAP_ARM_HVC_FW_REG_BMAP: not supported, so the count of a VM cannot be limited$~fwregs list
0~^module parameters: none, so this host has no ceilings$~fwregs list
1~^fwregs: limiting the VM to 2 bitmap registers, of 0: KVM cannot limit the registers of this VM \(EOPNOTSUPP\)$~fwregs guest --limit 2
1~^fwregs: limiting the VM to 0 bitmap registers, of 0: KVM cannot limit the registers of this VM \(EOPNOTSUPP\)$~fwregs list --limit 0
'

# Of a base that has bitmap registers, and of one that has not
unpatched_bmaps='
1~^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_STD_BMAP \(0x6030000000160000\) to 0x2: .*\(EINVAL\)$~fwregs guest --set STD_BMAP=2
0~^0x6030000000160002 +KVM_REG_ARM_VENDOR_HYP_BMAP +0x3 +mask 0x3 +yes$~fwregs list
0~^firmware pseudo-registers in KVM_GET_REG_LIST: @LISTED@$~fwregs list
0~^TRNG_VERSION +STD_BMAP:0 +0x10000 +NOT_SUPPORTED$~fwregs guest --set STD_BMAP=0
0~^@MORE@ refused$~refused fwregs check /run-dir/none.state
'
unpatched_none='
1~^fwregs: KVM_SET_ONE_REG of KVM_REG_ARM_STD_BMAP \(0x6030000000160000\) to 0x0: .*\(ENOENT\)$~fwregs guest --set STD_BMAP=0
0~^0x6030000000160002 +KVM_REG_ARM_VENDOR_HYP_BMAP +- +- +no: ENOENT$~fwregs list
0~^firmware pseudo-registers in KVM_GET_REG_LIST: 4$~fwregs list
0~^TRNG_VERSION +STD_BMAP:0 +NOT_SUPPORTED$~fwregs guest
'

# Runs there. A failure has to be one line, a success none on stderr.
script='
# The same under sanitizers, on the patched kernels
[ "$sane" != 1 ] || PATH=/run-dir/bin:$PATH
no_kvm()
{
	mv /dev/kvm /dev/hidden
	s=0
	"$@" || s=$?
	mv /dev/hidden /dev/kvm
	return $s
}

ceiling_0()
{
	before=$(cat /sys/module/kvm/parameters/fw_bmap_regs)
	echo 0 >/sys/module/kvm/parameters/fw_bmap_regs
	s=0
	"$@" || s=$?
	echo "$before" >/sys/module/kvm/parameters/fw_bmap_regs
	return $s
}

full()
{
	"$@" >/dev/full
}

# How many registers check names: one that is in the state, and those that are not
refused()
{
	! "$@" >/tmp/refused &&
	grep "^refused  all   KVM_REG_ARM_PSCI_VERSION  *0x90000  *KVM cannot honour this value (EINVAL)$" /tmp/refused &&
	cat /tmp/refused && echo "$(grep -c "^refused " /tmp/refused) refused"
}

# The state on stdout can be read
through()
{
	"$@" >/tmp/through 2>/dev/null && fwregs check /tmp/through
}

# Root may open any file, except for a device on a file system that is mounted with nodev
no_permission()
{
	mkdir /tmp/nodev
	mount -t tmpfs -o nodev none /tmp/nodev
	mknod /tmp/nodev/kvm c 10 232
	mount --bind /tmp/nodev/kvm /dev/kvm
	s=0
	"$@" || s=$?
	umount /dev/kvm
	return $s
}

while IFS="~" read -r want pattern command; do
	[ -n "$want" ] || continue
	status=0
	$command >/tmp/out 2>/tmp/err </dev/null || status=$?
	lines=$(wc -l </tmp/err)
	stream=out
	[ $want -eq 0 ] || stream=err
	if [ $status -eq $want ] && [ $lines -eq $((want > 0)) ] && grep -qE "$pattern" /tmp/$stream; then
		echo "PASS $command: exit status $want, $pattern"
	else
		echo "FAIL $command: exit status $want, $pattern"
		echo "exit status $status, $lines lines on stderr"
		cat /tmp/out /tmp/err
	fi
done <cases
echo "END"
'

# report: the results of the cases as tests
report()
{
	while IFS= read -r line; do
		case $line in
		PASS*) count=$((count + 1)); echo "ok $count - $kernel: ${line#PASS }" ;;
		FAIL*) count=$((count + 1)); echo "not ok $count - $kernel: ${line#FAIL }" ;;
		END) ;;
		*) echo "# $line" ;;
		esac
	done
}

# With the sanitizers for addresses and undefined behaviour, which need a loader and libraries
sane_fwregs()
{
	make -s -f scripts/programs.mk OUT="$trash/sane/obj" BIN="$trash/sane" LIBS="$build/arm64-libs" \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all' "$trash/sane/fwregs" &&
	mkdir -p "$trash/run/lib" "$trash/run/bin" && cp "$trash/sane/fwregs" "$trash/run/lib/" || return 1
	for library in ld-linux-aarch64.so.1 $(${cross}readelf -d "$trash/sane/fwregs" "$libraries"/libasan.so.? "$libraries"/libubsan.so.? |
		sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u); do
		cp -L "$libraries/$library" "$trash/run/lib/" || return 1
	done
	cat >"$trash/run/bin/fwregs" <<-'END'
		#!/bin/sh
		export ASAN_OPTIONS=detect_leaks=0
		exec /run-dir/lib/ld-linux-aarch64.so.1 --library-path /run-dir/lib /run-dir/lib/fwregs "$@"
	END
	chmod +x "$trash/run/bin/fwregs"
}

cases_on()
{
	mkdir -p "$trash/run"
	cat >"$trash/mp.json" <<-END
		{ "host": "none", "firmware": [], "memory": [],
		  "vcpus": [ { "mp_state": 77, "registers": [] } ] }
	END
	sealed "$trash/mp.json" >"$trash/run/mp.state"
	cat >"$trash/none.json" <<-END
		{ "host": "none",
		  "firmware": [ { "id": "0x6030000000140000", "value": "0x90000" } ] }
	END
	sealed "$trash/none.json" >"$trash/run/none.state"
	# KVM refuses something of each kind: the firmware, a register of a vCPU, an MP state
	jq '. + { memory: [], vcpus: [ { mp_state: 0, registers: [
		{ id: "0x603000000013c020", value: "ffffffffffffffff", reset: "0000000000000000" } ] },
		{ mp_state: 77, registers: [] } ] }' "$trash/none.json" >"$trash/more.json"
	sealed "$trash/more.json" >"$trash/run/more.state"
	# A baseline that each kernel accepts
	sed 's/0x90000/0x10000/' "$trash/none.json" >"$trash/low.json"
	sealed "$trash/low.json" >"$trash/run/low.state"
	echo "$errors$2" | with_facts "$base" >"$trash/run/cases"
	kernel="$base${1:+, unpatched}"
	ok "$kernel: the cases of fwregs run" on_host "$base" "$1" '' 1 "sane=$([ -n "$1" ] || echo 1)
$script"
	tr -d '\r' <"$trash/host" >"$trash/results"
	ok "$kernel: all of them" [ "$(grep -c '^PASS\|^FAIL' "$trash/results")" -eq \
		"$(grep -c '~' "$trash/run/cases")" ]
	report <"$trash/results"
}

have_programs
ok 'fwregs builds for arm64 with sanitizers' sane_fwregs
for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	cases_on '' "$patched$moves"
	if had_bmaps "$base"; then
		cases_on 1 "$unpatched$unpatched_bmaps"
	else
		cases_on 1 "$unpatched$unpatched_none"
	fi
done

done_testing
