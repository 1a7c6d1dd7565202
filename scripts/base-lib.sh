# SPDX-License-Identifier: BSD-3-Clause
# Sourced by lib.sh and t/lib.sh, not run. The facts about a base, from patches/BASE/base: each
# line there is a field and its value, and a field may have several lines. $top is the checkout.
# shellcheck shell=sh disable=SC2154

# variant BASE [VARIANT]: the name of the build of one kernel. The variant is nothing for
# the series, 1 for the base as it comes, or the name of a configuration in kernel/ for the
# series with that.
variant()
{
	case ${2:-} in
	'') echo "$1" ;;
	1) echo "$1-unpatched" ;;
	*) echo "$1-$2" ;;
	esac
}

# all_bases: the oldest first
all_bases()
{
	(cd "$top/patches" && printf '%s\n' */base) | sed 's,/base$,,' | sort -V
}

# base_field BASE FIELD: prints the values of a field, without its name
base_field()
{
	sed -n "s/^$2 //p" "$top/patches/$1/base"
}

# base_quirk BASE NAME: prints the reason of a quirk, or fails if the base lacks the quirk
base_quirk()
{
	base_field "$1" quirk | sed -n "s/^$2 //p" | grep .
}

# base_bitmaps BASE [UNPATCHED]: the names of the bitmap registers of its kernel
base_bitmaps()
{
	base_field "$1" register | sed "${2:+/ added\$/d;} s/ .*//"
}

base_nr_bitmaps()
{
	base_bitmaps "$@" | wc -l
}

# base_ceilings BASE [UNPATCHED]: prints ceilings with which a newer kernel has no more than this one
base_ceilings()
{
	echo "kvm.fw_bmap_regs=$(base_nr_bitmaps "$@") kvm.psci_version=$(base_psci "$1")"
}

# base_psci BASE: its latest PSCI version
base_psci()
{
	base_field "$1" psci | sed 's/.* //'
}

# psci_number VERSION: as the register has it, 0x10001 for 1.1
psci_number()
{
	printf '0x%x\n' $((${1%.*} << 16 | ${1#*.}))
}

# base_topics BASE: prints the topics that it has patches of, in the order of patches/steps
base_topics()
{
	while read -r step topic slug; do
		[ ! -f "$top/patches/$1/$step-$slug.patch" ] || echo "$topic"
	done <"$top/patches/steps" | uniq
}
