#!/usr/bin/env bash
# 40-engine-killed - kill -9 of dockerd and its return, on an engine of its own; and a socket that nobody listens on meanwhile.
# lane: own
here=$(cd "$(dirname "$0")" && pwd)
. "$here/image.sh"
eval "$("$here/rig/docker20" up --own)" || exit 1
"$here/rig/docker20" load "$e2e_ref" || exit 1
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
# Its published ports answer in its own network namespace: so the rest of this script goes there.
[ -n "${E2E_INSIDE:-}" ] || E2E_INSIDE=1 exec $RIG_EXEC "$0"
RIG_EXEC=
. "$here/lib.sh"
e2e_init engine-killed

session_is_listed() { ask '/session?directory=/home/opencode/workspace' "${auth[@]}" | grep -q "$session"; }
healthy() { occ status -q; }
not_alive() { ! kill -0 "$1" 2>/dev/null; }

e2e_cleanup
runs "base" occ config set image.base "$e2e_base"
runs "port" occ config set server.port 3210
runs "start" occ start
url=http://127.0.0.1:3210
mapfile -t auth < <(with_password)
session=$(ask '/session?directory=/home/opencode/workspace' "${auth[@]}" -X POST -H 'Content-Type: application/json' -d '{}' | jq -r .id)
like "a session" "$session" '^ses_'
kill -9 "$RIG_DOCKERD_PID"
until_true 20 not_alive "$RIG_DOCKERD_PID"
exits "without its engine" 4 occ status
like "and that is said" "$out" "nobody listens|not running"
eval "$("$here/rig/docker20" up --own)" || exit 1
RIG_EXEC=
until_true 60 healthy
row $? "the engine brings it back by itself" "$(occ status 2>&1)"
until_true 20 session_is_listed
row $? "the session is still there"
runs "start has nothing to do" occ start
like "and says so" "$out" "Nothing to do"
# ---- under a change of version ----
# dies_at REGEX NUMBER - the engine, in the moment in which the change says that; the image of today is another each time
dies_at() {
	local log=$work/dies.log pid before
	before=$(inspect opencode-cloud-e2e .Image)
	like "a container" "$before" "^sha256:"
	printf 'FROM %s\nLABEL e2e=%s\n' "$e2e_ref" "$2" | DOCKER_BUILDKIT=0 docker build -q -t "$e2e_ref" - >/dev/null 2>&1
	: >"$log"
	env "$occ_binary" --instance e2e -v start --now >"$log" 2>&1 &
	pid=$!
	until_true 90 grep -qE "$1" "$log"
	row $? "the engine dies at '$1'" "$(tail -n 5 "$log")"
	kill -9 "$RIG_DOCKERD_PID"
	wait "$pid"
	until_true 20 not_alive "$RIG_DOCKERD_PID"
	eval "$("$here/rig/docker20" up --own)" || exit 1
	RIG_EXEC=
	# Engine 20.10 restores a container that it was only just starting, and when that is removed it keeps its proxy and so the port, until it is restarted. That much is said.
	if ! out=$(occ start --now 2>&1) && grep -q 'port 3210 .* is taken by docker-proxy' <<<"$out"; then
		printf "# '%s': the engine keeps the port of a container that is gone, and is restarted\n" "$1"
		kill "$RIG_DOCKERD_PID"
		until_true 30 not_alive "$RIG_DOCKERD_PID"
		eval "$("$here/rig/docker20" up --own)" || exit 1
		RIG_EXEC=
	fi
	runs "'$1': start" occ start --now
	is "'$1': one container" "$(containers_of)" 1
	is "'$1': no journal" "$(find "$HOME/.local/state" -name update.json)" ""
	until_true 20 session_is_listed
	row $? "'$1': the session is there"
	case $1 in
	*switching) is "'$1': undone" "$(inspect opencode-cloud-e2e .Image)" "$before" ;;
	*answered | *takes) unlike "'$1': completed" "$(inspect opencode-cloud-e2e .Image)" "^$before$" ;;
	esac
}
steps=("update [0-9]+: switching" "update [0-9]+: answered")
[ -z "${OCC_LONG:-}" ] || steps+=("update [0-9]+: snapshot" "step: create the new" "step: stop container" "step: start container" "step: wait until" "step: the new container takes" "update [0-9]+: done")
for n in "${!steps[@]}"; do dies_at "${steps[$n]}" "$n"; done
runs "stop --remove" occ stop --remove --now
e2e_cleanup
"$here/rig/docker20" down
e2e_done
