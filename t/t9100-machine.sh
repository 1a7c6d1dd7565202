#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# How the harness reports a machine that fails, and a configuration that is wrong.
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2086 # words
set -- $bases
base=$1
have_kernel "$base"

gives()
{
	on_host "$base" '' '' 1 "$2"
	[ $? -eq "$1" ]
}
ok 'success is success' gives 0 'exit 0'
ok 'the exit status comes back' gives 7 'exit 7'

# complains PATTERN SCRIPT: the machine counts as failed, whatever the script returns
complains()
{
	fails 1 "$1" on_host "$base" '' '' 1 "$2"
}
for splat in 'WARNING: CPU: 0 PID: 1 at test' 'BUG: test' 'Internal error: Oops: test' \
	'BUG: KASAN: test' 'UBSAN: test' 'WARNING: possible circular locking dependency detected' \
	'rcu: INFO: rcu_sched self-detected stall on CPU'; do
	ok "a splat is a failure: $splat" \
		complains 'boot.sh: .*: the kernel complained: .*(test|locking|stall)' \
		"echo '$splat' >/dev/kmsg; exit 0"
done
ok 'a machine that ends without an exit status has failed' \
	complains 'it ended without an exit status; the last lines of' 'poweroff -f'
ok 'a machine that resets has failed' \
	complains 'it ended without an exit status' 'reboot -f'
TIMEOUT=10
ok 'a machine that hangs has failed' \
	complains 'no exit status within 10 seconds; the last lines of' 'sleep 1000'
TIMEOUT=300

no_directory()
{
	RUN=$trash/nosuch fails 1 'RUN=.*nosuch is not a directory' "$scripts/boot.sh" "$base"
}
ok 'RUN that is no directory is refused' no_directory

bad_qemu()
{
	QEMU=-nosuch fails 1 'QEMU ended with status 1' on_host "$base" '' '' 1 'exit 0' &&
	! grep 'Booting Linux' "$trash/fails"
}
ok 'QEMU that does not start has failed, and shows no log of another machine' bad_qemu

shell()
{
	# Input is lost until the shell runs
	while sleep 1; do
		echo 'echo this is $((6 * 7)); exit 5' || break
	done 2>/dev/null | LOG=$trash/console.log TIMEOUT=60 "$scripts/boot.sh" "$base" >"$trash/shell"
	[ $? -eq 5 ] && grep 'this is 42' "$trash/shell"
}
ok 'without RUN there is a shell' shell

# Another checkout, with the tree of the base and an option that does not exist
co=$trash/checkout
mkdir -p "$co/patches" "$trash/build/$base"
cp -r scripts kernel "$co/"
cp -r "patches/$base" "$co/patches/"
ln -s "$build/$base/tree" "$trash/build/$base/tree"
mkdir -p "$trash/build/$base/obj"
printf 'CONFIG_NOSUCH_OPTION=y\nCONFIG_SMP=n\n' >>"$co/kernel/common.config"
lost()
{
	BUILD=$trash/build fails 1 "did not stick in the .config of $base: CONFIG_NOSUCH_OPTION=y CONFIG_SMP=n " \
		"$co/scripts/kernel.sh" "$base"
}
ok 'an option that does not stick is named' lost
ok 'and there is no kernel' [ ! -e "$trash/build/$base/Image" ]

done_testing
