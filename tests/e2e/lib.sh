# lib.sh - what the end-to-end scripts share: TAP rows, a private home, conditions with deadlines.
#
# A script sources it, calls e2e_init NAME, makes rows with is, like, unlike, runs, exits, and ends with e2e_done. Every command
# runs with a HOME of its own below $OCC_RIG, so no deployment of the person at the machine is touched.
# shellcheck shell=bash
set -u

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
occ_binary=${OCC:-$top/build/opencode-cloud}
export rig=$top/tests/e2e/rig
rig_base=${OCC_RIG:-/var/tmp/occ-rig}
. "$top/tests/moment.bash"
rows=0 bad=0 url=

# e2e_init NAME [INSTANCE] - a clean home for this script, and `occ` for its instance
e2e_init() {
	e2e_name=$1 e2e_instance=${2:-e2e}
	work=$rig_base/home-$1
	rm -rf --one-file-system "$work"
	mkdir -p "$work/bin"
	# An instance of its own: the default one may be in use on this machine.
	printf '#!/usr/bin/env bash\nexec -a occ %q --instance %q "$@"\n' "$occ_binary" "$e2e_instance" >"$work/bin/occ"
	chmod +x "$work/bin/occ"
	# What every run installs or downloads stays where all scripts find it.
	export XDG_CACHE_HOME=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}
	export HOME=$work PATH=$work/bin:$PATH
	unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_DATA_HOME XDG_RUNTIME_DIR DOCKER_CONTEXT DOCKER_CONFIG SUDO_USER
	printf '# %s\n' "$e2e_name"
}

e2e_done() {
	printf '1..%d\n' "$rows"
	[ "$bad" = 0 ]
	exit
}

row() {
	local verdict=$1 name=$2
	shift 2
	rows=$((rows + 1))
	if [ "$verdict" = 0 ]; then
		printf 'ok - %s: %s\n' "$e2e_name" "$name"
		return 0
	fi
	bad=$((bad + 1))
	printf 'not ok - %s: %s\n' "$e2e_name" "$name"
	# The end tells most; of what is long the beginning tells what it is.
	[ $# = 0 ] || printf '%s\n' "$@" | awk '{ l[NR] = $0 } END { for (i = 1; i <= NR; i++) if (i <= 10 || i > NR - 40) print "#   " l[i]; else if (i == 11) print "#   ..." }'
	return 1
}

# is NAME GOT WANT
is() { [ "$2" = "$3" ]; row $? "$1" "got:  $2" "want: $3"; }
# like NAME TEXT REGEX (extended)
like() { printf '%s' "$2" | grep -qE -- "$3"; row $? "$1" "no match for $3 in:" "$2"; }
# holds NAME TEXT PART - literally: a key or an address may hold what a regex reads otherwise
holds() { [ -n "$3" ] && [[ $2 == *"$3"* ]]; row $? "$1" "no \"$3\" in:" "$2"; }
unlike() { ! printf '%s' "$2" | grep -qE -- "$3"; row $? "$1" "unwanted $3 in:" "$2"; }
# runs NAME COMMAND... - exit status 0; output in $out
runs() { exits "$1" 0 "${@:2}"; }
# exits NAME STATUS COMMAND... - that exit status; both streams in $out
exits() {
	local name=$1 want=$2 got
	shift 2
	out=$("$@" 2>&1 </dev/null)
	got=$?
	[ "$got" = "$want" ]
	row $? "$name" "exit status $got, want $want" "$out"
}
# until_true SECONDS COMMAND... - polls until it succeeds; SECONDS is what a quiet machine may take at most, a busy one has three times as long
until_true() {
	local due=$((SECONDS + 3 * $1)) now since
	shift
	while now_us; since=$now; ! "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$due" ] || return 1
		breath "$since"
	done
}

# engine PATH [CURL-OPTION...] - the engine's API on the socket of DOCKER_HOST
engine() {
	local path=$1
	shift
	curl -q -sS --noproxy '*' --unix-socket "${E2E_SOCKET}" "$@" "http://engine$path"
}
# e2e_cleanup - what the instance has on the engine, left-overs of a run that was cut included
e2e_cleanup() {
	local c own=opencode-cloud-$e2e_instance
	for c in "$own" "$own.next"; do engine "/containers/$c?force=1" -X DELETE -o /dev/null; done
	for c in "$own-home" "$own-workspace"; do engine "/volumes/$c" -X DELETE -o /dev/null; done
	kept_of "$own"
	engine "/networks/$own" -X DELETE -o /dev/null
	# The image of e2e is everybody's.
	[ "$e2e_instance" = e2e ] || engine "/images/$own:${e2e_ref##*:}?noprune=1" -X DELETE -o /dev/null
}

# kept_of NAME - removes what changes of version have kept: copies of opencode's data, names of images
kept_of() {
	local c
	for c in $(engine /volumes | jq -r --arg p "$1-home.before-" '.Volumes[]?.Name | select(startswith($p))'); do engine "/volumes/$c" -X DELETE -o /dev/null; done
	for c in $(engine /images/json | jq -r --arg p "$1:before-" '.[].RepoTags[]? | select(startswith($p))'); do engine "/images/$c?noprune=1" -X DELETE -o /dev/null; done
}

# inspect CONTAINER JQ - one value out of the engine's inspect
inspect() { engine "/containers/$1/json" | jq -r "$2"; }

# containers_of - how many containers the instance has, left-overs included
containers_of() { engine '/containers/json?all=1' | jq -r --arg i "$e2e_instance" '[.[]|select(.Labels["io.opencode-cloud.instance"]==$i)]|length'; }

# pause - freezes the instance's container; under load runc cannot always, so: until_true SECONDS pause
pause() { engine /containers/opencode-cloud-e2e/pause -X POST -f -o /dev/null; }

# ask PATH [CURL-OPTION...] - opencode at the service's URL from where its port answers (RIG_EXEC: inside the engine's host)
ask() {
	local path=$1
	shift
	${RIG_EXEC:-} curl -q -sS --noproxy '*' -m 20 "$@" "$url$path"
}
status_of() { ask "$1" -o /dev/null -w '%{http_code}' "${@:2}"; }
# The credentials as curl options; the password is a test's, so argv does not matter here.
with_password() { printf -- '-u\nopencode:%s\n' "$(occ password show)"; }
