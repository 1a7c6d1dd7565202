#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# What fwregs does with reports, on this machine and under the sanitizers for addresses and
# undefined behaviour: baseline, matrix, and their errors. t/reports has reports of real kernels,
# which t3100 checks.
. "$(dirname "$0")/lib.sh"

reports=$top/t/reports
good=$reports/7.3.json
sane='-fsanitize=address,undefined -fno-sanitize-recover=all'
fwregs=$trash/sane/fwregs
ok 'fwregs builds for this machine, with sanitizers' \
	make -s -f scripts/programs.mk NATIVE_OUT="$trash/sane" SANITIZE="$sane" native
ok 'and without' make -s -f scripts/programs.mk NATIVE_OUT="$trash/plain" native
cd "$trash" || exit 1

# prints PATTERN ARGUMENTS...: is successful, and a line matches
prints()
{
	pattern=$1
	shift
	"$fwregs" "$@" >"$trash/printed" || return 1
	cat "$trash/printed"
	grep -E -e "$pattern" "$trash/printed" >/dev/null || { echo "no line matches '$pattern'"; return 1; }
}

# 7.3 with a lower ceiling of PSCI
jq '.registers[0].value = "0x10001" | .registers[0].accepted = ["0x2", "0x10000", "0x10001"]' \
	"$reports/7.3.json" >ceiling.json

# The baseline of the four bases, patched
four="$reports/5.10.json $reports/6.1.json $reports/6.12.json $reports/7.3.json"
while IFS='~' read -r pattern arguments; do
	# shellcheck disable=SC2086 # words
	ok "fwregs ${arguments%%/*}...: $pattern" prints "$pattern" $arguments
done <<END
^KVM_REG_ARM_PSCI_VERSION +1\.0 +0\.2 to 1\.0 +\(none\) 5\.10\.[^ ]*\$~baseline $four
^KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1 +0x2 +0x0 to 0x2 +-\$~baseline $four
^KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2 +0x0 ~baseline $four
^KVM_REG_ARM_STD_BMAP +0x1 +mask 0x1 +-\$~baseline $four
^KVM_REG_ARM_VENDOR_HYP_BMAP +0x3 +mask 0x3 +-\$~baseline $four
^KVM_REG_ARM_VENDOR_HYP_BMAP_2 +- +mask 0x3 +3 of 4 hosts lack it\$~baseline $four
^4 hosts; limit VMs to 3 bitmap registers, no more on 5\.10\.~baseline $four
^ceilings, .*: kvm.fw_bmap_regs=3 kvm.psci_version=1\.0\$~baseline $four
^KVM_REG_ARM_PSCI_VERSION +1\.1 +0\.2 to 1\.1 +6\.1\.[^ ]* and 1 more\$~baseline $reports/7.3.json $reports/6.1.json $reports/6.12.json
^KVM_REG_ARM_VENDOR_HYP_BMAP_2 +0x3 +mask 0x3 +-\$~baseline $reports/7.3.json
^KVM_REG_ARM_VENDOR_HYP_BMAP_2 +0x0 +mask 0x3 +-\$~baseline --reset $reports/7.3.json
^on, and off in a new VM: bits 0x3 of KVM_REG_ARM_VENDOR_HYP_BMAP_2; --reset leaves them off\$~baseline $reports/7.3.json
"off_in_new_vm": "0x3"~baseline --json $reports/7.3.json
^ceilings, .*: kvm.fw_bmap_regs=0 kvm.psci_version=1\.0\$~baseline $reports/5.10-unpatched.json $reports/7.3.json
^not all can be pinned: host \(none\), 7\.3\.[^ ]*, has 4 bitmap registers and not the capability\$~baseline $reports/6.12.json $reports/7.3-unpatched.json
"limit": 3~baseline --json $four
"limited_by": "5\.10\.~baseline --json $four
^not all show the same: host \(none\), 5\.10\.[^ ]*, has stolen time and no register for it\$~baseline $reports/5.10-unpatched.json $reports/7.3.json
"no_registers": 1~baseline --json $reports/5.10-unpatched.json $reports/7.3.json
^  1 to 2: stolen time, without a register here, is gone there\$~matrix $reports/5.10-unpatched.json $reports/6.12.json
"limiting_hosts": 2~baseline --json $reports/7.3.json $reports/6.1.json $reports/6.12.json
"mask": "0x3"~baseline --json $four
^KVM_REG_ARM_STD_BMAP ~baseline -- $four
^As they are~matrix -- $four
^  "limit": 3,~baseline $four --json
^  "pairs": ~matrix $four --json
"bitmap_registers": 4~matrix --json $four
"psci_version": "0x10003"~matrix --json $four
^ +1 +5\.10\.~matrix $four
^ +host \(none\), 4 bitmap registers, PSCI 1\.3, can limit VMs~matrix $four
^ +2 hosts, 3 bitmap registers, PSCI 1\.1, can limit VMs~matrix $reports/6.12.json $reports/6.12.json
^  4 to 2: PSCI_VERSION: the value is not accepted there \(EINVAL\), and 1 more\$~matrix $four
^  1 to 2: VENDOR_HYP_BMAP_2 is not known there \(ENOENT\)\$~matrix ceiling.json $reports/6.12.json
^  2 to 1: services of STD_BMAP appear\$~matrix $reports/6.12.json $reports/5.10-unpatched.json
^  1 to 1: VENDOR_HYP_BMAP_2: no capability to limit the VM here\$~matrix $reports/7.3-unpatched.json $reports/6.12.json
"reason": "VENDOR_HYP_BMAP_2: no capability to limit the VM here"~matrix --json $reports/7.3-unpatched.json $reports/6.12.json
END

