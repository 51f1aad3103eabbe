#!/usr/bin/env bash
# 30-docker28 - the same life on Engine 28.5 (API 1.51), nested: its published ports are not ours, so it counts as remote.
# lane: nested
here=$(cd "$(dirname "$0")" && pwd)
. "$here/image.sh"
eval "$("$here/rig/docker28" up)" || exit 1
"$here/rig/docker28" load "$e2e_ref" || exit 1
export DOCKER_HOST RIG_EXEC E2E_SOCKET=${DOCKER_HOST#unix://} OCC_ENGINE_LOCATION=remote E2E_CONFIG="image.base $e2e_base"
[ -z "${OCC_LONG:-}" ] || export E2E_MORE=$here/scenario/kills.sh
exec "$here/scenario/service" docker28
