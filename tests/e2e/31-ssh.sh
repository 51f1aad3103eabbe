#!/usr/bin/env bash
# 31-ssh - the same life through ssh:// to a real sshd, whose far side is the nested Engine 28.5; then shell, exec, attach, logs and
# port-forward through it.
# lane: nested
here=$(cd "$(dirname "$0")" && pwd)
. "$here/image.sh"
eval "$("$here/rig/docker28" up)" || exit 1
"$here/rig/docker28" load "$e2e_ref" || exit 1
E2E_SOCKET=${DOCKER_HOST#unix://}
eval "$("$here/rig/sshd" up "$E2E_SOCKET")" || exit 1
export DOCKER_HOST RIG_EXEC E2E_SOCKET PATH=$RIG_PATH:$PATH E2E_CONFIG="image.base $e2e_base"
export E2E_MORE=$here/scenario/access.sh E2E_ACCESS="exec logs ports terminal"
exec "$here/scenario/service" ssh
