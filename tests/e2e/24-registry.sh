#!/usr/bin/env bash
# 24-registry - image.source pull: our image from a real registry, with and without a login; what is missing, refused, or not ours.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
e2e_image >/dev/null 2>&1 || exit 1
eval "$("$rig/registry" up)" || exit 1
e2e_init registry
e2e_cleanup

docker_quiet() { docker "$@" >/dev/null 2>&1; }
# variant NAME INSTRUCTION - our image with one thing that breaks the contract
variant() { printf 'FROM %s\n%s\n' "$e2e_ref" "$2" | DOCKER_BUILDKIT=0 docker_quiet build -t "$1" -; }
# offer IMAGE - pushes it, and leaves the engine without it
offer() { "$rig/registry" load "$1" >/dev/null 2>&1; }
not_here() { for image; do docker_quiet rmi -f "$image"; done; }

open=$RIG_REGISTRY/$e2e_ref closed=$RIG_REGISTRY_AUTH/$e2e_ref
root=e2e-contract-root:1 other=e2e-contract-other:1 newer=e2e-contract-newer:1
variant $root "USER root" && variant $newer "LABEL io.opencode-cloud.opencode-version=2.0.0" && docker_quiet tag "$e2e_base" $other
row $? "images that are not ours to run"
offer "$e2e_ref" && offer $root && offer $newer && offer $other
row $? "the registry has them all"
not_here "$open" "$closed"

exits "pull needs to know what" 3 env OCC_IMAGE_SOURCE=pull "$occ_binary" --instance e2e start
like "and says which key" "$out" image.ref
occ config set image.ref "$open" >/dev/null
runs "pull from now on" occ config set image.source pull

# ---- an open registry ----
runs "dry run" occ start --dry-run
like "is a pull" "$out" "pull image: $open"
runs "start" occ start
like "answers" "$out" "Ready +opencode 1\."
is "the container is of that image" "$(inspect opencode-cloud-e2e .Config.Image)" "$open"
runs "second start" occ start
like "has nothing to do" "$out" "Nothing to do: running since"
before=$(inspect opencode-cloud-e2e .Id)
runs "start --pull of the same" occ start --pull
is "leaves the container" "$(inspect opencode-cloud-e2e .Id)" "$before"

# ---- what cannot be had, or run: the service that runs stays ----
# refused REF REGEX WHAT
refused() {
	occ config set image.ref "$1" >/dev/null
	exits "$3" 9 occ start --now
	like "$3: said" "$out" "$2"
	is "$3: what ran runs on" "$(inspect opencode-cloud-e2e '.Id + .State.Status')" "${before}running"
}
refused "$RIG_REGISTRY/opencode-absent:1" "there is no such image" "a name that is not there"
refused "$RIG_REGISTRY/${e2e_ref%:*}:absent" "there is no such image or tag" "a tag that is not there"
refused "127.0.0.1:9/opencode:1" "cannot be reached" "a registry that is not there"
refused "$RIG_REGISTRY/$other" "does not meet the image contract: it lacks the label" "an image of somebody else's"
refused "$RIG_REGISTRY/$root" "does not meet the image contract: it lacks the user 1000:1000" "an image that runs as root"
refused "$RIG_REGISTRY/$newer" "holds opencode 2.0.0; this program runs major version 1" "an image of another major version"

# ---- a login ----
refused "$closed" "did not accept the credentials, or wants some" "a registry with a login, without one"
like "and how to log in" "$out" "docker login $RIG_REGISTRY_AUTH"
# login USER PASSWORD - what `docker login` writes
login() {
	mkdir -p "$HOME/.docker"
	jq -n --arg r "$RIG_REGISTRY_AUTH" --arg a "$(printf '%s:%s' "$1" "$2" | base64 -w 0)" '{auths:{($r):{auth:$a}}}' >"$HOME/.docker/config.json"
}
login "$RIG_REGISTRY_USER" wrong
refused "$closed" "did not accept the credentials" "a wrong password"
login "$RIG_REGISTRY_USER" "$RIG_REGISTRY_PASSWORD"
runs "with the login of ~/.docker/config.json" occ -v start --now
is "the container is of that one" "$(inspect opencode-cloud-e2e .Config.Image)" "$closed"
unlike "its password is told to nobody" "$out$(occ config show --json)" "$RIG_REGISTRY_PASSWORD|$(printf '%s:%s' "$RIG_REGISTRY_USER" "$RIG_REGISTRY_PASSWORD" | base64 -w 0)"

# A credential helper, as desktops have: the password is in no file
cat >"$work/bin/docker-credential-e2e" <<END
#!/bin/sh
registry=\$(cat)
[ "\$1 \$registry" = "get $RIG_REGISTRY_AUTH" ] || exit 1
printf '{"ServerURL":"%s","Username":"%s","Secret":"%s"}\n' "\$registry" "$RIG_REGISTRY_USER" "$RIG_REGISTRY_PASSWORD"
END
chmod +x "$work/bin/docker-credential-e2e"
printf '{"credHelpers":{"%s":"e2e"}}\n' "$RIG_REGISTRY_AUTH" >"$HOME/.docker/config.json"
runs "stop" occ stop --remove --now
not_here "$closed"
runs "with a credential helper" occ start
is "pulled again" "$(inspect opencode-cloud-e2e .Config.Image)" "$closed"
runs "and the way back to a build of one's own" occ config set image.source build
occ config set image.base "$e2e_base" >/dev/null
runs "start" occ start --now
is "is built here" "$(inspect opencode-cloud-e2e .Config.Image)" "$e2e_ref"

. "$here/registry/published.sh"
occ stop --remove --now >/dev/null 2>&1
e2e_cleanup
not_here "$open" "$closed" $root $other $newer "$RIG_REGISTRY/"{$root,$other,$newer}
e2e_done
