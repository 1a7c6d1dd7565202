#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# STATE files, on this machine and under the sanitizers: what is written is read back, and
# what has been cut off, altered or is of a later version is refused, each with its status.
. "$(dirname "$0")/lib.sh"

ok 'the test of STATE files compiles' \
	gcc -std=gnu11 -g -O1 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Werror \
	-fsanitize=address,undefined -fno-sanitize-recover=all -Ilib -Itool -I. -o "$trash/state-test" \
	t/state.c tool/state.c tool/file.c tool/json.c tool/cli.c lib/fwregs.c -ljson-c -lz
ok 'written and read; cut off and altered at many places' "$trash/state-test" "$trash"

cd "$trash" || exit 1

# A small state, which the cases change
cat >good.json <<'END'
{ "host": "Linux",
  "firmware": [
    { "id": "0x6030000000140000", "value": "0x10001" },
    { "id": "0x6030000000160000", "value": "0x1" } ],
  "vcpus": [ { "mp_state": 0, "registers": [
    { "id": "0x6030000000100000", "value": "0100000000000000", "reset": "0000000000000000" },
    { "id": "0x6020000000100002", "value": "01000000", "reset": "00000000" } ] } ],
  "memory": [] }
END

# refuses STATUS PATTERN FILE
refuses()
{
	want=$1 pattern=$2
	status=0
	./state-test --read "$3" >stdout 2>stderr </dev/null || status=$?
	cat stdout stderr
	echo "exit status $status"
	[ "$status" -eq "$want" ] && [ ! -s stdout ] && [ "$(wc -l <stderr)" -eq 1 ] &&
	grep -E -e "^fwregs: $3: $pattern" stderr
}

reads()
{
	sealed good.json >good.state
	[ "$(./state-test --read good.state)" = '2 firmware registers, 1 vCPUs, 0 pages' ]
}
ok 'a small state is read' reads

# shellcheck disable=SC2034 # eval's
while IFS='~' read -r what program pattern; do
	ok "refused as damaged: $what" eval 'jq "$program" good.json >changed.json &&
		sealed changed.json >changed.state && refuses 3 "$pattern" changed.state'
done <<'END'
another format further on~.format = "x"~its 'format' or 'version' is not that of its first lines$
another version further on~.version = 3~its 'format' or 'version' is not that of its first lines$
no firmware~del(.firmware)~'firmware' is missing$
a firmware register twice~.firmware += [.firmware[0]]~register 0x6030000000140000 is there twice$
a hole in the bitmap registers~.firmware[1].id = "0x6030000000160001"~it has a bitmap register but not all before it$
another register as firmware~.firmware[0].id = "0x603000000013c684"~0x603000000013c684 is not a firmware register$
too many firmware registers~.firmware = [range(65) | {id: "0x6030000000140000", value: "0x0"}]~'firmware' has 65 entries, which is more than 64$
firmware among the registers of a vCPU~.vcpus[0].registers[0].id = "0x6030000000160000"~firmware register 0x6030000000160000 is among those of a vCPU$
a register of a vCPU twice~.vcpus[0].registers += [.vcpus[0].registers[0]]~register 0x6030000000100000 of a vCPU is there twice$
a register of no size~.vcpus[0].registers[0].id = "0x60f0000000100000"~register 0x60f0000000100000 has no size that KVM knows$
a value of another size~.vcpus[0].registers[0].value = "01"~'value' is not 8 bytes in hexadecimal$
a value that is none~.vcpus[0].registers[1].value = "0100000g"~'value' is not 4 bytes in hexadecimal$
no reset value~del(.vcpus[0].registers[0].reset)~'reset' is missing$
no vCPU~.vcpus = []~'vcpus' has no entry$
more vCPUs than there may be~.vcpus = [range(9) | {mp_state: 0, registers: []}]~'vcpus' has 9 entries, which is more than 8$
vCPUs without memory~del(.memory)~'memory' is missing$
a page that is too short~.memory = [{addr: "0x40000000", data: "00"}]~'data' is not 4096 bytes in hexadecimal$
a page at no page's address~.memory = [{addr: "0x40000001", data: ("00" * 4096)}]~page 0x40000001 is out of order$
a page before the guest's memory~.memory = [{addr: "0x3ffff000", data: ("00" * 4096)}]~page 0x3ffff000 is outside of the guest's memory$
a page after it~.memory = [{addr: "0x40200000", data: ("00" * 4096)}]~page 0x40200000 is outside of the guest's memory$
a page twice~.memory = [range(2) | {addr: "0x40000000", data: ("00" * 4096)}]~page 0x40000000 is out of order$
END

later()
{
	echo '{ "who": "knows" }' >later.json
	sealed later.json 3 >later.state
	refuses 5 'it is of version 3, and this fwregs reads version 2$' later.state
}
ok 'a later version, whatever is in it' later
never()
{
	sealed good.json 0 >never.state
	refuses 3 'there is no version 0$' never.state
}
ok 'a version that there never was' never
readable()
{
	[ "$(jq -r '.format, .version, .host, .firmware[1].value' good.state | tr '\n' ' ')" = \
		'fwregs-state 2 Linux 0x1 ' ] &&
	[ "$(jq .size good.state)" -eq "$(wc -c <good.state)" ] &&
	jq -e '.format == "fwregs-state" and (.firmware | length) == 4' state
}
ok 'jq reads it from its first byte, and so one that fwregs wrote' readable

# Files that are made to use up memory: 2 GB for 8 MiB
hostile()
{
	{ printf '{"x": ['; yes '{},' | head -n 2800000 | tr -d '\n'; printf '0]}'; } >hostile.json
	sealed hostile.json >hostile.state
	refuses 3 'its JSON has more than [0-9]+ values$' hostile.state
}
ok 'more values than any state has' hostile

: >empty.state
head -c 10 good.state >short.state
head -c 100 good.state >cut.state
echo 'something else' >other.state
{ cat good.state; echo; } >more.state
sed 's/"host": "Linux"/"host": "Xinux"/' good.state >altered.state
sed '3s/2/7/' good.state >version.state
sed '4s/ \([0-9]\)/1\1/' good.state >size.state
sed '4s/ [0-9]/  /' good.state >shorter.state
sed '5s/[0-9a-f]\{8\}/00000000/' good.state >sum.state
sed '4s/: */: /' good.state >spaces.state
printf 'fwregs-state 1 2 99914b93\n{}' >version-1.state
while IFS='~' read -r status pattern file; do
	ok "$file: $status, $pattern" refuses "$status" "$pattern" "$file"
done <<'END'
4~it ends within its first lines$~empty.state
4~it ends within its first lines$~short.state
4~it ends [0-9]+ bytes too early$~cut.state
3~it does not start as a STATE of fwregs does$~other.state
3~it has 1 bytes more than it should$~more.state
3~it has been altered, its checksum is not [0-9a-f]{8}$~altered.state
3~it has been altered, its checksum is not [0-9a-f]{8}$~version.state
3~it has been altered, its checksum is not [0-9a-f]{8}$~size.state
3~it has been altered, its checksum is not [0-9a-f]{8}$~shorter.state
3~it has been altered, its checksum is not 00000000$~sum.state
3~it does not start as a STATE of fwregs does$~spaces.state
5~it is of version 1, and this fwregs reads version 2$~version-1.state
6~open: No such file or directory \(ENOENT\)$~nosuch.state
END

done_testing
