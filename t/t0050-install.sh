#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The man page, 'make install' and the completion. The commands and options are those of the
# program's help.
. "$(dirname "$0")/lib.sh"

completion=tool/completion.bash
export HOME="$trash"

install_into()
{
	"${MAKE:-make}" -s install BUILD="$build" DESTDIR="$trash/root" PREFIX=/opt/fw
}
ok 'make install' install_into

installed()
{
	(cd "$trash/root" && find . -type f | sort) >"$trash/installed"
	cat >"$trash/wanted" <<-'END'
		./opt/fw/bin/fwregs
		./opt/fw/include/fwregs.h
		./opt/fw/lib/libfwregs.a
		./opt/fw/lib/pkgconfig/fwregs.pc
		./opt/fw/share/bash-completion/completions/fwregs
		./opt/fw/share/fwregs/fwregs.c
		./opt/fw/share/man/man1/fwregs.1
	END
	same "$trash/wanted" "$trash/installed"
}
ok 'its files are below DESTDIR and PREFIX, no others' installed
root=$trash/root/opt/fw
ok 'the program runs' "$root/bin/fwregs" --help
ok 'and is one that anybody may run' test "$(stat -c %a "$root/bin/fwregs")" = 755

cat >"$trash/vmm.c" <<'END'
#include <fwregs.h>
int main(void) { return fwregs_named(0) != FWREGS_PSCI_VERSION; }
END
a_vmm()
{
	gcc -Wall -Werror -I"$root/include" -o "$trash/vmm" "$trash/vmm.c" "$root/share/fwregs/fwregs.c" &&
	"$trash/vmm"
}
ok 'a program compiles with what is installed of the library' a_vmm

# pc ARGUMENT: runs pkg-config on its file below DESTDIR
pc()
{
	PKG_CONFIG_LIBDIR="$root/lib/pkgconfig" pkg-config --define-variable=prefix="$root" "$1" fwregs
}
by_pkg_config()
{
	# shellcheck disable=SC2046 # words
	gcc -Wall -Werror $(pc --cflags) -o "$trash/vmm-pc" "$trash/vmm.c" $(pc --libs) &&
	"$trash/vmm-pc" && cmp "$(pc --variable=source)" lib/fwregs.c
}
same_version()
{
	grep -qF "\"$(pc --modversion)\"" "$root/include/fwregs.h" && grep -qx prefix=/opt/fw \
		"$root/lib/pkgconfig/fwregs.pc"
}
if command -v pkg-config >/dev/null; then
	ok 'and with what pkg-config says of it' by_pkg_config
	ok 'which has the version of the header, and the PREFIX' same_version
else
	skip 'and with what pkg-config says of it' 'there is no pkg-config'
fi

ok 'a PREFIX that is no path is refused' fails 1 "PREFIX=usr does not start with /" \
	env DESTDIR="$trash/none" scripts/install.sh usr
unwritable()
{
	: >"$trash/file"
	! DESTDIR="$trash/file" scripts/install.sh /usr
}
ok 'and so is a DESTDIR that is none' unwritable

# A command and an option of it in each line, as the program lists them, and a value that it takes
PATH=$root/bin:$PATH
fwregs --list-options | grep -v '^-' >"$trash/commands"
while read -r command; do
	fwregs --list-options "$command" | sed -n "s/^-/$command &/p"
done <"$trash/commands" | sed 's/NAME=VALUE$/STD_BMAP=0/; s/json|.*/json/; s/ N$/ 1/' >"$trash/valued"
cut -d ' ' -f 1,2 "$trash/valued" >"$trash/options"
enough()
{
	[ "$(wc -l <"$trash/commands")" -ge 8 ] && [ "$(wc -l <"$trash/options")" -ge 25 ]
}
ok 'the program lists its commands and options' enough

