#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# deb.sh ARCH DIR PACKAGE SUITE...: fetches the newest version of a Debian package
# that the suites have, with its signature verified, and prints the file's name. With
# DEPENDS=1, it fetches all packages that this one depends on as well, and prints all names.
# The system's own apt configuration is read for its mirrors and left as it is.
. "$(dirname "$0")/lib.sh"

[ $# -ge 4 ] || die "usage: deb.sh ARCH DIR PACKAGE SUITE..."
deb_arch=$1 dir=$2 package=$3
shift 3
need_tool apt-get
lock deb
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r $keyring ] || die "$keyring is missing (package debian-archive-keyring)"

# mirror SUITE: security suites are on a mirror of their own
mirror()
{
	case $1 in
	*-security) pick='$2 ~ /-security$/' ;;
	*) pick='$2 !~ /-security$/' ;;
	esac
	apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' |
		awk '$1 == "Debian" && '"$pick"' { print $3; exit }'
}

apt=$build/apt/$deb_arch-$(echo "$*" | tr ' ' '+')
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$dir"
for suite in "$@"; do
	uri=$(mirror "$suite")
	[ -n "$uri" ] || die "apt knows no mirror for $suite (has there been an 'apt-get update'?), so $package cannot be fetched (give SRC= for a kernel)"
	echo "deb [signed-by=$keyring] $uri $suite main"
done >"$apt/sources.list"
: >"$apt/status"

# The newest, also if a suite would have to be asked for by name, like backports
printf 'Package: *\nPin: release *\nPin-Priority: 500\n' >"$apt/preferences"
mkdir -p "$apt/none"

private()
{
	tool=$1
	shift
	"$tool" -q -o APT::Architecture="$deb_arch" -o APT::Architectures="$deb_arch" \
		-o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts="$apt/none" \
		-o Dir::Etc::Preferences="$apt/preferences" -o Dir::Etc::PreferencesParts="$apt/none" \
		-o Dir::State="$apt" -o Dir::State::Lists="$apt/lists" \
		-o Dir::State::Status="$apt/status" -o Dir::Cache="$apt/cache" \
		-o APT::Sandbox::User= -o Acquire::Languages=none "$@"
}

log=$apt/log
private apt-get update >"$log" 2>&1 || {
	tail -n 3 "$log" >&2
	die "apt-get update failed for $*, see $log"
}

version=$(private apt-cache show --no-all-versions "$package" 2>>"$log" |
	sed -n 's/^Version: //p')
[ -n "$version" ] || die "the mirror has no $package in $* any more (give SRC= for a kernel)"

if [ -n "${DEPENDS:-}" ]; then
	say "fetching $package $version and what it depends on"
	# Nothing is installed, as far as the private configuration knows. What is to be fetched
	# is a line "'URI' FILE SIZE HASH" each.
	private apt-get install -y --no-install-recommends --print-uris "$package" 2>>"$log" |
		awk -v dir="$dir" '/^\047/ { print dir "/" $2 }' >"$apt/files"
	private apt-get install -y --no-install-recommends --download-only \
		-o Dir::Cache::Archives="$dir/" "$package" >>"$log" 2>&1 || {
		tail -n 3 "$log" >&2
		die "could not fetch $package and what it depends on from $*, see $log"
	}
	cat "$apt/files"
	exit
fi

file=$dir/${package}_$(echo "$version" | sed 's/:/%3a/')_
ls "$file"*.deb >/dev/null 2>&1 || say "fetching $package $version"
# Does nothing if the file is there, and is what the archive has
(cd "$dir" && private apt-get download "$package") >>"$log" 2>&1 || {
	tail -n 3 "$log" >&2
	die "could not fetch $package from $*, see $log"
}
ls "$file"*.deb
