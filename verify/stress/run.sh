#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# run.sh BASE [VARIANT...]: runs selftests, conformance, stress and fault injection on
# kernels that check themselves: those of kernel/debug.config and kernel/kcsan.config, or
# the ones named. '' is the kernel without such a configuration, for conformance and
# selftests only. The environment:
#   PARTS		what to run (default: all that the kernel can)
#   STRESS_OPS		operations of the stress test (default: a million)
#   STRESS_SEED		its seed (default: 1)
#   STRESS_ARGS		other options of it
#   CONFORMANCE_ARGS	options of the conformance program
#   SMP			emulated CPUs (default: 2)
# A splat of an unpatched base is a known-splat in patches/BASE/base. A data race is a failure if one of
# its two accesses is in a file that the series changes. Other races are printed: an unpatched kernel
# has some, and different ones in each run.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

base=${1:-}
need_base "$base"
shift
[ $# -gt 0 ] || set -- debug kcsan

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# KCSAN came to arm64 with Linux 5.17
can_have()
{
	"$top/scripts/tree.sh" "$base"
	[ "$1" != kcsan ] || grep -q 'select HAVE_ARCH_KCSAN' "$build/$base/tree/arch/$arch/Kconfig"
}

build_all()
{
	"$top/scripts/tree.sh" "$base" "$1"
	"$top/scripts/kernel.sh" "$base" "$1"
	"$top/scripts/selftests.sh" "$base" "$1"
	"$top/scripts/programs.sh"
	"$top/scripts/initramfs.sh" "$base" "$1"
}

# settings VARIANT: what to run there, and how much of it
settings()
{
	run_selftests=$(selftests_of "$base" | tr '\n' ' ') args='' limit=14400
	case $1 in
	'') parts='conformance selftests' limit=600 ;;
	debug)
		parts='selftests conformance stress faults kmemleak'
		args='--workers=2 --threads=3'
		;;
	kcsan)
		parts='selftests conformance stress'
		run_selftests=$(series_selftests "$base") args='--workers=1 --threads=2 --narrow'
		;;
	*) die "there are no tests for a kernel of kernel/$1.config" ;;
	esac
	cat <<-SETTINGS
		PARTS='${PARTS:-$parts}'
		STRESS_OPS='${STRESS_OPS:-1000000}'
		STRESS_SEED='${STRESS_SEED:-1}'
		STRESS_ARGS='${STRESS_ARGS:-$args}'
		CONFORMANCE_ARGS='${CONFORMANCE_ARGS:-}'
		SELFTESTS='$run_selftests'
		SELFTEST_SECONDS=1200
		export NO_SLAB_IN_RUN='$(base_quirk "$base" no-slab-in-run >/dev/null && echo 1)'
	SETTINGS
}

# The patterns of the known splats of a kernel: "VARIANT PATTERN # reason"
known_splats()
{
	base_field "$base" known-splat | sed -nE "s/^$1 (.*[^ ]) +#.*/\\1/p"
}

# The functions in the files that the series changes
changed_functions()
{
	git -C "$build/$base/tree" diff --name-only base -- "arch/$arch/*.c" "virt/*.c" |
		while read -r file; do
			${cross}nm "$build/$base-$1/obj/${file%.c}.o" | sed -nE 's/.* [tT] ([a-z_0-9]+).*/\1/p'
		done | sort -u
}

# races VARIANT: fails if KCSAN has found a data race there
races()
{
	changed_functions "$1" >"$work/functions"
	[ -s "$work/functions" ] || die "there are no objects of KVM in $build/$base-$1/obj"
	tr -d '\r' <"$build/$base-$1/debug.log" | sed -nE 's/.*(BUG: KCSAN: .*)/\1/p' |
		grep -v -E -f "$work/splats-$1" | sort | uniq -c >"$work/races" || :
	grep -w -F -f "$work/functions" "$work/races" >"$work/ours" || :
	grep -w -v -F -f "$work/functions" "$work/races" | sed 's/^ */# of the base: /' || :
	[ -s "$work/ours" ] || return 0
	sed "s/^ */$me: $base-$1: /" "$work/ours" >&2
	return 1
}

run()
{
	result=0 kv=$(variant "$base" "$1")
	mkdir -p "$work/$1"
	settings "$1" >"$work/$1/settings"
	grep -qw '^SELFTESTS=.*hypercalls' "$work/$1/settings" || die "there are no selftests of $kv"
	known_splats "$1" >"$work/splats-$1"
	{ cat "$work/splats-$1"; echo 'BUG: KCSAN: data-race in '; } >"$work/known"
	base_field "$base" known-failure >"$work/$1/known-failures"
	base_field "$base" known-flake >"$work/$1/known-flakes"
	cp "$top/verify/stress/host/run" "$build/stress" "$build/faults" "$work/$1/"
	say "$kv: $(sed -n "s/^PARTS=//p" "$work/$1/settings")"
	RUN=$work/$1 LOG=$build/$kv/debug.log KNOWN_SPLATS=$work/known \
		SMP="${SMP:-2}" MEM="${MEM:-2G}" TIMEOUT="${TIMEOUT:-$limit}" \
		"$top/scripts/boot.sh" "$base" "$1" || result=$?
	[ "$1" != kcsan ] || races "$1" || result=1
	return $result
}

status=0
for variant; do
	settings "$variant" >/dev/null
	if ! can_have "$variant"; then
		say "SKIP $base-$variant: linux $base has no KCSAN on $arch"
		continue
	fi
	build_all "$variant"
	run "$variant" || status=1
done
exit $status
