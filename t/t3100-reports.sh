#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# fwregs report on emulated hosts: its three formats, their contents for each kernel, and whether the
# program for this machine reads them. Also compares t/reports, the input of t0030, with reports of
# real kernels.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/moves-lib.sh"
unset SMP

# The grammars are our own, and stricter than those of the programs that read the files.

# nfd_grammar FILE: NAME=VALUE lines, for labels of Kubernetes in the domain that Node Feature
# Discovery has for them. Names and values have 63 characters at most, letters, digits, - _ .
# and the first and the last one is a letter or a digit. Each name is there once.
nfd_grammar()
{
	awk '
		function bad(why) { print FILENAME ":" NR ": " why ": " $0; failed = 1; exit 1 }
		{
			domain = "feature.node.kubernetes.io/"
			if (index($0, domain) != 1) bad("another domain")
			line = substr($0, length(domain) + 1)
			if (gsub(/=/, "=", line) != 1) bad("not one =")
			name = value = line
			sub(/=.*/, "", name)
			sub(/.*=/, "", value)
			word = "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"
			if (name !~ word || length(name) > 63) bad("no name of a label")
			if (value !~ word || length(value) > 63) bad("no value of a label")
			if (name in seen) bad("twice")
			seen[name] = 1
		}
		END { if (!NR) print FILENAME ": is empty"; exit failed || !NR }' "$1"
}

# prometheus_grammar FILE: for each metric HELP, TYPE and then its samples, which are gauges with
# whole numbers and no time. Each metric and each sample is there once.
prometheus_grammar()
{
	[ "$(tail -c 1 "$1" | od -A n -t x1)" = ' 0a' ] || { echo "$1 does not end with a newline"; return 1; }
	awk '
		function bad(why) { print FILENAME ":" NR ": " why ": " $0; failed = 1; exit 1 }
		/^# HELP / {
			if (awaits) bad("HELP instead of TYPE")
			if ($3 !~ /^[a-z][a-z0-9_]*$/ || NF < 4 || /\\/) bad("no HELP")
			if ($3 in seen) bad("metric twice")
			seen[$3] = 1
			metric = $3
			awaits = 1
			next
		}
		/^# TYPE / {
			if (!awaits || $3 != metric || $4 != "gauge" || NF != 4) bad("no TYPE")
			awaits = 0
			next
		}
		{
			if (awaits) bad("no TYPE")
			rest = $0
			if (!match(rest, /^[a-z][a-z0-9_]*/)) bad("no name")
			if (substr(rest, 1, RLENGTH) != metric) bad("sample of another metric")
			rest = substr(rest, RLENGTH + 1)
			if (sub(/^\{/, "", rest)) {
				split("", labels)
				do {
					if (!match(rest, /^[a-z][a-z0-9_]*="([^"\\]|\\["\\n])*"/)) bad("no label")
					label = substr(rest, 1, RLENGTH)
					rest = substr(rest, RLENGTH + 1)
					sub(/=.*/, "", label)
					if (label in labels) bad("label twice")
					labels[label] = 1
				} while (sub(/^,/, "", rest))
				if (!sub(/^\}/, "", rest)) bad("no end of the labels")
			}
			if (rest !~ /^ (0|[1-9][0-9]*)$/) bad("no value")
			series = substr($0, 1, length($0) - length(rest))
			if (series in samples) bad("sample twice")
			samples[series] = 1
		}
		END {
			if (!failed && awaits) print FILENAME ": ends in HELP"
			exit failed || awaits || !NR
		}' "$1"
}

# notices GRAMMAR LINES: the grammar refuses a file with these lines, which have \n between them
notices()
{
	printf %b "$2" >"$trash/bad"
	! "$1" "$trash/bad"
}

while IFS='~' read -r grammar what lines; do
	ok "$grammar: the grammar notices $what" notices "${grammar}_grammar" "$lines"
