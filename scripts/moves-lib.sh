# SPDX-License-Identifier: BSD-3-Clause
# Sourced by migrate.sh and tests, after lib.sh, not run: moves VMs between emulated hosts.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

# The script for a host: runs the commands, then prints the files in out/ in a form that
# take_files() reads.
moves_run='#!/bin/sh
mkdir -p out
sh ./commands
status=$?
for file in out/*; do
	[ -f "$file" ] || continue
	echo "@@@ file ${file##*/}"
	cat "$file"
	echo
	echo "@@@ end"
done
exit $status'

# take_files DIR: reads the console of a host, puts its files into DIR, prints the rest
take_files()
{
	tr -d '\r' | awk -v dir="$1" '
		/^@@@ end$/ { close(out); out = ""; next }
		out != "" { if (n++) printf "\n" > out; printf "%s", $0 > out; next }
		/^@@@ file / { out = dir "/" $3; n = 0; printf "" > out; next }
		{ print }'
}

# on_fleet_host BASE VARIANT DIR: boots it with DIR/commands and all other files of DIR, in
# their directory there. Its out/ comes back as DIR/out/, its output goes to stdout.
on_fleet_host()
{
	rm -rf "$3/run" "$3/out"
	mkdir -p "$3/run" "$3/out"
	find "$3" -maxdepth 1 -type f -exec cp {} "$3/run/" \;
	cp "$build/fwregs" "$3/run/"
	echo "$moves_run" >"$3/run/run"
	chmod +x "$3/run/run"
	moved=0
	RUN=$3/run LOG=$3/console.log "$top/scripts/boot.sh" "$1" "$2" >"$3/output" 2>"$3/errors" || moved=$?
	take_files "$3/out" <"$3/output"
	cat "$3/errors"
	return "$moved"
}
