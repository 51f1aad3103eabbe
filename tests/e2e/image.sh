# image.sh - the base and the image that all end-to-end scripts share, made once on the main engine by the program itself.
# shellcheck shell=bash

e2e_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034 # for those who source this
e2e_base=opencode-cloud-base:bookworm

# Builds with a home of its own, so that what is proved is the program's own way from nothing to an image.
e2e_image() {
	local home=${OCC_RIG:-/var/tmp/occ-rig}/home-image occ=${OCC:-$e2e_top/build/opencode-cloud}
	"$e2e_top/scripts/base-image" >/dev/null || return 1
	mkdir -p "$home"
	(
		export HOME=$home OCC_IMAGE_BASE=$e2e_base OCC_SERVER_PORT=3999
		unset XDG_CONFIG_HOME XDG_STATE_HOME
		"$occ" start --wait-idle 1s >&2 && "$occ" stop --remove --now >&2
	) || return 1
	for v in opencode-cloud-home opencode-cloud-workspace; do docker volume rm "$v" >/dev/null; done
	docker network rm opencode-cloud >/dev/null
	rm -rf --one-file-system "$home"
}
