#!/usr/bin/env bash
# 21-browser - the real web UI of a started service in Chromium: a message, a session, a terminal in which `id` answers.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
e2e_init browser
e2e_cleanup
runs "base" occ config set image.base "$e2e_base"
runs "start" occ start
url=$(occ status --json | jq -r .url)
picture=${T_OUT:-$rig_base}/browser.png
mkdir -p "$(dirname "$picture")"
out=$(OCC_PASSWORD=$(occ password show) "$top/tests/browser/run" "$url" opencode "$picture" 2>&1)
row $? "page, session and terminal" "$out"
like "id answers as the normal user" "$out" 'uid=1000\(opencode\)'
[ -s "$picture" ]
row $? "a picture of it"
runs "the terminal wrote into the workspace" occ exec -- cat id.txt
like "as that user" "$out" 'uid=1000\(opencode\)'
occ stop --remove --now >/dev/null 2>&1
e2e_cleanup
e2e_done