silent_of()
{
	pattern=$1
	shift
	"$fwregs" baseline "$@" >"$trash/printed" && cat "$trash/printed" && ! grep -E -e "$pattern" "$trash/printed"
}
# shellcheck disable=SC2086 # words
ok 'nothing is on that is off in a new VM where the register is not there' silent_of 'off in a new VM' $four
ok 'nor with --reset' silent_of 'off in a new VM' --reset "$reports/7.3.json"
ok 'nor in JSON' silent_of 'off_in_new_vm' --reset --json "$reports/7.3.json"

# A ceiling of 0 is no lack of the capability
jq '.ceiling = 0 | .count = 0 | .parameters.fw_bmap_regs = "0" | .registers |= map(select(.accepted))' \
	"$reports/7.3.json" >ceiling-0.json
ok 'a host with a ceiling of 0 can limit VMs' \
	prints '^ +host \(none\), 0 bitmap registers, PSCI 1\.3, can limit VMs' matrix ceiling-0.json
ok 'and so says the baseline' prints '"cannot_limit": 0' baseline --json ceiling-0.json "$good"
ok 'which has no word on the capability' silent_of 'capability' ceiling-0.json "$good"

narrow()
{
	# shellcheck disable=SC2086 # words
	{ "$fwregs" baseline $four && "$fwregs" matrix $four; } >"$trash/printed" &&
	! grep -E '.{81}' "$trash/printed"
}
ok 'four kernels are in 80 columns' narrow

other_languages()
{
	jq '.host = "Z\u00fcrich \u2713"' "$reports/7.3.json" >zurich.json && prints '^1 host' baseline zurich.json
}
ok 'a text in another language is no control character' other_languages

# A file is read in pieces of 64 KiB. Here, a piece ends within a character of the host's name.
long_languages()
{
	jq -c '{host: ("\u2713" * 40)} + (. | del(.host))' "$good" >name.json
	for before in 65460 65461 65462 65463; do
		{ printf "%${before}s" ''; cat name.json; } >long-zurich.json
		prints '^1 host' baseline long-zurich.json || return 1
	done
}
ok 'and may be anywhere in a file' long_languages

# A host that lacks a mitigation, as an emulated Cortex-A57. The levels of other hosts cannot be
# pinned: t3000 shows that KVM does not keep what is written.
jq '.release = "a57" | .registers[1] |= (.value = "0x0" | .accepted = ["0x0"])' "$good" >a57.json
mitigations()
{
	"$fwregs" matrix --json "$good" a57.json >"$trash/matrix" &&
	jq -c '.pairs[] | [.from, .to, .as_is.moves, .pinned.moves, .pinned.register]' "$trash/matrix" >"$trash/pairs"
	cat "$trash/pairs"
	same - "$trash/pairs" <<-END
		[0,0,true,true,null]
		[0,1,false,false,"KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1"]
		[1,0,true,true,null]
		[1,1,true,true,null]
	END
}
ok 'matrix: a mitigation level cannot be pinned' mitigations
ok 'baseline says so' \
	prints '^not all can move to all: 2 hosts, as 7\.3\.[^ ]*, have 0x2 in KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1, whatever is written$' \
	baseline "$good" a57.json "$reports/6.12.json"
