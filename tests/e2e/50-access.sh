#!/usr/bin/env bash
# 50-access - a started service, and every script of access/ on it: logs, shell, exec, attach, auth, open, ports, mounts, list.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
e2e_init access
e2e_cleanup
runs "base" occ config set image.base "$e2e_base"
runs "start" occ start
. "$here/scenario/access.sh"
occ stop --remove --now >/dev/null 2>&1
e2e_cleanup
e2e_done
