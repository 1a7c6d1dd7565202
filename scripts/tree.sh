#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# tree.sh BASE [UNPATCHED]: makes build/BASE/tree, a git tree of the base with the
# series as commits, or build/BASE-unpatched/tree, the base as it comes. SRC may
# name a tarball or a git tree to take instead of the Debian package.
#
# A tree in which somebody works is left as it is, see series_stamp().
. "$(dirname "$0")/lib.sh"

base=${1:-} unpatched=${2:-}
need_base "$base"
need_tool git tar xz
kv=$(variant "$base" "$unpatched")
main=$build/$base/tree
stamp=$build/$base/tree.stamp

# git as it comes, whatever the user's configuration says
ggit()
{
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null \
	GIT_COMMITTER_NAME="${name:-fwregs}" GIT_COMMITTER_EMAIL="${email:-fwregs@localhost}" \
		git -C "$main" "$@"
}

# fetch_tarball: leaves the package's tarball in $tarball, its version in $version
fetch_tarball()
{
	package=$(base_field "$base" package)
	# shellcheck disable=SC2046 # suites are words
	deb=$("$top/scripts/deb.sh" amd64 "$build/deb" "$package" $(base_field "$base" suites))
	version=${deb##*/"$package"_}
	version=${version%_*.deb}
	tarball=$build/deb/${package}_$version.tar.xz
	if [ ! -e "$tarball" ]; then
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -O --wildcards './usr/src/linux-source-*.tar.xz' >"$tarball.new"
		mv "$tarball.new" "$tarball"
	fi
	tested=$(base_field "$base" version)
	[ "$version" = "$tested" ] ||
		say "note: $package $version is not $tested, the version last tested"
}

# unpack_base DIR: the base, with a git repository around it
unpack_base()
{
	mkdir -p "$1"
	git -c init.defaultBranch=series init -q "$1"
	# 80,000 files: do not spend time to compress what is thrown away soon
	git -C "$1" config core.compression 0
	git -C "$1" config gc.auto 0
	if [ -n "${SRC:-}" ] && git -C "$SRC" rev-parse -q --verify HEAD >/dev/null 2>&1; then
		version="the git tree $SRC"
		ggit_src=$(cd "$SRC" && pwd)
		git -C "$1" fetch -q --depth 1 "file://$ggit_src" HEAD
		git -C "$1" reset -q --hard FETCH_HEAD
		return
	fi
	if [ -n "${SRC:-}" ]; then
		[ -f "$SRC" ] || die "SRC=$SRC is neither a tarball nor a git tree"
		tarball=$SRC version=$SRC
	else
		fetch_tarball
	fi
	say "unpacking $tarball"
	tar -C "$1" --strip-components=1 -xf "$tarball"
	# Debian's own part of .gitignore hides every file from git
	sed -i '/^# Debian packaging/,$d' "$1/.gitignore"
	git -C "$1" add -A -f .
	GIT_AUTHOR_DATE='2000-01-01T00:00:00Z' GIT_COMMITTER_DATE='2000-01-01T00:00:00Z' \
		git -C "$1" -c user.name=fwregs -c user.email=fwregs@localhost \
		commit -q -m "linux $version, as it comes"
}

make_base()
{
	need_space 9000 "a kernel tree and its build"
	rm -rf "$main.new"
	unpack_base "$main.new"
	git -C "$main.new" tag base
	echo "$version" >"$build/$base/version"
	mv "$main.new" "$main"
	rm -f "$stamp"
}

# What the tree was made from, and its tip then
series_stamp()
{
	printf '%s %s\n' "$(cat "$top/patches/$base"/*.patch | sha256sum | cut -d' ' -f1)" "$1"
}

apply_series()
{
	tip=$(ggit rev-parse HEAD)
	say "applying patches/$base"
	ggit reset -q --hard base
	if ! ggit am -q "$top/patches/$base"/*.patch >"$build/$base/am.log" 2>&1; then
		failed=$(sed -n 's/^Patch failed at \([0-9]*\) .*/\1/p' "$build/$base/am.log")
		ggit am --abort
		ggit reset -q --hard "$tip"
		die "$(cd "$top/patches/$base" && echo "$(printf %04d "$failed")"-*.patch) does not apply to linux $(cat "$build/$base/version"), see $build/$base/am.log"
	fi
	series_stamp "$(ggit rev-parse HEAD)" >"$stamp"
}

series_in_tree()
{
	read -r have_hash have_tip <"$stamp" || :
	want=$(series_stamp x)
	[ "${want% x}" != "${have_hash:-}" ] || return 0
	# New patches. They replace what is there, unless it is somebody's work.
	if [ -n "${have_tip:-}" ]; then
		{ [ "$(ggit rev-parse HEAD)" = "$have_tip" ] && ggit diff --quiet HEAD; } ||
			die "$main has work of its own and patches/$base has changed: 'make refresh BASE=$base' to keep the former, remove the tree to keep the latter"
	fi
	apply_series
}

mkdir -p "$build/$base"
name=$(git -C "$top" config user.name) || :
email=$(git -C "$top" config user.email) || :
[ -d "$main" ] || make_base
touch "$stamp"
if [ -n "$unpatched" ]; then
	mkdir -p "$build/$kv"
	[ -d "$build/$kv/tree" ] || {
		ggit worktree prune
		ggit worktree add -q --detach "$build/$kv/tree" base
	}
else
	series_in_tree
fi
