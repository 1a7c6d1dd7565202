# SPDX-License-Identifier: BSD-3-Clause
# Sourced by tests, after lib.sh and scripts/lib.sh, not run: checks out and builds the steps of a
# series, in the worktree and with the objects of build/BASE-steps. $base is the base.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

steps_git()
{
	git -C "$build/$base-steps/tree" "$@"
}

# Kernel sources that the series touches, without the selftests
touched()
{
	git -C "$build/$base/tree" diff --name-only --diff-filter=d base..HEAD -- "$@"
}

# Those of them that the checked-out step has, since the series may add some
there()
{
	for file in $(touched "$@"); do
		[ ! -e "$build/$base-steps/tree/$file" ] || echo "$file"
	done
}

# A worktree for the steps, so that the tree of the base does not change. Tests that run side by side
# share it. A test holds its lock until it takes another base, or ends.
steps_tree()
{
	lock "$base-steps"
	mkdir -p "$build/$base-steps"
	if [ -e "$build/$base-steps/tree/.git" ]; then
		[ -z "$(busy_tree "$build/$base-steps/tree")" ] || steps_git am --abort
		steps_git checkout -q -f --detach && steps_git clean -q -f -d
	fi
	worktree "$base" "$build/$base-steps/tree" base
}

# Objects to start from: those of an earlier test, or of the unpatched kernel
steps_objects()
{
	steps_git checkout -q --detach base &&
	{
		cmp -s "$build/$base-unpatched/obj/.config" "$build/$base-steps/obj/.config" ||
		copy_objects "$base-unpatched" "$base-steps"
	} &&
	kmake "$base-steps" prepare
}

# Checks that KVM's objects of a step, or the base's kernel, define each symbol that these objects need.
# This replaces a link for each step.
links()
{
	kvm=$build/$base-steps/obj/arch/$arch/kvm/built-in.a
	"${cross}nm" -u "$kvm" | sed -n 's/^ *U //p' | sort -u >"$trash/wanted"
	{
		"${cross}nm" --defined-only "$kvm"
		"${cross}nm" --defined-only "$build/$base-unpatched/obj/vmlinux"
	} | sed -n 's/^[0-9a-f]* [A-Za-z] //p' | sort -u >"$trash/there"
	[ -s "$trash/wanted" ] && comm -23 "$trash/wanted" "$trash/there" >"$trash/missing" || return 1
	sed 's/^/undefined: /' "$trash/missing"
	[ ! -s "$trash/missing" ]
}

# Builds what the commit touches
step_builds()
{
	steps_git checkout -q "$1" || return 1
	files=$(steps_git diff --name-only "$1^" "$1")
	case $files in
	*tools/testing/selftests/*)
		selftests_make "$base-steps" EXTRA_CFLAGS=-Werror || return 1
		;;
	esac
	case $files in
	*arch/*|*include/*|*virt/*)
		kmake "$base-steps" prepare "arch/$arch/kvm/" && links || return 1
		;;
	esac
}
