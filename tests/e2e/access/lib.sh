# lib.sh - rows for the scripts of this directory. They need a running service of the current HOME: $OCC is the program, $OCC_ARGS
# what to put before the command ("--instance work"). They leave the service as they found it.
# shellcheck shell=bash
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../lib.sh"
e2e_name=$(basename "$0" .sh)
export OCC=$occ_binary
# shellcheck disable=SC2086 # words
occ() { "$OCC" ${OCC_ARGS:-} "$@"; }
tmp=$(mktemp -d "${TMPDIR:-/tmp}/occ-access.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
isnt() { [ "$2" != "$3" ]; row $? "$1" "got: $2"; }
# Containers of ours that are nobody's service: what a trial left behind.
engine_left() {
	local socket=${E2E_SOCKET:-/var/run/docker.sock}
	curl -q -sS --noproxy '*' --unix-socket "$socket" -G http://engine/containers/json -d all=1 \
		--data-urlencode 'filters={"label":["managed-by=opencode-cloud"]}' |
		jq '[.[]|select(.Labels["io.opencode-cloud.instance"] == null)]|length'
}
