#!/usr/bin/env bash
# 61-watchdog-systemd - up for a year: a machine with systemd and an engine of its own, the service on it, and all that ends, hangs, fills up and disappears.
#
# Every trouble ends healthy, or in a state that has a name and says what to do, with a record of it, and never with two containers.
# lane: systemd
here=$(cd "$(dirname "$0")" && pwd)
. "$here/image.sh"
export DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock}
e2e_image || exit 1
export E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
e2e_init watchdog-systemd
machine=$here/rig/systemd
eval "$(OCC=$occ_binary "$machine" up)" || exit 1
for image in "$e2e_base" "$e2e_ref"; do "$machine" load "$image" 2>/dev/null; done
url=http://127.0.0.1:3261
for part in lib ends decisions trouble work; do
	# shellcheck disable=SC1090
	. "$here/watchdog/$part.sh"
done

set_up
after_a_reboot
by_force
hangs_and_slowness
stuck_watchdog
by_the_engine
by_either
no_memory
no_mount
no_image
full_disk
planned_restart

wd_clean
"$machine" program
e2e_done