# The options in a help: "-o, --output=FILE" has two
options_of_help()
{
	sed -n 's/^  *\(-.*\)/\1/p' | awk '{ print $1; if ($1 ~ /,$/) print $2 }' | sed 's/,$//; s/=.*//'
}
explained()
{
	fwregs --help >"$trash/help"
	while read -r command; do
		grep "^  $command  " "$trash/help" && fwregs "$command" --help >"$trash/help-$command" &&
		head -n 1 "$trash/help-$command" | grep "^Usage: fwregs $command " || return 1
		options_of_help <"$trash/help-$command" | sort >"$trash/explained"
		sed -n "s/^$command //p" "$trash/options" | sort | same - "$trash/explained" || return 1
	done <"$trash/commands"
}
ok 'the help has all commands, and that of a command all of its options' explained

# Each form of an option. With --help, a command does nothing else.
taken()
{
	while read -r command option value; do
		set -- "$option $value" "$option$value"
		[ "$option" = "${option#--}" ] || set -- "$option $value" "$option=$value"
		[ -n "$value" ] || set -- "$option"
		for words; do
			# shellcheck disable=SC2086 # words
			fwregs "$command" $words --help | grep "^Usage: fwregs $command " || return 1
		done
	done <"$trash/valued"
}
ok 'it takes each of them, with its value before or after a space' taken
no_value()
{
	while read -r command option value; do
		if [ -n "$value" ]; then
			fails 2 "^fwregs: $option wants a value, see" fwregs "$command" "$option"
		elif [ "$option" != "${option#--}" ]; then
			fails 2 "^fwregs: $option takes no value, as in '$option=1', see" fwregs "$command" "$option=1"
		fi || return 1
	done <"$trash/valued"
}
ok 'and says which lacks a value, or has one too many' no_value

version()
{
	[ "$(fwregs --version)" = "fwregs $(sed -n 's/^#define FWREGS_VERSION.*"\(.*\)"$/\1/p' lib/fwregs.h)" ]
}
ok 'the version is that of the library' version

# named PAGE: the page has a section for each command, and in it each of its options
named()
{
	sed 's/\\-/-/g; s/\\f.//g; s/\\ / /g' "$1" >"$trash/page"
	# Join continued lines
	sed -n '/^\.SH SYNOPSIS/,/^\.SH DESC/p' "$trash/page" |
		awk '{ printf "%s%s", /^fwregs|^\./ ? "\n" : " ", $0 }' >"$trash/synopsis"
	status=0
	while read -r command option; do
		# All commands have these
		case $option in
		--help|-h|--version|-V)
			sed -n '/^\.SH OPTIONS/,/^\.SH FILES/p' "$trash/page"
			;;
		*)
			sed -n "/^\\.SS fwregs $command\$/,/^\\.S[SH] /p" "$trash/page"
			;;
		esac | grep -v '^\.S[SH] ' | grep -q -E -e "(^|[ ,])$option([ ,=]|\$)" || {
			echo "$command $option is not there"
			status=1
		}
		grep -qx "\\.SS fwregs $command" "$trash/page" || { echo "$command is not there"; status=1; }
		case $option in
		--help|-h|--version|-V|--output) ;;
		*) grep -q -e "^fwregs $command .*${option}[] =]" "$trash/synopsis" ||
			{ echo "$command $option is not in the synopsis"; status=1; } ;;
		esac
	done <"$trash/options"
	return $status
}
ok 'the man page names every command and option of the help' named "$root/share/man/man1/fwregs.1"
sed 's/\\-\\-rounds/--turns/' "$root/share/man/man1/fwregs.1" >"$trash/without.1"
lacks()
{
	! named "$trash/without.1" && grep -q 'rounds is not there' "$trash/out"
}
ok 'one that lacks an option is noticed' lacks

statuses()
{
	for status in 0 1 2 3 4 5 6; do
		sed -n '/^\.SH EXIT STATUS/,/^\.SH EXAMPLES/p' "$root/share/man/man1/fwregs.1" |
			grep -qx "\\.B  *$status" || { echo "not $status"; return 1; }
	done
}
ok 'it has the exit statuses' statuses
for word in NO_COLOR /dev/kvm psci_version fw_bmap_regs; do
	ok "it has $word" grep -q "$(echo "$word" | sed 's/_/.*_/g')" "$root/share/man/man1/fwregs.1"
done