ok 'and so does its JSON' prints '"release": "7\.3\.' baseline --json "$good" a57.json
own_values()
{
	for i in $(seq 0 32); do
		jq -c ".registers[1] |= (.value = \"0x$(printf %x "$i")\" | .accepted = [.value])" "$good"
	done >own.json
	refuses 1 'the hosts have more than 32 different values in register 0x6030000000140001$' baseline own.json
}

# Two hosts that have no bit in common, and a third without any bit
for mask in 1 2 0; do
	jq -c ".release = \"mask-$mask\" | .registers |= map(if .mask then .mask = \"0x$mask\" | .value = \"0x0\" else . end)" \
		"$good"
done >masks.json
ok 'the host that limits is the first that has no more' \
	prints '^KVM_REG_ARM_STD_BMAP +0x0 +mask 0x0 +\(none\) mask-0$' baseline masks.json

# A kernel without bitmap registers has stolen time nevertheless, which t7020 shows
bare()
{
	jq '.release = "none" | .ceiling = 0 | .count = 0 | .parameters.fw_bmap_regs = "0" | .registers |= map(select(.accepted))' \
		"$reports/5.10.json" >none.json
	"$fwregs" matrix --json "$reports/5.10-unpatched.json" "$reports/5.10.json" none.json >"$trash/matrix" &&
	jq -c '.pairs[] | [.from, .to] + ([.as_is, .pinned] | map(if .appears then "appears" elif .loses then "loses" else .moves end))' \
		"$trash/matrix" >"$trash/pairs"
	cat "$trash/pairs"
	same - "$trash/pairs" <<-END
		[0,0,true,true]
		[0,1,"appears","loses"]
		[0,2,"loses","loses"]
		[1,0,false,"appears"]
		[1,1,true,true]
		[1,2,false,true]
		[2,0,"appears","appears"]
		[2,1,"appears",true]
		[2,2,true,true]
	END
}
ok 'matrix: stolen time without a register comes and goes' bare

# The output names a single host, and all hosts with --hosts
names()
{
	for i in 1 2 3; do
		jq ".host = \"old-$i\"" "$reports/5.10.json"
	done >named.json
	jq '.host = "new"' "$good" >>named.json
	jq '.host = "bare"' "$reports/7.3-unpatched.json" >>named.json
	"$fwregs" "$@" named.json >"$trash/printed" && cat "$trash/printed"
}
name_lines()
{
	names "$@" >"$trash/all" || return 1
	grep -E -o '(old-[123]|new|bare)' "$trash/all" | tr '\n' ' '
}
matrix_names()
{
	[ "$(name_lines matrix)" = 'new bare ' ] && [ "$(name_lines matrix --hosts)" = 'old-1 old-2 old-3 new bare ' ] &&
	[ "$(names matrix --json | jq -c '.kinds | map(.names)')" = '[null,["new"],["bare"]]' ] &&
	[ "$(names matrix --json --hosts | jq -c '.kinds | map(.names)')" = '[["old-1","old-2","old-3"],["new"],["bare"]]' ] &&
	names matrix --hosts --html "$trash/names.html" && [ "$(grep -c '^ *old-[123]$' "$trash/names.html")" -ge 2 ]
}
ok 'matrix names a host that is alone, and all with --hosts' matrix_names
baseline_names()
{
	[ "$(name_lines baseline)" = 'bare ' ] &&
	[ "$(name_lines baseline --hosts)" = 'old-1 old-2 old-3 old-1 old-2 old-3 old-1 old-2 old-3 bare ' ] &&
	grep -A 3 '^KVM_REG_ARM_PSCI_VERSION .* and 2 more$' "$trash/all" | tail -n 1 | grep '^  *old-3$' &&
	[ "$(names baseline --json | jq -c '[.limiting_names, .cannot_limit_names, .registers[-1].lacking_names]')" = \
		'[null,["bare"],null]' ] &&
	[ "$(names baseline --json --hosts | jq -c '[.limiting_names, .cannot_limit_names, .registers[-1].lacking_names]')" = \
		'[["old-1","old-2","old-3"],["bare"],["old-1","old-2","old-3"]]' ] &&
	jq 'select(.host == "new" or .host == "old-2")' named.json >pair.json &&
	prints '^KVM_REG_ARM_VENDOR_HYP_BMAP_2 .* host old-2 lacks it$' baseline pair.json &&
	prints '^2 hosts; limit VMs to 3 bitmap registers, no more on host old-2, 5\.10\.' baseline pair.json &&
	prints '^KVM_REG_ARM_PSCI_VERSION .* old-2 5\.10\.[^ ]*$' baseline pair.json
}
ok 'and so does baseline' baseline_names

