#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# tree.sh BASE [VARIANT]: makes build/BASE/tree, a git tree of the base with the
# series as commits. VARIANT 1: build/BASE-unpatched/tree, the base as it comes. The
# name of a configuration in kernel/: build/BASE-VARIANT/tree, which is build/BASE/tree. SRC
# may name a tarball or a git tree to take instead of the Debian package.
#
# What somebody has done in a tree is never thrown away: the tree knows which patches it was
# made from and what its tip was then, and one that has another tip, or changes, is not touched.
. "$(dirname "$0")/lib.sh"

base=${1:-} variant=${2:-}
need_base "$base"
need_tool git tar xz
lock "$base"
main=$build/$base/tree

ggit()
{
	git -C "$main" "$@"
}

# What the tree of the base is made from
wanted_source()
{
	if [ -n "${SRC:-}" ]; then
		echo "SRC=$SRC"
	else
		grep -E '^(package|version|suites) ' "$top/patches/$base/base" | paste -s -d ' '
	fi
}

# Says so if it is another version than the one that the base file names
fetch_package()
{
	# shellcheck disable=SC2046 # suites are words
	fetch_source "$(base_field "$base" package)" $(base_field "$base" suites)
	tested=$(base_field "$base" version)
	[ "$version" = "$tested" ] ||
		say "note: $package $version is not $tested, the version last tested"
}

# package_source: the source in the package, as tar
package_source()
{
	dpkg-deb --fsys-tarfile "$deb" | tar -x -O --wildcards './usr/src/linux-source-*.tar.xz' | xz -d
}

# unpack DIR NAME FILE: a tar file, which has that name in messages
unpack()
{
	say "unpacking $2"
	tar -C "$1" --strip-components=1 -xf "$3" 2>"$build/$base/tar.log" ||
		die "cannot unpack $2: $(head -n 1 "$build/$base/tar.log")"
}

# commit_all DIR: everything there as one commit, the same wherever and whenever
commit_all()
{
	# Debian's own part of .gitignore hides every file from git
	[ ! -e "$1/.gitignore" ] || sed -i '/^# Debian packaging/,$d' "$1/.gitignore"
	# Into one pack: a worktree is made from that in less than half the time
	git -C "$1" -c core.bigFileThreshold=1 add -A -f .
	GIT_AUTHOR_DATE='2000-01-01T00:00:00Z' GIT_COMMITTER_DATE='2000-01-01T00:00:00Z' \
		git -C "$1" -c user.name=fwregs -c user.email=fwregs@localhost \
		commit -q -m "linux $version, as it comes"
}

# unpack_base DIR: the base, with a git repository around it
unpack_base()
{
	mkdir -p "$1"
	git -c init.defaultBranch=series init -q "$1"
	# A quarter of the size for little time
	git -C "$1" config core.compression 1
	git -C "$1" config gc.auto 0
	if [ -n "${SRC:-}" ] && [ -e "$SRC/.git" ]; then
		version="the git tree $SRC"
		git -C "$1" fetch -q --depth 1 "file://$(cd "$SRC" && pwd)" HEAD ||
			die "cannot fetch from SRC=$SRC"
		git -C "$1" reset -q --hard FETCH_HEAD
		return
	fi
	if [ -n "${SRC:-}" ]; then
		[ -f "$SRC" ] || die "SRC=$SRC is neither a tarball nor a git tree"
		version=$SRC
		unpack "$1" "$SRC" "$SRC"
	else
		fetch_package
		package_source | unpack "$1" "$deb" -
	fi
	commit_all "$1"
}

make_base()
{
	need_space 3000 "a kernel tree and its build"
	rm -rf "$main.new"
	unpack_base "$main.new"
	grep -v '^#' "$top/kernel/sparse-checkout" |
		git -C "$main.new" sparse-checkout set --no-cone --stdin
	git -C "$main.new" tag base
	git -C "$main.new" config fwregs.version "$version"
	git -C "$main.new" config fwregs.source "$(wanted_source)"
	git -C "$main.new" config fwregs.tip "$(git -C "$main.new" rev-parse base)"
	mv "$main.new" "$main"
}

# back TIP: undoes what apply_series() has done
back()
{
	[ -z "$(busy_tree "$main")" ] || ggit am --abort
	ggit reset -q --hard "$1"
}

apply_series()
{
	tip=$(ggit rev-parse HEAD)
	say "applying patches/$base"
	trap 'back "$tip"; exit 130' INT TERM
	ggit reset -q --hard base
	set -- "$top/patches/$base"/*.patch
	# A port begins with none
	if [ -e "$1" ] && ! ggit am -q "$@" >"$build/$base/am.log" 2>&1; then
		failed=$(sed -n 's/^Patch failed at 0*\([0-9]*\) .*/\1/p' "$build/$base/am.log")
		back "$tip"
		[ -n "$failed" ] || die "git am: $(tail -n 1 "$build/$base/am.log")"
		die "$(cd "$top/patches/$base" && printf '%s\n' *.patch | sed -n "${failed}p") does not apply to linux $(made_from "$base" version), see $build/$base/am.log"
	fi
	record_series "$base" "$top/patches/$base"
	trap - INT TERM
}

series_in_tree()
{
	busy=$(busy_tree "$main")
	[ -z "$busy" ] || die "git is in the middle of something in $main ($busy), finish or abort it"
	[ "$(patches_hash "$top/patches/$base")" != "$(made_from "$base" patches)" ] || return 0
	# New patches. They replace what is there, unless it is somebody's work.
	! has_work "$base" ||
		die "$main has work of its own and patches/$base has changed: 'make refresh BASE=$base FORCE=1' to keep the former, 'git -C $main reset --hard $(made_from "$base" tip)' to keep the latter"
	apply_series
}

base_in_tree()
{
	mkdir -p "$build/$base-unpatched"
	worktree "$base" "$build/$base-unpatched/tree" base
}

flavour_in_tree()
{
	series_in_tree
	mkdir -p "$build/$base-$variant"
	ln -sfn "../$base/tree" "$build/$base-$variant/tree"
}

other_source()
{
	die "$main was made from $(made_from "$base" source || echo 'something unknown'), remove $build/$base to have one from $(wanted_source)"
}

case $variant in
''|1) ;;
*)
	flavour "$variant" || die "there is no kernel/$variant.config"
	;;
esac
mkdir -p "$build/$base"
[ -d "$main" ] || make_base
# A tree stays what it was made from. Without SRC, that is fine as well if it was SRC.
case $(made_from "$base" source) in
"$(wanted_source)") ;;
SRC=*) [ -z "${SRC:-}" ] || other_source ;;
*) other_source ;;
esac
case $variant in
'') series_in_tree ;;
1) base_in_tree ;;
*) flavour_in_tree ;;
esac
