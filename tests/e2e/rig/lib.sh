# lib.sh - what the rigs share. A rig is a real engine, sshd or registry for the end-to-end tests:
#
#   eval "$(tests/e2e/rig/NAME up)"     bring it up (again: says the same), shell variables on stdout
#   tests/e2e/rig/NAME load IMAGE       give it an image of the main engine (engines and registry)
#   tests/e2e/rig/NAME down [--purge]   stop it; --purge removes its data as well
#
# State, logs and sockets are below $OCC_RIG (/var/tmp/occ-rig). What a rig needs it installs with apt-get; what it
# cannot have ends it with a sentence and status 1. Nothing here waits without a deadline. Needs root.
# shellcheck shell=bash
set -euo pipefail

rig=$(basename "$0")
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
base=${OCC_RIG:-/var/tmp/occ-rig}
state=$base/$rig
# shellcheck source=tests/moment.bash
. "$top/tests/moment.bash"
main_socket=${RIG_MAIN_SOCKET:-/var/run/docker.sock}

say() { printf '%s: %s\n' "$rig" "$*" >&2; }
die() { say "$*"; exit 1; }

# need PROGRAM=PACKAGE... - installs the packages whose programs are missing
need() {
	local pair missing=()
	for pair; do
		command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing ${missing[*]}"
	"$top/scripts/apt-install" "${missing[@]}" >&2
}

# wait_for SECONDS WHAT COMMAND... - until the command succeeds; the end of $state/log when it never does
wait_for() {
	local due=$((SECONDS + $1)) what=$2 now since
	shift 2
	while now_us; since=$now; ! "$@" >/dev/null 2>&1; do
		if [ "$SECONDS" -ge "$due" ]; then
			[ ! -r "$state/log" ] || tail -n 15 "$state/log" >&2
			die "$what: not within its time"
		fi
		breath "$since"
	done
}

# spawn COMMAND... - a background process of its own session, its output in $state/log, its pid in $state/pid; it inherits nothing else: a lock of
# our caller's would be held for as long as it lives, and a checkout that is removed would be its working directory
spawn() {
	mkdir -p "$state"
	(
		cd / || exit
		for fd in /proc/self/fd/*; do
			[ "${fd##*/}" -le 2 ] || eval "exec ${fd##*/}>&-"
		done
		exec setsid "$@"
	) </dev/null >"$state/log" 2>&1 &
	echo $! >"$state/pid"
}

# is_up NAME [PIDFILE] - is that process alive, no zombie, and still the program NAME (a pid may have been given away)?
is_up() {
	local stat file=${2:-$state/pid}
	[ -r "$file" ] && stat=$(cat "/proc/$(cat "$file")/stat" 2>/dev/null) &&
		[[ $stat == *"($1) "* && $stat != *"($1) Z"* ]]
}

# stop NAME - ends what spawn started and waits for it
stop() {
	if is_up "$1"; then
		kill "$(cat "$state/pid")"
		wait_for 20 "the end of $1" not is_up "$1"
	fi
	rm -f "$state/pid"
}

not() { ! "$@"; }

ping_socket() {
	curl -q -fsS -m 3 --noproxy '*' --unix-socket "$1" http://engine/_ping
}

main_engine() {
	"$top/scripts/engine-up" --socket "$main_socket" >/dev/null
	command -v docker >/dev/null || need docker=docker-cli
}

docker_main() { docker -H "unix://$main_socket" "$@"; }

# copy_image SOCKET IMAGE - from the main engine to another, unless that has the same already
copy_image() {
	local id
	id=$(docker_main image inspect -f '{{.Id}}' "$2") || die "the main engine has no image $2"
	if [ "$(docker -H "unix://$1" image inspect -f '{{.Id}}' "$2" 2>/dev/null)" = "$id" ]; then
		say "$2 is there already"
		return
	fi
	docker_main save "$2" | docker -H "unix://$1" load >&2
}

# Calls up, down or load of the rig.
rig_main() {
	local verb=${1:-}
	[ "$(id -u)" -eq 0 ] || die "needs root"
	[ $# -eq 0 ] || shift
	case $verb in
	up|down|load) "rig_$verb" "$@" ;;
	*) echo "usage: $0 up | load IMAGE | down [--purge]" >&2; exit 2 ;;
	esac
}