no_warning()
{
	BUILD="$trash/build" scripts/man.sh >"$trash/sphinx" 2>&1 && [ ! -s "$trash/sphinx" ] &&
		cmp "$trash/build/man/fwregs.1" "$root/share/man/man1/fwregs.1"
}
ok 'it is built without a warning, and twice the same' no_warning

# completes LINE CANDIDATE...: bash completes the last word of the line ('' if it is empty) to exactly
# these candidates, in this order
completes()
{
	bash -c '
		. "$1" || exit 1
		read -r -a COMP_WORDS <<<"$2"
		[[ $2 != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_fwregs || exit 1
		printf "%s\n" "${COMPREPLY[*]}"' - "$top/$completion" "$1" >"$trash/completed" || return 1
	cat "$trash/completed"
	shift
	[ "$(cat "$trash/completed")" = "$*" ]
}

ok "$completion: syntax" bash -n "$completion"
registered()
{
	bash -c '. "$1" && complete -p fwregs' - "$completion" | grep -q -e '-F _fwregs fwregs'
}
ok 'it is registered for fwregs' registered

each_completed()
{
	while read -r command; do
		completes "fwregs $command" "$command" || return 1
		# shellcheck disable=SC2013 # words
		for option in $(sed -n "s/^$command //p" "$trash/options"); do
			# -o is a whole word, and the start of no other
			completes "fwregs $command $option" "$option" || { echo "$command $option"; return 1; }
		done
	done <"$trash/commands"
}
ok 'every command and option of the help is completed' each_completed

no_other()
{
	while read -r command; do
		completes "fwregs $command -" || :
		tr ' ' '\n' <"$trash/completed" | sort >"$trash/offered"
		sed -n "s/^$command //p" "$trash/options" | sort | comm -3 - "$trash/offered" >"$trash/other"
		[ ! -s "$trash/other" ] || { cat "$trash/other"; return 1; }
	done <"$trash/commands"
}
ok 'and no other option' no_other

# shellcheck disable=SC2046 # words
registers()
{
	sed -n 's/.*PREFIX "\([A-Z0-9_]*\)" },/\1=/p' lib/fwregs.c >"$trash/registers"
	[ "$(wc -l <"$trash/registers")" -eq 8 ] &&
	completes 'fwregs list --set ' $(cat "$trash/registers") &&
	completes 'fwregs list --set K' $(sed 's/^/KVM_REG_ARM_/' "$trash/registers")
}
ok 'the names of all registers are completed' registers

formats()
{
	completes 'fwregs report --format = ' json nfd prometheus &&
	completes 'fwregs report --format =' json nfd prometheus &&
	completes 'fwregs report --format = n' nfd &&
	completes 'fwregs report --format p' prometheus
}
ok 'the formats are completed' formats
for format in json nfd prometheus; do
	ok "the help has the format $format" grep -q "format=.*$format" "$trash/help-report"
done

mkdir -p "$trash/files/dir"
: >"$trash/files/a b.json"
: >"$trash/files/one.state"
in_files()
{
	cd "$trash/files" && completes "fwregs $1" "$2"
	result=$?
	cd "$top" || exit 1
	return $result
}
while IFS='~' read -r line candidates; do
	ok "'fwregs $line' is completed to '$candidates'" in_files "$line" "$candidates"
done <<'END'
~list guest report baseline matrix check save load -h --help -V --version
l~list load
x~
--~--help --version
list ~--json --limit --set -h --help -V --version
list --limit ~
list --set STD_B~STD_BMAP=
list --set KVM_REG_ARM_STD_H~KVM_REG_ARM_STD_HYP_BMAP=
list --set STD_BMAP = ~
list --set STD_BMAP = 0~
save --vcpus ~1 2 3 4 5 6 7 8
save --rounds ~
save --pin o~one.state
save --pin one.state o~one.state
report -o o~one.state
report ~--format -o --output -h --help -V --version
report --output = o~one.state
report --format = ~json nfd prometheus
baseline --r~--reset
baseline a~a b.json
baseline -o x a~a b.json
matrix --html o~one.state
matrix --html x.html d~dir
check o~one.state
load -o o~one.state
load --output o~one.state
nosuch -~
END

done_testing
