# own_machine.sh NAME - sourced: a machine with a real systemd and an engine of its own that this script has to itself, what on_machine.sh has, and releases.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/on_machine.sh" "$1"
export RIG_SYSTEMD_NAME=occ-rig-$1
machine=$here/rig/systemd
trap '"$machine" down --purge >/dev/null 2>&1; kill ${server:-} 2>/dev/null' EXIT
"$machine" down --purge >/dev/null 2>&1
eval "$(OCC=$occ_binary "$machine" up)" || exit 1
# inside COMMAND... - there, as root
inside() { "$machine" exec "$@"; }
# shellcheck source=tests/release.bash
. "$here/../release.bash"

# own_image - its engine has the base, and the image under the name that the default instance looks for
own_image() {
	"$machine" load "$e2e_base" && "$machine" load "$e2e_ref" && inside docker tag "$e2e_ref" "opencode-cloud:${e2e_ref##*:}"
} >/dev/null 2>&1
