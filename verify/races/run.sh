#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# run.sh BASE [PATTERN]: runs the race tests, or those whose names match (grep -E), on a
# preemptible kernel and a machine that counts instructions. Prints TAP. VARIANT= names another
# kernel, which has to be built already. See verify/races/races.c.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"

base=${1:-} variant=${VARIANT:-preempt}
need_base "$base"
if [ "$variant" = preempt ]; then
	"$top/scripts/programs.sh"
	for step in tree kernel initramfs; do
		"$top/scripts/$step.sh" "$base" preempt
	done
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cp "$build/races" "$work/"
printf '#!/bin/sh\nexec ./races "%s"\n' "${2:-}" >"$work/run"
chmod +x "$work/run"

# Without a wait for RCU, creating and destroying VMs is fast
RUN=$work LOG=$build/$base-$variant/races.log SMP=1 APPEND=rcupdate.rcu_expedited=1 \
	TIMEOUT="${TIMEOUT:-1800}" QEMU="$counting" \
	"$top/scripts/boot.sh" "$base" "$variant"
