# on_machine.sh NAME [INSTANCE] - sourced: a script on the machine's own engine, with the image that all share and what lib.sh has.
# shellcheck shell=bash
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
e2e_said=$(e2e_image 2>&1) || { printf '%s\n' "$e2e_said"; exit 1; }
. "$here/lib.sh"
e2e_init "$@"
