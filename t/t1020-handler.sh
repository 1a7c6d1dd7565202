#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The series does not change the handler of hypercalls: its code, and that of the functions of its
# file that it calls, is the unpatched one, instruction for instruction. Only offsets in structures
# and in sections of the object may differ.
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/lib.sh
. "$scripts/lib.sh"
set +e

object()
{
	echo "$build/$1/obj/arch/arm64/kvm/hypercalls.o"
}

# The handler's name in the base
handler()
{
	grep -oE 'kvm_(smccc|hvc)_call_handler' "$build/$1-unpatched/tree/include/kvm/arm_hypercalls.h" |
		head -n 1
}

# code OBJECT FUNCTION: prints the instructions of the function, then those of each function of the
# object that it calls, without addresses: a branch names the function's Nth instruction, and a
# reference to a section names the section. Leaves out the addition of the offset in a section, and
# nops that align the target of a branch.
code()
{
	${cross}objdump -d -r --no-show-raw-insn "$1" | awk -v first="$2" '
	# Replaces the address of a branch by the number of the instruction
	function target(line,	at) {
		if (!match(line, /[a-zA-Z_0-9.]+\+0x[0-9a-f]+$/))
			return line
		at = substr(line, RSTART)
		return substr(line, 1, RSTART - 1) ((at in place) ? place[at] : at)
	}
	function show(name,	i) {
		if (shown[name]++ || !nr[name])
			return
		print name ":"
		for (i = 1; i <= nr[name]; i++)
			print target(lines[name, i])
		for (i = 1; i <= nr[name]; i++)
			if (lines[name, i] ~ /^(bl|b|R_AARCH64_CALL26|R_AARCH64_JUMP26) [a-zA-Z_0-9.]+$/)
				show(substr(lines[name, i], index(lines[name, i], " ") + 1))
	}
	/^[0-9a-f]+ <.*>:$/ {
		name = substr($2, 2, length($2) - 3)
		bytes = instructions = 0
		next
	}
	name == "" || !/^[ \t]+[0-9a-f]+:/ { next }
	{
		sub(/^[ \t]+[0-9a-f]+:[ \t]+/, "")
		sub(/[ \t]+\/\/ .*/, "")
		gsub(/\t/, " ")
	}
	/^R_AARCH64_/ {
		sub(/\+0x[0-9a-f]+$/, "")
		if (/^R_AARCH64_ADD_ABS_LO12_NC \./) {
			register = substr(lines[name, nr[name]], 5)
			sub(/,.*/, "", register)
			in_section[register] = instructions
		}
		lines[name, ++nr[name]] = $0
		next
	}
	{
		place[sprintf("%s+0x%x", name, bytes)] = name ", instruction " instructions
		bytes += 4
	}
	/^add x[0-9]+, x[0-9]+, #0x[0-9a-f]+$/ {
		register = $2
		sub(/,/, "", register)
		if ($3 == $2 && in_section[register] && instructions - in_section[register] < 4) {
			in_section[register] = 0
			next
		}
	}
	/^nop$/ { next }
	/^adrp / { sub(/[0-9a-f]+ <.*>$/, "PAGE") }
	/ [0-9a-f]+ <.*>$/ {
		sub(/[0-9a-f]+ </, "")
		sub(/>$/, "")
	}
	{
		instructions++
		lines[name, ++nr[name]] = $0
	}
	END { show(first) }'
}

# same_code UNPATCHED PATCHED: compares two outputs of code(). An offset from a register other than sp
# may differ, if it changes to the same offset everywhere.
same_code()
{
	awk '
	# Returns the line without an offset that may differ, and sets "offset" to that
	function template(line) {
		offset = ""
		if (match(line, /\[x[0-9]+, #[0-9]+\]/) || match(line, /^add x[0-9]+, x[0-9]+, #0x[0-9a-f]+(, lsl #12)?$/)) {
			offset = substr(line, RSTART, RLENGTH)
			sub(/.*, #/, "", offset)
			if (!sub(/, #[0-9]+\]/, ", #OFFSET]", line))
				sub(/, #0x.*/, ", #OFFSET", line)
		}
		return line
	}
	NR == FNR { was[FNR] = $0; n = FNR; next }
	{
		lines = FNR
		before = template(was[FNR])
		o = offset
		after = template($0)
	}
	before != after {
		if (!differ++)
			print was[FNR] " became " $0
		next
	}
	/\[/ && o != "" {
		if ((o in becomes) && becomes[o] != offset || (offset in was_at) && was_at[offset] != o) {
			print "offset " o " became " offset ", and " becomes[o] " elsewhere"
			differ++
		}
		becomes[o] = offset
		was_at[offset] = o
	}
	END {
		print n " lines before, " lines " after, " differ + 0 " differ"
		exit n < 150 || n != lines || differ > 0
	}' "$1" "$2"
}

# noticed PATTERN WORD COMPLAINT: replaces the first instruction of the handler that matches by WORD, or
# adds +N to it. same_code() has to complain.
noticed()
{
	cp "$(object "$base")" "$trash/mutant.o"
	${cross}objdump -d --disassemble="$name" "$trash/mutant.o" |
		sed -n 's/^ *\([0-9a-f]*\):\t\([0-9a-f]*\) *\t/\1 \2 /p' | grep -E -m 1 " $1" >"$trash/at"
	read -r at word _ <"$trash/at" || return 1
	case $2 in
	+*) word=$((0x$word$2)) ;;
	*) word=$(($2)) ;;
	esac
	text=$(${cross}objdump -h "$trash/mutant.o" | awk '$2 == ".text" { print $6 }')
	# shellcheck disable=SC2059 # bytes
	printf "$(printf '\\%03o' $((word & 255)) $((word >> 8 & 255)) $((word >> 16 & 255)) $((word >> 24 & 255)))" |
		dd of="$trash/mutant.o" bs=1 seek=$((0x$text + 0x$at)) conv=notrunc 2>/dev/null
	code "$trash/mutant.o" "$name" >"$trash/mutant" &&
	fails 1 "$3" same_code "$trash/unpatched" "$trash/mutant"
}

is_same()
{
	code "$(object "$base-unpatched")" "$name" >"$trash/unpatched" &&
	code "$(object "$base")" "$name" >"$trash/patched" &&
	! grep '^br ' "$trash/unpatched" &&
	same_code "$trash/unpatched" "$trash/patched"
}

for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	had_bmaps "$base" || {
		skip "$base: the handler's code" 'the base serves fewer calls'
		continue
	}
	name=$(handler "$base")
	ok "$base: $name() is the unpatched one, instruction for instruction" is_same
	ok "$base: a call less would be noticed" noticed 'bl	' 0xaa0003e0 '^bl .* became mov x0, x0$'
	ok "$base: another number" noticed 'movk.*#0x8600' +0x20 '^movk .*#0x8600, .* became movk .*#0x8601, '
	field=$(grep -oE ', #[0-9]{4}]$' "$trash/patched" | sort | uniq -d | head -n 1)
	ok "$base: another field" noticed "ldr.*${field:-nosuch}" +0x400 '^offset .* elsewhere$'
done

done_testing
