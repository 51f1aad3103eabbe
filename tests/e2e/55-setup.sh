#!/usr/bin/env bash
# 55-setup - a person at a terminal sets a service up: every answer is seen again in the container, its volumes, or the files; leaving changes nothing.
# lane: setup
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
e2e_image || exit 1
. "$here/lib.sh"
e2e_init setup
. "$here/setup/lib.sh"
setup_clean
# Booting and loading take a while that the questions do not need.
machine_up >"$work/machine.log" 2>&1 &
machine_job=$!

. "$here/setup/leave.sh"
. "$here/setup/answers.sh"
. "$here/setup/again.sh"
. "$here/setup/without.sh"
. "$here/scenario/load.sh"
. "$here/setup/boot.sh"

occ stop --remove --now >/dev/null 2>&1
setup_clean
# Its name only: the builder's layers are everybody's.
engine "/images/$container:${e2e_ref##*:}?noprune=1" -X DELETE -o /dev/null
e2e_done
