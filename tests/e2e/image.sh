# image.sh - the base and the image that all end-to-end scripts share, made once on the main engine by the program itself.
# shellcheck shell=bash

e2e_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034 # for those who source this
e2e_base=opencode-cloud-base:bookworm
# shellcheck disable=SC2034
e2e_ref=opencode-cloud-e2e:$(HOME=/nonexistent "${OCC:-$e2e_top/build/opencode-cloud}" config get image.opencode)

e2e_image() {
	"$e2e_top/scripts/base-image" >/dev/null && "$e2e_top/tests/e2e/scenario/image" >&2
}
