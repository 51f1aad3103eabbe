#!/usr/bin/env bash
# The program for arm64 under qemu-user: its unit tests, the command line, and end to end with the engine's socket.
#
# The kernel is told to run programs for arm64 by qemu (binfmt_misc) while this runs, unless it does so already: the program starts itself anew, as applets and helpers.
. "$(dirname "$0")/../cli/tap.bash"
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES DOCKER_HOST
HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR
out_dir=$PWD/build/arm64
binfmt=/proc/sys/fs/binfmt_misc

# Registered with the opened interpreter (F), so that it is found in a chroot as well, and with argv[0] as it was given (P): the program's applets are told by it.
knows_arm64() {
	command -v qemu-aarch64-static >/dev/null || scripts/apt-install qemu-user-static >&2
	[ -e $binfmt/register ] || mount -t binfmt_misc binfmt_misc $binfmt || return
	! grep -qs '^enabled' $binfmt/qemu-aarch64 || return 0
	printf '%s' ':qemu-aarch64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:'"$(command -v qemu-aarch64-static)"':FP' \
		>$binfmt/register || return
	trap 'echo -1 >$binfmt/qemu-aarch64; rm -rf "$tmp"' EXIT
}
knows_arm64
is "the kernel runs programs for arm64" $? 0

settings=$(scripts/toolchain linux-arm64)
# shellcheck disable=SC2086 # words
make -s O="$out_dir" DEPS_OUT="$out_dir/deps" $settings all unit-bins driver-bins >"$tmp/build.log" 2>&1
is "it is built, with its tests" $? 0 || tail -n 20 "$tmp/build.log" | sed 's/^/# /'
has "the program is one" "$(file -b "$out_dir/opencode-cloud")" "ARM aarch64"
export OCC=$out_dir/opencode-cloud T_ROOT=$PWD T_OUT=$out_dir/tests
has "and runs" "$("$OCC" --version)" "opencode-cloud "

# all WHAT SECONDS PROGRAM... - each a row here, and what it said when it did not pass
all() {
	local what=$1 limit=$2 one
	shift 2
	for one; do
		timeout -k 10 "$limit" "$one" >"$tmp/said" 2>&1 </dev/null
		rc=$?
		is "$what: ${one##*/}: $(grep -c '^ok' "$tmp/said") passed" $rc 0 || grep -v '^ok' "$tmp/said" | tail -n 40 | sed 's/^/# /'
	done
}
units=("$out_dir"/release/tests/unit/*_test)
mapfile -t clis < <(awk 'FNR == 1 && /^.!\// { print FILENAME }' tests/cli/*.sh)
all unit 600 "${units[@]}"
all "command line" 1800 "${clis[@]}"
all "end to end" 3600 tests/e2e/20-docker20.sh
finish