# All pairs work once they are pinned
pinned()
{
	# shellcheck disable=SC2086 # words
	"$fwregs" matrix --json $four >"$trash/matrix" &&
	[ "$(jq '[.pairs[] | select(.pinned.moves)] | length' "$trash/matrix")" -eq 16 ] &&
	[ "$(jq '[.pairs[] | select(.as_is.moves)] | length' "$trash/matrix")" -lt 16 ]
}
ok 'matrix: pinned, all of 16 pairs work, and as they are not all' pinned

# The STATE has the values of the table, and can be read
baseline_state()
{
	# shellcheck disable=SC2086 # words
	"$fwregs" baseline -o "$trash/baseline.state" $four >"$trash/printed" &&
	jq -r '.firmware[] | .name + " " + .value' "$trash/baseline.state" >"$trash/firmware" &&
	cat "$trash/firmware" &&
	grep -q 'PSCI_VERSION 0x10000$' "$trash/firmware" && grep -q '_VENDOR_HYP_BMAP 0x3$' "$trash/firmware" &&
	[ "$(wc -l <"$trash/firmware")" -eq 7 ]
}
ok 'baseline: the STATE has the same' baseline_state

same_as()
{
	"$fwregs" baseline "$@" >"$trash/other" && same "$trash/one" "$trash/other"
}
# shellcheck disable=SC2086 # words
"$fwregs" baseline $four >"$trash/one"
mkdir -p several
# shellcheck disable=SC2086 # words
cp $four several/
cp "$reports/7.3-unpatched.json" several/not-a-report.txt
ok 'a directory is its *.json' same_as several
# shellcheck disable=SC2086 # words
ok 'reports one after another in one file' eval "cat $four >all && same_as all"
# shellcheck disable=SC2086 # words
ok 'and on stdin, on one line' eval "cat $four | tr '\n' ' ' >line && same_as_stdin() { same_as - <line; } && same_as_stdin"

# refuses STATUS PATTERN ARGUMENTS...: one line, that status, nothing on stdout
refuses()
{
	want=$1 pattern=$2
	shift 2
	status=0
	"$fwregs" "$@" >"$trash/stdout" 2>"$trash/stderr" </dev/null || status=$?
	cat "$trash/stdout" "$trash/stderr"
	echo "exit status $status"
	[ "$status" -eq "$want" ] && [ ! -s "$trash/stdout" ] && [ "$(wc -l <"$trash/stderr")" -eq 1 ] &&
	grep -E -e "^fwregs: $pattern" "$trash/stderr"
}

# change PROGRAM: prints a report that jq has changed
change()
{
	jq "$1" "$good" >changed.json
}
# shellcheck disable=SC2034 # eval's
while IFS='~' read -r what program status pattern; do
	ok "a report with $what" eval 'change "$program" && refuses "$status" "changed.json: $pattern" baseline changed.json'
