# SPDX-License-Identifier: BSD-3-Clause
# A report as tables, with a tab between the fields of a row
def row: map(if . == null then "-" else tostring end) | join("\t");
def less($a; $b): if $a == null or $b == null then null else ($a - $b | if . > 0 then "+\(.)" else tostring end) end;

"Linux \(.linux), \(.machine)",
"All numbers are instructions. A hypercall that does nothing: \(.floor)",
((.hvc | map(.state) | reduce .[] as $s ([]; if index([$s]) then . else . + [$s] end))[] as $state |
	"",
	"## \($state)",
	(["hypercall", "unpatched", "patched", "", "handler, unpatched", "patched", "ratio"] | row),
	(.hvc[] | select(.state == $state) | [.call, .unpatched, .patched, less(.patched; .unpatched), .handler_unpatched, .handler_patched, .handler_ratio] | row),
	(["geometric mean", "", "", "", "", "", .handler_geomean[$state]] | row)),
"",
"## ioctls",
(["ioctl", "of", "unpatched", "patched", "", "with 64 bitmap registers"] | row),
(.ioctl[] | [.ioctl, .what, .unpatched, .patched, less(.patched; .unpatched), .registers_64] | row),
"",
"## all firmware registers",
(["save and restore", "of", "unpatched", "patched", "", "with 64 bitmap registers"] | row),
(.save_and_restore[] | [(.how | sub("save and restore, "; "")), .of, .unpatched, .patched, less(.patched; .unpatched), .registers_64] | row)
