#!/usr/bin/env bash
# engine.sh - every call of lib/engine against real engines: Docker 20.10 and 28.5, Podman, and Docker through ssh.
#
#   tests/e2e/engine.sh [RIG...]     docker20 podman sshd docker28 by default
#
# With DOCKER_HOST set and no RIG named, that engine alone. The programs are tests/e2e/driver/engine_*.c, built by make and found in
# $T_DRIVERS. What they make on an engine is called engtest-SOMETHING, and is gone afterwards.
# lane: nested
set -uo pipefail
export LC_ALL=C

top=$(cd "$(dirname "$0")/../.." && pwd)
rigs=$top/tests/e2e/rig
drivers=${T_DRIVERS:-${T_OUT:-$top/build/tests}/../release/tests/e2e/driver}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/occ-engine.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

ok() { echo "ok - $1"; passed=$((passed + 1)); }
not_ok() { echo "not ok - $1"; failed=$((failed + 1)); }

# The image of all these tests: one static busybox, as a tar, in the way POST /images/create wants it.
make_tar() {
	local root=$tmp/root name
	command -v busybox >/dev/null || "$top/scripts/apt-install" busybox-static >&2 || return
	mkdir -p "$root/bin" "$root/tmp" "$root/etc/engtest" && chmod 1777 "$root/tmp" || return
	cp "$(command -v busybox)" "$root/bin/busybox" || return
	for name in $(busybox --list); do
		[ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"
	done
	tar -C "$root" --owner=0 --group=0 -cf "$tmp/busybox.tar" .
}

# run NAME PROGRAM [VAR=VALUE...] - its rows become ours
run() {
	local out=$tmp/out before=$failed name=$1 program=$2 rc
	shift 2
	timeout -k 10 300 env "$@" "$drivers/$program" >"$out" 2>&1
	rc=$?
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok "$name: ${line#ok - }" ;;
		"not ok - "*) not_ok "$name: ${line#not ok - }" ;;
		1..*) ;;
		*) echo "# ${line#\# }" ;;
		esac
	done <"$out"
	[ "$rc" -eq 0 ] || [ "$failed" -gt "$before" ] || not_ok "$name: $program ended with status $rc"
}

# all NAME [VAR=VALUE...] - every program against the engine of DOCKER_HOST
all() {
	local name=$1 program
	shift
	for program in engine_objects engine_container engine_exec engine_build engine_pull; do
		run "$name" "$program" "$@"
	done
}

# The engine's leftovers: the test image in all its names.
sweep() {
	docker rmi -f engtest-busybox:1 >/dev/null 2>&1 || true
}

# one RIG - brings it up, tests it; without it, that is a failure
one() {
	local vars
	if ! vars=$("$rigs/$1" up 2>"$tmp/log"); then
		not_ok "$1: the engine is there"
		sed 's/^/# /' "$tmp/log"
		return
	fi
	(
		eval "export $(tr '\n' ' ' <<<"$vars")"
		[ -z "${RIG_PATH:-}" ] || export PATH=$RIG_PATH:$PATH
		# A nested engine's and Podman's view of 127.0.0.1 and of plain HTTP is not ours.
		case $1 in
		docker28) all "$1" ENGTEST_REMOTE=1 ENGTEST_NO_REGISTRY=1 ;;
		podman) all "$1" ENGTEST_NO_REGISTRY=1 ;;
		*) all "$1" ;;
		esac
		sweep
		echo "$passed $failed" >"$tmp/counts"
	)
	read -r passed failed <"$tmp/counts"
}

# The registries, with the test image in them.
registries() {
	local vars
	vars=$("$rigs/registry" up) || return
	eval "export $(tr '\n' ' ' <<<"$vars")"
	docker import "$tmp/busybox.tar" engtest-busybox:1 >/dev/null && "$rigs/registry" load engtest-busybox:1 >/dev/null
}

make_tar || { echo "Bail out! no busybox"; exit 1; }
export ENGTEST_TAR=$tmp/busybox.tar
if [ $# -eq 0 ] && [ -n "${DOCKER_HOST:-}" ]; then
	all engine ENGTEST_NO_REGISTRY=1
	sweep
else
	[ $# -gt 0 ] || set -- docker20 podman sshd docker28
	registries 2>"$tmp/log" || { not_ok "registries for the pulls"; sed 's/^/# /' "$tmp/log"; }
	for rig; do
		one "$rig"
	done
	sweep
fi
echo "1..$((passed + failed))"
[ "$failed" -eq 0 ]