done <<'END'
another format~.format = "x"~3~its format is 'x', not 'fwregs-report'$
a later version~.version = 3~5~it is of version 3, and this fwregs reads version 2$
the version before~.version = 1~5~it is of version 1, and this fwregs reads version 2$
a later version that has nothing else~{format, version: 7}~5~it is of version 7
no version~del(.version)~3~'version' is missing$
version 0~.version = 0~3~'version' is 0, not from 1
a version in words~.version = "1"~3~'version' is not of the type 'int'$
no host~del(.host)~3~'host' is missing$
a control character~.host = "a\u001b[2J"~3~'host' has a control character$
one of two bytes~.release = "a\u009b2J"~3~'release' has a control character$
a long release~.release = "x" * 200~3~'release' is longer than 127 bytes$
too many registers~.ceiling = 65~3~'ceiling' is 65, not from 0 to 64$
a count above the ceiling~.ceiling = 3~3~'count' is 4, and 'ceiling' 3$
another count than it lists~.count = 3~3~'count' is 3, and 4 bitmap registers are listed$
no parameters~del(.parameters)~3~'parameters' is missing$
a parameter that is a number~.parameters.fw_bmap_regs = 4~3~'fw_bmap_regs' is not of the type 'string'$
a register twice~.registers += [.registers[0]]~3~register 0x6030000000140000 is there twice$
a register of another kind~.registers[0].id = "0x603000000013c684"~3~0x603000000013c684 is not a firmware register$
an id that is a number~.registers[0].id = 5~3~'id' is not of the type 'string'$
an id in upper case~.registers[0].id = "0X6030000000140000"~3~'id' is not a number like "0x1f"$
a hole~del(.registers[4])~3~there is a bitmap register, but not all before it$
a value outside of the mask~.registers[4].value = "0x2"~3~the value 0x2 of register 0x6030000000160000 is not one that it accepts$
a level that is not accepted~.registers[0].value = "0x3"~3~the value 0x3 of register 0x6030000000140000 is not one
values in no order~.registers[0].accepted = ["0x10003", "0x2"]~3~'accepted' is not in ascending order$
too many values~.registers[0].accepted = [range(100) | "0x1"]~3~'accepted' has more than 32 values$
an entry that is none~.registers[0] = 1~3~an entry of 'registers' is not an object$
a list that is none~.registers = {}~3~'registers' is not of the type 'array'$
no level register~.registers |= map(select(.mask))~3~'registers' has no level register$
no register at all~.ceiling = 0 | .count = 0 | .registers = []~3~'registers' has no level register$
an array~[.]~3~it is not a JSON object$
END

jq '.registers |= map(select(.mask))' "$good" >no-level.json
ok 'matrix does not take one without a level register either' \
	refuses 3 "no-level.json: 'registers' has no level register$" matrix "$good" no-level.json

head -c 700 "$good" >cut.json
: >empty.json
tr '{' '(' <"$good" >no.json
cat "$good" cut.json >second.json
head -c 2000000 /dev/zero | tr '\0' '[' >deep.json
{ printf '{"format": "'; head -c 2000000 /dev/zero | tr '\0' 'x'; } >long.json
mkdir -p no-reports
while IFS='~' read -r status pattern arguments; do
	# shellcheck disable=SC2086 # words
	ok "refused with $status: fwregs $arguments" refuses "$status" "$pattern" $arguments
done <<'END'
4~cut.json: it ends in the middle of its JSON$~baseline cut.json
4~empty.json: it is empty$~matrix empty.json
3~no.json: it is not JSON: ~matrix no.json
4~second.json, report 2: it ends in the middle of its JSON$~baseline second.json
3~deep.json: it is not JSON: nesting too deep~baseline deep.json
3~long.json: a report of more than 131072 bytes$~baseline long.json
6~open of nosuch.json: No such file or directory \(ENOENT\)$~baseline nosuch.json
2~there is no \*.json in the directory no-reports$~baseline no-reports
2~baseline wants a REPORT, see 'fwregs --help'$~baseline
2~matrix wants a REPORT, see~matrix --json
2~matrix wants a REPORT, see~matrix --json --
2~baseline has no option '--jsons', see~baseline --jsons
2~matrix takes --html or --json, not both, see~matrix --json --html x cut.json
2~-o wants a value, see~baseline -o
2~-o wants a value, see~baseline cut.json -o
2~baseline has no option '-x', see~baseline cut.json -x
2~matrix has no option '-x', see~matrix cut.json -x
2~matrix has no option '-x', see~matrix -xy cut.json
2~'--h' is the start of several options of matrix, see~matrix --h
2~--json takes no value, as in '--json=yes', see~matrix --json=yes cut.json
2~--html wants a value, see~matrix cut.json --html
2~list takes no argument, but there is 'x', see~list x
2~list takes no argument, but there is '--json', see~list -- --json
2~check takes one STATE, but there is 'b' as well, see~check a b
2~fwregs has no option '--json', see~--json list
2~there is no command 'lists', see~-- lists
6~open of -x: No such file or directory \(ENOENT\)$~baseline -- -x
6~list asks KVM/arm64, and this fwregs is for [^ ]*: run that for arm64 on an arm64 host$~list
6~list asks KVM/arm64, and this fwregs is for ~list --json --set STD_BMAP=0
6~save asks KVM/arm64, and this fwregs is for ~save x
6~load asks KVM/arm64, and this fwregs is for ~load -
2~'xml', for --format, is not json, nfd or prometheus, see~report --format=xml
END

