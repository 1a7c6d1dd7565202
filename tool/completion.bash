# SPDX-License-Identifier: BSD-3-Clause
# Completion of fwregs for bash: commands, the options of each, their values, and files.
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

_fwregs_options()
{
	case $1 in
	list) _fwregs_words --json --limit --set --help ;;
	guest) _fwregs_words --limit --set --help ;;
	report) _fwregs_words --format -o --output --help ;;
	baseline) _fwregs_words --reset --json -o --output --help ;;
	matrix) _fwregs_words --json --html --help ;;
	check) _fwregs_words --json --help ;;
	save) _fwregs_words --vcpus --rounds --pin --limit --set --help ;;
	load) _fwregs_words --rounds -o --output --help ;;
	esac
}

_fwregs()
{
	local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	# For bash, the = in --format=json and NAME=VALUE is a word of its own
	if [[ $cur == = ]]; then
		cur=''
	elif [[ $previous == = ]]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi

	if [[ $COMP_CWORD -eq 1 ]]; then
		_fwregs_words list guest report baseline matrix check save load --help
		return
	fi
	case $previous in
	--format) _fwregs_words json nfd prometheus; return ;;
	--set) _fwregs_registers; return ;;
	--vcpus) _fwregs_words 1 2 3 4 5 6 7 8; return ;;
	--limit|--rounds) return ;;
	-o|--output|--html|--pin) _fwregs_files; return ;;
	esac
	# The value of --set NAME=
	[[ ${COMP_WORDS[COMP_CWORD - 1]} != = && ${COMP_WORDS[COMP_CWORD]} != = ]] || return 0

	if [[ $cur == -* ]]; then
		_fwregs_options "${COMP_WORDS[1]}"
		return
	fi
	case ${COMP_WORDS[1]} in
	baseline|matrix|check|save|load) _fwregs_files ;;
	*) _fwregs_options "${COMP_WORDS[1]}" ;;
	esac
}

complete -F _fwregs fwregs