done <<'END'
nfd~nothing~
nfd~no domain~fwregs-count=3\n
nfd~another domain~example.com/fwregs-count=3\n
nfd~no value~feature.node.kubernetes.io/fwregs-count\n
nfd~an empty value~feature.node.kubernetes.io/fwregs-count=\n
nfd~a space~feature.node.kubernetes.io/fwregs-count=a b\n
nfd~two values~feature.node.kubernetes.io/fwregs-count=1=2\n
nfd~a name that ends in _~feature.node.kubernetes.io/fwregs_=1\n
nfd~a name twice~feature.node.kubernetes.io/a=1\nfeature.node.kubernetes.io/a=2\n
nfd~a long value~feature.node.kubernetes.io/a=0123456789012345678901234567890123456789012345678901234567890123\n
prometheus~nothing~
prometheus~no newline at the end~# HELP a b\n# TYPE a gauge\na 1
prometheus~no HELP~a 1\n
prometheus~an empty HELP~# HELP a\n# TYPE a gauge\na 1\n
prometheus~no TYPE~# HELP a b\na 1\n
prometheus~an end in HELP~# HELP a b\n
prometheus~a counter~# HELP a b\n# TYPE a counter\na 1\n
prometheus~the TYPE of another metric~# HELP a b\n# TYPE b gauge\na 1\n
prometheus~a sample of another metric~# HELP a b\n# TYPE a gauge\nb 1\n
prometheus~a sample twice~# HELP a b\n# TYPE a gauge\na 1\na 2\n
prometheus~a metric twice~# HELP a b\n# TYPE a gauge\n# HELP a b\n# TYPE a gauge\n
prometheus~no quotes~# HELP a b\n# TYPE a gauge\na{b=c} 1\n
prometheus~one comma more~# HELP a b\n# TYPE a gauge\na{b="c",} 1\n
prometheus~a quote in quotes~# HELP a b\n# TYPE a gauge\na{b="c"c"} 1\n
prometheus~an escape that there is not~# HELP a b\n# TYPE a gauge\na{b="\\q"} 1\n
prometheus~a label twice~# HELP a b\n# TYPE a gauge\na{b="c",b="d"} 1\n
prometheus~labels without end~# HELP a b\n# TYPE a gauge\na{b="c" 1\n
prometheus~a value in hexadecimal~# HELP a b\n# TYPE a gauge\na 0x1\n
prometheus~a time~# HELP a b\n# TYPE a gauge\na 1 1\n
END

# Definitions for jq, to compare a report with the other formats
jq_hex='def hex: ltrimstr("0x") | explode | reduce .[] as $c (0; . * 16 + $c - (if $c > 57 then 87 else 48 end));
	def greatest: .accepted[-1] | hex;
	def n: .id[-4:] | hex;
	def psci: "\(. / 65536 | floor).\(. % 65536)";'

nfd_facts()
{
	jq -r "$jq_hex"' [
		"count=\(.ceiling)", "bmaps=\(.registers | map(select(.mask)) | length)",
		(.parameters.fw_bmap_regs | values | "ceiling-bmaps=" + .),
		(.parameters.psci_version | values | "ceiling-psci=" + .),
		(.registers[] |
			if .mask then "bmap-\(n)=\(.mask)"
			elif n == 0 then "psci=\(greatest | psci)"
			else "level-\(n)=\(greatest)" end)
		] | .[] | "feature.node.kubernetes.io/fwregs-" + .' "$1" >"$trash/facts" &&
	same "$trash/facts" "$2"
}

prometheus_facts()
{
	jq -r "$jq_hex"'
		def sample(metric; value): metric + "{register=\"" + (.name | ltrimstr("KVM_REG_ARM_")) +
			"\",id=\"" + .id + "\"} \(value)";
		"fwregs_info{system=\"\(.system)\",release=\"\(.release)\",fw_bmap_regs=\"\(.parameters.fw_bmap_regs // "")\",psci_version=\"\(.parameters.psci_version // "")\"} 1",
		"fwregs_capability_count \(.ceiling)",
		"fwregs_bitmap_registers \(.registers | map(select(.mask)) | length)",
		(.registers[] | sample("fwregs_register_value"; .value | hex)),
		(.registers[] | select(.mask) | sample("fwregs_register_accepted_mask"; .mask | hex)),
		(.registers[] | select(.accepted) | sample("fwregs_register_accepted_max"; greatest))' \
		"$1" >"$trash/facts" &&
	grep -v '^#' "$2" >"$trash/samples"
	same "$trash/facts" "$trash/samples"
}

# Ignores the release, which another test checks, and the host's name
as_known()
{
	jq -S 'del(.host, .release)' "$top/t/reports/$1.json" >"$trash/known" &&
	jq -S 'del(.host, .release)' "$2" >"$trash/seen" &&
	same "$trash/known" "$trash/seen"
}

commands='./fwregs report -o out/report.json
./fwregs report --format json >out/stdout.json
./fwregs list --json >out/list.json
./fwregs report --format=nfd --output out/nfd
./fwregs report --format prometheus -oout/prom
ls -A out >out/names

