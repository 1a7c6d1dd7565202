# SPDX-License-Identifier: BSD-3-Clause
# Completion of fwregs for bash: commands, the options of each, their values, and files. The
# program itself says which there are.
# shellcheck shell=bash

# _fwregs_words WORDS...: those that start with what has been typed
_fwregs_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur")
}

_fwregs_files()
{
	# Says how to quote and that a directory goes on, if bash asks and not a test
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

# Names as they are mostly written, and those of the kernel for who types them
_fwregs_registers()
{
	local names=(PSCI_VERSION SMCCC_ARCH_WORKAROUND_1 SMCCC_ARCH_WORKAROUND_2
		SMCCC_ARCH_WORKAROUND_3 STD_BMAP STD_HYP_BMAP VENDOR_HYP_BMAP VENDOR_HYP_BMAP_2)

	[[ $cur != K* ]] || names=("${names[@]/#/KVM_REG_ARM_}")
	compopt -o nospace 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -S = -W "${names[*]}" -- "$cur")
}

# Each line of 'fwregs --list-options [COMMAND]' has what may follow: a command, an option and
# what its value is called, or what operands are called
_fwregs()
{
	local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} list word value

	COMPREPLY=()
	# For bash, the = in --format=json and NAME=VALUE is a word of its own
	if [[ $cur == = ]]; then
		cur=''
	elif [[ $previous == = ]]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi

	if [[ $COMP_CWORD -eq 1 ]]; then
		_fwregs_words "$("${COMP_WORDS[0]}" --list-options)"
		return
	fi
	list=$("${COMP_WORDS[0]}" --list-options "${COMP_WORDS[1]}" 2>/dev/null) || return 0

	while read -r word value; do
		[[ $word != "$previous" || -z $value ]] || break
	done <<<"$list"
	case $previous$value in
	--vcpus*) _fwregs_words 1 2 3 4 5 6 7 8; return ;;
	*NAME=VALUE) _fwregs_registers; return ;;
	*FILE|*STATE) _fwregs_files; return ;;
	*'|'*) _fwregs_words "${value//|/ }"; return ;;
	esac
	# A number, or the value of --set NAME=
	[[ -z $value && ${COMP_WORDS[COMP_CWORD - 1]} != = && ${COMP_WORDS[COMP_CWORD]} != = ]] || return 0

	if [[ $cur != -* && $list == [A-Z]* ]]; then
		_fwregs_files
	else
		_fwregs_words "$(sed '/^[A-Z]/d; s/ .*//' <<<"$list")"
	fi
}

complete -F _fwregs fwregs
