#!/usr/bin/env bash
# 10-image - the base and the image that the scripts after this one share, made by the program's own way from nothing to an image.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
e2e_init make-image
e2e_image
row $? "base and image"
is "the engine has it" "$(engine "/images/$e2e_ref/json" -o /dev/null -w '%{http_code}')" 200
e2e_image
row $? "made again it is there already"
e2e_done