# refused STATUS COMMAND...
refused()
{
	want=$1
	shift
	status=0
	"$@" >/tmp/out 2>/tmp/err || status=$?
	[ $status -eq $want ] && [ ! -s /tmp/out ] && [ "$(wc -l </tmp/err)" -eq 1 ] || echo "status $status: $*"
	cat /tmp/err
}
refused 2 ./fwregs report --format=xml
refused 2 ./fwregs report --format
refused 2 ./fwregs report -o
refused 2 ./fwregs report out/extra
refused 6 ./fwregs report -o nosuch/report.json
refused 6 ./fwregs report -o /dev/full
echo old >/tmp/report.json
mount --bind /dev/null /dev/kvm
refused 6 ./fwregs report -o /tmp/report.json
umount /dev/kvm
cat /tmp/report.json'

lines='fwregs: .xml., for --format, is not json, nfd or prometheus, see
fwregs: --format wants a value, see
fwregs: -o wants a value, see
fwregs: report takes no argument, but there is .out/extra., see
fwregs: creating a file beside nosuch/report.json: No such file or directory \(ENOENT\)$
fwregs: writing /dev/full: No space left on device \(ENOSPC\)$
fwregs: KVM_[A-Z_]*: 
old$'

# Each line of $printed matches that of $lines, and there are as many
said()
{
	cat "$trash/printed"
	echo "$lines" >"$trash/lines"
	[ "$(wc -l <"$trash/printed")" -eq "$(wc -l <"$trash/lines")" ] || return 1
	while IFS= read -r line <&3 && IFS= read -r pattern <&4; do
		echo "$line" | grep -qE "^$pattern" || { echo "'$line' is not '$pattern'"; return 1; }
	done 3<"$trash/printed" 4<"$trash/lines"
}

# Lower ceilings, and one with characters that have to be escaped in a label
lowered='cd /sys/module/kvm/parameters && echo 1 >fw_bmap_regs && echo 1.0 >psci_version && cd - >/dev/null
./fwregs report -o out/lowered.json
printf "a\\\\b\"c\n" >/tmp/ceiling
mount --bind /tmp/ceiling /sys/module/kvm/parameters/psci_version
./fwregs report --format=prometheus -o out/escaped'

is_lowered()
{
	jq -c '[.ceiling, .count, .parameters.fw_bmap_regs, .parameters.psci_version,
		(.registers | map(select(.mask)) | length), .registers[0].value, .registers[0].accepted]' \
		"$1" >"$trash/seen"
	cat "$trash/seen"
	[ "$(cat "$trash/seen")" = '[1,1,"1","1.0",1,"0x10000",["0x2","0x10000"]]' ]
}

escaped()
{
	grep '^fwregs_info' "$1"
	grep -F 'psci_version="a\\b\"c"' "$1"
}

release_is()
{
	jq -r .release "$1" | grep -E "^[0-9]+\.[0-9]+.*-$2\$"
}

# hosts_report BASE VARIANT: runs all tests of the reports of a host with this kernel
hosts_report()
{
	kernel=$1${2:+-unpatched}
	out=$trash/step/out
	new_step <<-END
		$commands
		${3:-}
	END
	ok "$kernel: it reports" host_step "$1" "$2"
	ok "$kernel: and says what it cannot do" said
	printf '%s\n' list.json names nfd prom report.json stdout.json | sort >"$trash/names"
	ok "$kernel: nothing else is written" same "$trash/names" "$out/names"
	ok "$kernel: what t0030 has of it is right" as_known "$kernel" "$out/report.json"
	ok "$kernel: its release" release_is "$out/report.json" "${2:+un}patched"
	ok "$kernel: the same on stdout" same "$out/report.json" "$out/stdout.json"
	ok "$kernel: list --json is the same" same "$out/report.json" "$out/list.json"
	ok "$kernel: the program for this machine reads it" \
		"$build/native/fwregs" baseline "$out/report.json"
	ok "$kernel: labels of Kubernetes" nfd_grammar "$out/nfd"
	ok "$kernel: they say the same" nfd_facts "$out/report.json" "$out/nfd"
	ok "$kernel: metrics of Prometheus" prometheus_grammar "$out/prom"
	ok "$kernel: they say the same" prometheus_facts "$out/report.json" "$out/prom"
}

for base in $bases; do
	have_kernel "$base"
	have_kernel "$base" 1
	hosts_report "$base" '' "$lowered"
	ok "$base: a report with lower ceilings" is_lowered "$out/lowered.json"
	ok "$base: the program for this machine reads it" \
		"$build/native/fwregs" baseline "$out/lowered.json"
	ok "$base: a label with what has to be escaped" prometheus_grammar "$out/escaped"
	ok "$base: it is" escaped "$out/escaped"
	hosts_report "$base" 1
done

done_testing
