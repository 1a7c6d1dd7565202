# SPDX-License-Identifier: BSD-3-Clause
# Sourced by scripts that try mutants, not run. A mutant is a source file with one rule broken. A
# test, a proof or a fuzzer that does not notice it does not check that rule.
#
# A list of mutants has one in each line, with "@" between the fields: what is broken, the file (for
# KVM below arch/arm64/kvm), the sed program that breaks it, and up to three more fields for the
# script that uses the list. The mutants after a line "#needs WORD", up to the next such line, are
# for sources that have the word.
#
# The script defines these functions. Those for kernels are below.
#	place FILE	puts the file there, unbroken, and sets $placed to its path
#	build FIELD...	compiles it, with the compiler's output in $errors
#	notice FIELD...	succeeds if the mutant is noticed. Sets $why: by what, or where to look
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

# entries LIST SOURCE: prints the lines of a list that are for this source
entries()
{
	here=1
	while IFS= read -r line; do
		case $line in
		'#needs '*) here=1; grep -q -w -F -e "${line#* }" "$2" || here= ;;
		'#'*|'') ;;
		*) [ -z "$here" ] || printf '%s\n' "$line" ;;
		esac
	done <"$1"
}

# mutate FILE PROGRAM: fails if the program changes nothing
mutate()
{
	sed "$2" "$1" >"$1.mutant" && ! cmp -s "$1" "$1.mutant" && mv "$1.mutant" "$1"
}

# judge WHAT FILE PROGRAM FIELD...: tries a mutant, and prints the verdict as the last line.
# Succeeds if the mutant is noticed.
judge()
{
	what=$1 file=$2 program=$3 why=
	shift 3
	place "$file"
	if ! mutate "$placed" "$program"; then
		echo "$what: changes nothing in $file"
	elif ! build "$@"; then
		echo "$what: does not build: $(grep -m 1 error "$errors")"
	elif ! notice "$@"; then
		echo "$what: NOT NOTICED${why:+, $why}"
	else
		echo "$what: noticed${why:+: $why}"
		return
	fi
	return 1
}

# Mutants of kernels, for a script that has sourced scripts/lib.sh and set $base and $dir. $dir has
# the layout of $build, so nearly all objects come from ccache. The script boots $dir/Image and
# leaves the output in $dir/said.

place()
{
	tree=$dir/$base/tree
	mkdir -p "$dir/$base"
	[ ! -e "$tree/.git" ] || git -C "$tree" checkout -q -f
	worktree "$base" "$tree" HEAD
	placed=$tree/arch/$arch/kvm/$1
}

# mutant_kernel VARIANT: makes the kernel to break, and its initramfs
mutant_kernel()
{
	kv=$(variant "$base" "$1")
	kernel=${dir#"$build/"}/$kv
	"$top/scripts/programs.sh"
	for step in tree kernel initramfs; do
		"$top/scripts/$step.sh" "$base" "$1" || die "there is no $kv to break"
	done
	mkdir -p "$build/$kernel/obj"
	[ -z "$1" ] || ln -sfn "../$base/tree" "$build/$kernel/tree"
	cp "$build/$kv/obj/.config" "$build/$kernel/obj/"
	cp "$build/$kv/initramfs.cpio" "$dir/"
}

# build_image: builds $dir/Image, of the last mutant_kernel
build_image()
{
	errors=$dir/build.log
	kmake "$kernel" Image >"$errors" 2>&1 &&
		cp "$build/$kernel/obj/arch/$arch/boot/Image" "$dir/Image"
}

build()
{
	build_image
}

# chosen LIST: prints the mutants of the base, or those whose lines match MUTANTS=
chosen()
{
	entries "$1" "$build/$base/tree/arch/$arch/kvm/hypercalls.c" | grep -e "${MUTANTS:-.}"
}

# start_shares LIST: runs the script once for each CPU, with $SHARE set, prints a summary and exits.
# In such a run, sets $dir to the directory of the share.
start_shares()
{
	if [ -n "${SHARE:-}" ]; then
		dir=$dir-$SHARE
		mkdir -p "$dir"
		return
	fi
	"$top/scripts/tree.sh" "$base"
	total=$(chosen "$1" | wc -l)
	[ "$total" -gt 0 ] || die "no mutant matches MUTANTS=${MUTANTS:-}"
	[ "$jobs" -le "$total" ] || jobs=$total
	rm -f "$dir"-*/verdicts
	status=0
	export SHARES="$jobs"
	seq "$jobs" | xargs -P "$jobs" -I {} env SHARE={} "$0" "$base" || status=1
	noticed=$(cat "$dir"-*/verdicts | grep -c '^noticed') || :
	missed=$((total - noticed))
	say "$total mutants, $missed not noticed, the output of each is in $dir-*"
	[ "$status" -eq 0 ] && [ "$missed" -eq 0 ]
	exit
}

# judge_share LIST: tries each mutant of the share. The output for the Nth is in N.said.
judge_share()
{
	chosen "$1" | awk -v share="$SHARE" -v shares="$SHARES" \
		'NR % shares == share % shares { print NR "@" $0 }' >"$dir/list"
	: >"$dir/verdicts"
	while IFS=@ read -r n what file program one two three <&3; do
		verdict=missed
		! judge "$what" "$file" "$program" "$one" "$two" "$three" >"$dir/verdict" </dev/null ||
			verdict=noticed
		echo "$verdict $what" >>"$dir/verdicts"
		say "$(tail -n 1 "$dir/verdict")"
		mv "$dir/said" "$dir/$n.said" 2>/dev/null || :
	done 3<"$dir/list"
	! grep '^missed' "$dir/verdicts"
}
