#!/usr/bin/env bash
# 20-docker20 - the service's whole life on Engine 20.10 (API 1.41), whose image the program builds first.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST
e2e_image || exit 1
export E2E_SOCKET=${DOCKER_HOST#unix://} E2E_CONFIG="image.base $e2e_base"
export e2e_base_image=$e2e_base E2E_MORE=$here/scenario/local.sh
exec "$here/scenario/service" docker20
