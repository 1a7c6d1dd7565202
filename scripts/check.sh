#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# check.sh BASE: what is in build/BASE/tree, on one machine: conformance and the
# selftests. For the loop of somebody who edits there, the whole is 'make test'.
. "$(dirname "$0")/lib.sh"

base=${1:-}
need_base "$base"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/run" <<'END'
#!/bin/sh
status=0
conformance >/tmp/conformance || status=1
grep '^not ok' /tmp/conformance
echo "conformance: $(grep -c '^ok' /tmp/conformance) ok, $(grep -c '^not ok' /tmp/conformance) not ok"
for test in /selftests/*; do
	result=0
	$test >/tmp/out 2>&1 || result=$?
	case $result in
	0) echo "${test##*/}: ok" ;;
	4) echo "${test##*/}: skipped: $(tail -n 1 /tmp/out)" ;;
	*)
		if reason=$(grep "^${test##*/} " known-failures); then
			echo "${test##*/}: fails as on the base: ${reason#* }"
		else
			tail -n 20 /tmp/out
			echo "${test##*/}: failed"
			status=1
		fi
		;;
	esac
done
exit $status
END
chmod +x "$work/run"
base_field "$base" known-failure >"$work/known-failures"
RUN=$work LOG=$build/$base/check.log SMP="${SMP:-2}" "$top/scripts/boot.sh" "$base"
