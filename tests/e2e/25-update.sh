#!/usr/bin/env bash
# 25-update - real versions of opencode forth and back, with everything of the user's; versions that are no good are taken back; killed anywhere, one container serves.
# lane: update
# An instance of its own: what is not kept any more is removed, and e2e's image is everybody's.
. "$(dirname "$0")/on_machine.sh" update update
eval "$("$rig/registry" up)" || exit 1
name=opencode-cloud-update
new=${e2e_ref##*:}
old=1.18.32
state=$HOME/.local/state/opencode-cloud/instances/update
. "$here/update/lib.sh"

clean
docker tag "$e2e_ref" "$name:$new"
configured
. "$here/update/versions.sh"
. "$here/update/killed.sh"
. "$here/update/bad.sh"

killed_at "update [0-9]+: switching" update --yes --now
runs "reset all, with an update that was cut" occ reset all --yes --no-backup --now
is "no container is left" "$(containers_of)" 0
is "takes what updates have kept, too" "$(kept)$(engine /images/json | jq -r --arg p "$name:" '[.[].RepoTags[]?|select(startswith($p + "before"))]|length')" 00
clean
e2e_done
