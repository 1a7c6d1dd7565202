#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# kernel.sh BASE [VARIANT]: builds build/BASE/Image or build/BASE-VARIANT/Image.
. "$(dirname "$0")/lib.sh"

base=${1:-} variant=${2:-}
need_base "$base"
need_tool make ccache ${cross}gcc bc bison flex
lock "$base"
kv=$(variant "$base" "$variant")
tree=$build/$kv/tree obj=$build/$kv/obj

fragments=$top/kernel/common.config
[ ! -e "$top/patches/$base/kernel.config" ] || fragments="$fragments $top/patches/$base/kernel.config"
! flavour "$variant" || fragments="$fragments $top/kernel/$variant.config"
# Where a base has other names for the options of a flavour
[ ! -e "$top/patches/$base/$variant.config" ] || fragments="$fragments $top/patches/$base/$variant.config"

# key TREE: all that an Image is made from
key()
{
	tree_key "$1"
	# shellcheck disable=SC2086 # words
	cat $fragments
}

# config_key: all that a .config is made from
config_key()
{
	# shellcheck disable=SC2086 # words
	cat $fragments
	${cross}gcc --version
	(cd "$tree" && find . -name 'Kconfig*' -type f | sort | xargs cat | sha256sum)
}

# Every option that a fragment sets has to be in .config the same way, as the last one has it
check_config()
{
	# shellcheck disable=SC2086 # words
	sed -n '/^CONFIG_/p' $fragments | awk -F= '{ last[$1] = $0 } END { for (o in last) print last[o] }' | sort |
	while IFS='=' read -r option value; do
		case $value in
		n) ! grep -q "^$option=" "$obj/.config" || echo "$option=n" ;;
		*) grep -qxF "$option=$value" "$obj/.config" || echo "$option=$value" ;;
		esac
	done
}

# Are the objects of the series there, made from what is in its tree, and good for this variant?
have_objects_of_series()
{
	[ -n "$variant" ] && ! flavour "$variant" && [ ! -e "$obj" ] &&
		[ -z "$(git -C "$build/$base/tree" status --porcelain)" ] &&
		key "$build/$base/tree" | fresh "$build/$base/Image"
}

! key "$tree" | fresh "$build/$kv/Image" || exit 0
need_space 1500 "the build of a kernel"
! have_objects_of_series || copy_objects "$base" "$kv"
mkdir -p "$obj"

# A quarter of the work after an edit, if it is done each time
config_key | fresh "$obj/.config" || {
	# shellcheck disable=SC2086 # words
	cat $fragments >"$obj/fragment"
	kmake "$kv" KCONFIG_ALLCONFIG="$obj/fragment" allnoconfig >"$obj/config.log" 2>&1 ||
		die "allnoconfig failed, see $obj/config.log"
	lost=$(check_config)
	[ -z "$lost" ] ||
		die "these options did not stick in the .config of $kv: $(echo "$lost" | tr '\n' ' ')"
	made "$obj/.config"
}

say "building linux $(made_from "$base" version)${variant:+, ${kv#*-}}, $jobs jobs, log in $build/$kv/build.log"
{ kmake "$kv" Image 2>&1; echo "status $?"; } |
	progress "$kv" "$build/$kv/build.log"
grep -qx 'status 0' "$build/$kv/build.log" || {
	grep -E -B 2 -A 8 'error:|Error|undefined' "$build/$kv/build.log" | head -n 30 >&2
	die "$kv does not build, see $build/$kv/build.log"
}
cp "$obj/arch/$arch/boot/Image" "$build/$kv/Image.new"
mv "$build/$kv/Image.new" "$build/$kv/Image"
made "$build/$kv/Image"
