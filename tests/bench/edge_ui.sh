#!/usr/bin/env bash
# edge_ui - what the first load of opencode's real web interface takes in Chromium: from opencode itself, and through the edge. In bytes, and in time on a line of 10 Mbit/s.
# Fails when the bar is missed.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/../e2e/rig/docker20" up)" || exit 1
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/../e2e/image.sh"
e2e_image >/dev/null 2>&1 || exit 1
. "$here/../e2e/lib.sh"
e2e_init edge-ui >/dev/null
trap 'kill "$keeper" 2>/dev/null; e2e_cleanup' EXIT
e2e_cleanup
keeper=

# load URL LOGIN [MBIT] - sets bytes and ms
load() {
	read -r bytes ms < <(OCC_PASSWORD=$(occ password show) OCC_LOGIN=$2 OCC_INSECURE=1 OCC_MBIT=${3:-} "$top/tests/browser/run" "$1" opencode "$work/ui.png" 2>/dev/null |
		jq -r '.first_load | "\(.bytes) \(.ms)"')
}
serves() { [ "$(occ tls status --json 2>/dev/null | jq -r .serving)" = true ]; }

for setting in "image.base $e2e_base" "server.port 3268" "edge.bind 127.0.0.1" "edge.port 8468"; do
	# shellcheck disable=SC2086 # key and value
	occ config set $setting >/dev/null
done
occ start >/dev/null 2>&1 || exit 1
load http://127.0.0.1:3268 basic 10
direct=$bytes direct_ms=$ms
occ config set edge.mode self-signed >/dev/null && occ start --now >/dev/null 2>&1 || exit 1
occ tls run >/dev/null 2>&1 </dev/null &
keeper=$!
until_true 30 serves
load https://127.0.0.1:8468 page 10
verdict=PASS
awk -v a="$bytes" -v b="$direct" 'BEGIN { exit !(a > 0 && b > 0 && a <= 0.4 * b) }' || verdict=FAIL
awk -v a="$bytes" -v b="$direct" -v v=$verdict 'BEGIN { printf "%-44s %12d  opencode %12d  ratio %.2f  %s bar <= 0.4\n", "first load, bytes", a, b, b ? a / b : 0, v }'
awk -v a="$ms" -v b="$direct_ms" 'BEGIN { printf "%-44s %12d  opencode %12d  ratio %.2f\n", "first load at 10 Mbit/s, ms", a, b, b ? a / b : 0 }'
occ stop --remove --now >/dev/null 2>&1
[ $verdict = PASS ]
