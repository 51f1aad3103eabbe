#!/usr/bin/env bash
# 20-docker20 - the service's whole life on Engine 20.10 (API 1.41), after the image was built there by `occ start --rebuild`'s own way.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
e2e_image || exit 1
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://} E2E_CONFIG="image.base $e2e_base"
export e2e_base_image=$e2e_base E2E_MORE=$here/scenario/local.sh
exec "$here/scenario/service" docker20