no_common_value()
{
	jq '.registers[0].accepted = ["0x2"] | .registers[0].value = "0x2"' "$good" >old.json
	jq '.registers[0].accepted = ["0x10003"]' "$good" >new.json
	rm -f no.state
	refuses 1 'there is no value of KVM_REG_ARM_PSCI_VERSION that all 2 hosts accept$' \
		baseline -o no.state old.json new.json && [ ! -e no.state ]
}
ok 'hosts that have no value in common: refused, and no file is written' no_common_value

# A file is replaced as a whole, or not at all
unwritable()
{
	rm -rf full
	mkdir full
	echo old >full/state
	# A missing directory and a full device cannot be written to
	refuses 6 'creating a file beside nosuch/state: No such file or directory \(ENOENT\)$' \
		baseline -o nosuch/state "$good" &&
	refuses 6 'writing /dev/full: No space left on device \(ENOSPC\)$' baseline -o /dev/full "$good" &&
	"$fwregs" baseline -o full/state "$good" >/dev/null && jq -e .firmware full/state &&
	[ "$(ls full)" = state ]
}
ok 'a file that cannot be written is named, one that can is replaced' unwritable

# The file that is stdout is not replaced, since other programs may have it open
through_stdout()
{
	rm -rf through
	mkdir through
	# A link of our own: a bug would replace the machine's /dev/stdout
	(cd through && ln -s /proc/self/fd/1 out && echo before >into && "$fwregs" baseline -o out "$good" >>into &&
	 "$fwregs" baseline -o - "$good" >plain && { echo before; cat plain; } >expected &&
	 cmp into expected && [ -h out ])
}
ok '-o /dev/stdout is -o -, of a file as well' through_stdout

forms()
{
	"$fwregs" baseline -o one.state "$good" >/dev/null || return 1
	for option in --output=two.state '--output two.state' -otwo.state --out=two.state; do
		rm -f two.state
		# shellcheck disable=SC2086 # words
		"$fwregs" baseline "$good" $option -- >/dev/null && cmp one.state two.state || return 1
	done
}
ok '-o FILE, -oFILE, --output FILE and --output=FILE' forms

through_link()
{
	rm -rf links
	mkdir links links/far
	(cd links && echo old >far/state && ln -s far/state near && "$fwregs" baseline -o near "$good" &&
	 [ -h near ] && jq -e .firmware far/state && [ "$(ls far)" = state ])
}
ok 'a symbolic link stays, what it leads to is replaced' through_link

# A user who may write to a directory and not read it. Root may do all.
unreadable()
{
	drop=
	[ "$(id -u)" -ne 0 ] || drop='setpriv --reuid=65534 --regid=65534 --clear-groups'
	place=$(mktemp -d) && chmod 755 "$place" && cp "$trash/plain/fwregs" "$good" "$place/" &&
	mkdir "$place/drop" && { [ -z "$drop" ] || chown 65534 "$place/drop"; } && chmod 300 "$place/drop" &&
	$drop "$place/fwregs" baseline -o "$place/drop/state" "$place/7.3.json" &&
	chmod 700 "$place/drop" && jq -e .firmware "$place/drop/state"
	result=$?
	rm -rf "$place"
	return $result
}
ok 'a directory that may be written to and not read' unreadable

# The system sends a signal if a file gets too large
too_large()
{
	rm -rf large
	mkdir large
	# shellcheck disable=SC2086 # words
	(ulimit -f 1; refuses 6 'writing large/page: File too large \(EFBIG\)$' matrix --html large/page $four) &&
	[ -z "$(ls -A large)" ]
}
ok 'nor does one that may not be so large leave anything' too_large

# A replaced file keeps its mode, and a new one has the usual mode
modes()
{
	rm -f private public
	(umask 077; : >private)
	"$fwregs" baseline -o private "$good" >/dev/null && (umask 022; "$fwregs" baseline -o public "$good") >/dev/null &&
	[ "$(stat -c %a private public | tr '\n' ' ')" = '600 644 ' ]
}
ok 'the mode of a file stays' modes

