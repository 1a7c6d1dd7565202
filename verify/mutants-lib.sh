# SPDX-License-Identifier: BSD-3-Clause
# Sourced after scripts/lib.sh, not run: kernels of the series with one thing broken, for scripts
# that want it noticed. They set $base, and $dir, where things are as below $build. So nearly all
# of such a kernel comes out of ccache.
# shellcheck shell=sh

# mutant_tree: the tree that is broken
mutant_tree()
{
	tree=$dir/$base/tree
	mkdir -p "$dir/$base"
	"$top/scripts/tree.sh" "$base"
	[ ! -e "$tree/.git" ] || git -C "$tree" checkout -q -f
	worktree "$base" "$tree" HEAD
}

# mutant_kernel VARIANT: the kernel that it is a mutant of, and what it boots into
mutant_kernel()
{
	"$top/scripts/programs.sh"
	for step in tree kernel initramfs; do
		"$top/scripts/$step.sh" "$base" "$1"
	done
	mkdir -p "$dir/$base-$1/obj"
	ln -sfn "../$base/tree" "$dir/$base-$1/tree"
	cp "$build/$base-$1/obj/.config" "$dir/$base-$1/obj/"
	cp "$build/$base-$1/initramfs.cpio" "$dir/"
}

# mutate VARIANT WHAT FILE PROGRAM: changes a file below arch/arm64/kvm and builds
# $dir/Image
mutate()
{
	git -C "$tree" checkout -q -f
	sed -i "$4" "$tree/arch/arm64/kvm/$3"
	! git -C "$tree" diff --quiet || die "$2: the mutation changes nothing in $3"
	(build=$dir && kmake "$base-$1" Image) >"$dir/build.log" 2>&1 ||
		die "$2: does not build: $(grep -m 1 error "$dir/build.log")"
	cp "$dir/$base-$1/obj/arch/$arch/boot/Image" "$dir/Image"
}
