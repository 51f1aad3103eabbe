# podman.sh - sourced by scenario/service on Podman: what its own ways make worth a look.
# shellcheck shell=bash
. "$top/tests/e2e/scenario/forwarding.sh"
. "$top/tests/e2e/scenario/kills.sh"
