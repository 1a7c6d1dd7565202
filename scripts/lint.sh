#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# lint.sh BASE: the semantic patch of verify/cocci on build/BASE/tree, or on the tree that
# TREE= names. Prints what it finds, a file:line: message each, and fails if there is any.
. "$(dirname "$0")/lib.sh"

need_tool spatch
if [ -n "${TREE:-}" ]; then
	tree=$(cd "$TREE" 2>/dev/null && pwd) || die "TREE=$TREE is no directory"
else
	need_base "${1:-}"
	tree=$build/$1/tree
fi
[ -f "$tree/arch/$arch/kvm/hypercalls.c" ] || die "$tree is no Linux tree with KVM/$arch"
rule=$top/verify/cocci/firmware-registers.cocci
canary=$top/verify/cocci/canary.c

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Before 6.4, what config_lock guards was under kvm::lock
lock=config_lock
grep -q "[[:space:]]$lock;" "$tree/arch/$arch/include/asm/kvm_host.h" || lock=lock

# All at once, for what one file does to be seen in the others
cd "$tree"
find "arch/$arch/kvm" virt/kvm include/kvm -name '*.[ch]' >"$tmp/files"
find "arch/$arch/include/asm" -name 'kvm*.h' >>"$tmp/files"
sort -o "$tmp/files" "$tmp/files"
# shellcheck disable=SC2046 # words
spatch -D report -D "lock=$lock" --very-quiet $(sed -n 's,^// *Options: *,,p' "$rule") \
	--cocci-file "$rule" "$canary" $(cat "$tmp/files") >"$tmp/out" 2>"$tmp/err" </dev/null ||
	die "spatch failed: $(tail -n 1 "$tmp/err")"

# A file that it gives up does not make spatch fail, it only says so
[ ! -s "$tmp/err" ] || die "spatch complained: $(head -n 1 "$tmp/err")"

# Without Python, or if it has no idea of the rule, it is silent
grep -qF "$canary:" "$tmp/out" || die "spatch finds nothing in $canary"

grep -vF "$canary:" "$tmp/out" | sed 's/^\([^:]*:[0-9]*\):[0-9-]*: /\1: /' |
	sort -t : -k 1,1 -k 2,2n | uniq >"$tmp/found"
cat "$tmp/found"
[ ! -s "$tmp/found" ] || die "$(wc -l <"$tmp/found") findings in $tree"
say "nothing found in $(wc -l <"$tmp/files") files of $tree"
