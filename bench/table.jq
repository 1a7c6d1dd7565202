# SPDX-License-Identifier: BSD-3-Clause
# A report as a table, with a tab between the fields of a row
def row: map(if . == null then "-" else tostring end) | join("\t");
def more: if .unpatched == null then null else .patched - .unpatched | if . > 0 then "+\(.)" else . end end;

"Linux \(.linux), \(.machine)",
"All numbers are instructions.",
"",
(["hypercall or ioctl", "state", "unpatched", "patched", ""] | row),
(.counts[] | [.what, .state, .unpatched, .patched, more] | row)
