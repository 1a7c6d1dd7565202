#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# mutants.sh BASE: breaks the series in each of the ways of t/conformance/mutants, and wants a test
# to fail each time. Writes build/BASE-mutants/table.md. MUTANTS= takes a part of the
# description, to try just some.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

base=${1:-}
need_base "$base"
kv=$base-mutants
tree=$build/$kv/tree
dir=$build/$kv

"$top/scripts/tree.sh" "$base"
"$top/scripts/kernel.sh" "$base"
"$top/scripts/selftests.sh" "$base"
"$top/scripts/programs.sh"
"$top/scripts/initramfs.sh" "$base"

mkdir -p "$dir/obj" "$dir/run"
[ ! -e "$tree/.git" ] || git -C "$tree" checkout -q -f
worktree "$base" "$tree" HEAD
cp "$build/$base/obj/.config" "$dir/obj/"
cp "$build/$base/initramfs.cpio" "$build/$base/version" "$dir/"

cat >"$dir/run/run" <<'END'
#!/bin/sh
echo "conformance:"
conformance --only="$(cat only)" | sed -n 's/^not ok [0-9]* - //p'
for test in $(cat selftests); do
	/selftests/$test >/tmp/out 2>&1 || {
		echo "$test:"
		sed -n 's/^not ok [0-9]* //p; /Assertion/,/^ *[0-9]/p' /tmp/out
		grep '^ok' /tmp/out | tail -n 1
	}
done
END
chmod +x "$dir/run/run"

# caught: says by what, in one line of a table. Nothing was caught if it is empty.
caught()
{
	n=$(sed -n '/^conformance:/,/^[a-z-]*:$/p' "$dir/found" | grep -c '^[2-6]: ') || :
	first=$(grep -m 1 '^[2-6]: ' "$dir/found" | tr -d '\r') || :
	[ "$n" -eq 0 ] || printf 'conformance: %s%s' "$first" "$([ "$n" -eq 1 ] || echo " (and $((n - 1)) more)")"
	for test in $(series_selftests "$base"); do
		! grep -q "^$test:" "$dir/found" || printf '; selftest %s' "$test"
	done
	sed -n 's/; the last lines of .*//; 1s/.*\(the kernel complained: .*\)/; \1/p' "$dir/boot"
}

# Objects are in build/BASE-mutants/obj. boot.sh takes a base, so give it one.
mkdir -p "$dir/checkout/patches/$kv"
cp -r "$top/scripts" "$dir/checkout/"
cp "$top/patches/$base/base" "$dir/checkout/patches/$kv/"

# mode_for DESCRIPTION: what is broken about protected VMs is seen on a host that has them. There,
# a VM takes a second to create, so nothing else is looked at.
mode_for()
{
	case $1 in
	*'protected VM'*)
		append=kvm-arm.mode=protected
		echo 'protected VM' >"$dir/run/only"
		: >"$dir/run/selftests"
		;;
	*)
		append=
		: >"$dir/run/only"
		series_selftests "$base" >"$dir/run/selftests"
		;;
	esac
}

mutate()
{
	git -C "$tree" checkout -q -f
	sed -i "$2" "$tree/arch/arm64/kvm/$1"
	! git -C "$tree" diff --quiet || return 1
	kmake "$kv" Image >"$dir/build.log" 2>&1 || return 2
	cp "$dir/obj/arch/$arch/boot/Image" "$dir/Image"
	BUILD=$build RUN=$dir/run LOG=$dir/console.log APPEND=$append SMP=4 TIMEOUT=300 \
		"$dir/checkout/scripts/boot.sh" "$kv" >"$dir/found" 2>"$dir/boot" ||
		grep -q 'the kernel complained' "$dir/boot" ||
		die "the machine failed, which says nothing: $(head -n 1 "$dir/boot")"
}

table=$dir/table.md
printf '| section | broken | caught by |\n|---|---|---|\n' >"$table"
failed=0 total=0

mutants_for "$top/t/conformance/mutants" "$base" | grep "${MUTANTS:-.}" >"$dir/list"

# First of all, nothing: all has to be well with the series as it is, in each mode
nothing()
{
	mode_for "$1"
	mutate hypercalls.c '1s/$/ /' || die "the series as it is does not build, see $dir/build.log"
	[ -z "$(caught)" ] || die "the series as it is fails: $(caught)"
	say "nothing is caught in the series as it is${append:+, $append}"
}

nothing ''
! grep -q 'protected VM' "$dir/list" || nothing 'protected VM'

while IFS='~' read -r section what file program <&3; do
	total=$((total + 1))
	mode_for "$what"
	mutate "$file" "$program" </dev/null && result=0 || result=$?
	case $result in
	0) by=$(caught) ;;
	1) by= ; say "$section: $what: the mutation changes nothing in $file" ;;
	*) by= ; say "$section: $what: does not build: $(grep -m 1 error "$dir/build.log")" ;;
	esac
	if [ -n "$by" ]; then
		say "$section: $what: caught by ${by#; }"
	else
		failed=$((failed + 1))
		by='; **nothing**'
		say "$section: $what: NOT CAUGHT"
	fi
	printf '| %s | %s | %s |\n' "$section" "$what" "${by#; }" >>"$table"
done 3<"$dir/list"
git -C "$tree" checkout -q -f

say "$total mutants, $failed not caught, table in $table"
[ "$failed" -eq 0 ]