# The page: no script, no external parts, and escaped texts
page()
{
	jq '.release = "7.3<script>alert(1)</script>\"&"' "$good" >hostile.json
	"$fwregs" matrix --html page.html "$reports/6.12.json" hostile.json &&
	! grep -E '<script|<img|<link|https?://|url\(|@import' page.html &&
	grep -F '7.3&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;' page.html >/dev/null &&
	grep -F '<i>2</i> 7.3&lt;script' page.html &&
	grep -F 'name="viewport"' page.html && grep -F '@media print' page.html &&
	[ "$(grep -o '<td' page.html | wc -l)" -eq 8 ] &&
	[ "$(grep -o '<td' page.html | wc -l)" -eq "$(grep -o '</td>' page.html | wc -l)" ] &&
	[ "$(tail -n 1 page.html)" = '</html>' ]
}
ok 'the page of the matrix' page

# shown PAGE INDENT LINES ARGUMENTS...: the page has the first lines of the output, one after another
shown()
{
	page=$1 indent=$2 nr=$3
	shift 3
	"$fwregs" "$@" | head -n "$nr" | sed "s/./$indent&/" >"$trash/output"
	awk 'NR == FNR { want = want $0 "\n"; next } { have = have $0 "\n" }
		END { exit !index(have, want) }' "$trash/output" "$top/docs/$page" || { cat "$trash/output"; return 1; }
}
mkdir -p kvm
for base in 5.10 6.1 6.12 7.3; do
	jq ".host = \"kvm-$base\"" "$reports/$base.json" >"kvm/$base.json"
done
ok 'docs/fleet.md shows what baseline prints' shown fleet.md '    ' 99 baseline kvm
ok 'and what matrix prints' shown fleet.md '    ' 99 matrix kvm
ok 'docs/formats.md shows a STATE as it is' shown formats.md '' 12 baseline -o - "$reports/6.12.json"

no_colours()
{
	# shellcheck disable=SC2086 # words
	"$fwregs" matrix $four >"$trash/printed" && ! grep "$(printf '\033')" "$trash/printed"
}
ok 'no colours where there is no terminal' no_colours

# On a terminal there are colours, unless NO_COLOR is set
on_terminal()
{
	NO_COLOR=$1 TERM=xterm script -qec "$fwregs matrix $reports/6.12.json" /dev/null >"$trash/printed" &&
	grep -c "$(printf '\033')\\[3" "$trash/printed" >"$trash/coloured"
	cat "$trash/coloured"
}
ok 'colours on a terminal' eval '[ "$(on_terminal "")" -gt 0 ]'
ok 'and none with NO_COLOR' eval '[ "$(on_terminal 1)" -eq 0 ]'

# 100,000 hosts take no more memory than a few
jq -c . "$reports/6.12.json" "$reports/7.3.json" >two.json
# shellcheck disable=SC3045 # dash and bash have it
many()
{
	awk 'NR == 1 { a = $0 } NR == 2 { b = $0 }
		END { for (i = 0; i < 50000; i++) { print a; print b } }' two.json >many.json
	(ulimit -v 60000; "$trash/plain/fwregs" baseline many.json) >"$trash/printed" &&
	grep '^100000 hosts; limit VMs to 3 bitmap' "$trash/printed" &&
	(ulimit -v 60000; "$trash/plain/fwregs" matrix - <many.json) >"$trash/printed" &&
	grep '^ *50000 hosts, 4 bitmap' "$trash/printed"
	result=$?
	rm -f many.json
	return $result
}
ok '100,000 reports in 60 MB' many

# A report that is made to use up memory
# shellcheck disable=SC3045 # dash and bash have it
hostile()
{
	{ printf '{"x": ['; yes '{},' | head -n 300000 | tr -d '\n'; printf '0]}'; } >hostile.json
	(ulimit -v 60000; fwregs=$trash/plain/fwregs; refuses 3 'hostile.json: a report of more than 131072 bytes$' baseline hostile.json)
}
ok 'and one that is nothing but empty objects' hostile

kinds()
{
	i=0
	while [ $i -lt 201 ]; do
		jq -c ".release = \"$i\"" "$good"
		i=$((i + 1))
	done >kinds.json
	refuses 1 'the hosts are of more than 200 kinds' matrix kinds.json
}
ok 'more kinds of hosts than a table shows' kinds
ok 'more mitigation levels than there are' own_values

done_testing
