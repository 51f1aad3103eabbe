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
runs "stop --remove" occ stop --remove --now
e2e_cleanup
"$here/rig/docker20" down
e2e_done
