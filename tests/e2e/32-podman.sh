#!/usr/bin/env bash
# 32-podman - the same life on Podman's Docker-compatible service.
# lane: nested
here=$(cd "$(dirname "$0")" && pwd)
. "$here/image.sh"
eval "$("$here/rig/podman" up)" || exit 1
"$here/rig/podman" load "$e2e_ref" || exit 1
export DOCKER_HOST E2E_POLICY=unless-stopped E2E_SOCKET=${DOCKER_HOST#unix://} E2E_CONFIG="image.base $e2e_base"
export E2E_MORE=$here/scenario/podman.sh E2E_KILLS='first start|next (stop|start|wait|the)'
exec "$here/scenario/service" podman
