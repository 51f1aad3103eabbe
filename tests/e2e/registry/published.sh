# published.sh - sourced by 24-registry.sh: image.source auto, the image that a release was published with: by digest, and a build where it cannot be had.
# shellcheck shell=bash disable=SC2154 # here, rig, work, out, e2e_base: from those who source this
# shellcheck source=tests/release.bash
. "$here/../release.bash"

name=opencode-published:1 own=opencode-cloud-published
# The settings of the image that all share, so that its layers are taken; the certificates by name, for an image that is published has none of the machine's own
settings=(OCC_IMAGE_BASE="$e2e_base" OCC_IMAGE_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt)
# published PROGRAM WORD... - that program with an instance of its own
published() { env "${settings[@]}" OCC_IMAGE_SOURCE=auto OCC_SERVER_PORT=4021 "$made/occ-$1" --instance published "${@:2}"; }
# The image goes, so that the next start has to get one; what a build has left in the cache stays.
away() {
	published "$1" stop --remove --now
	docker_quiet rmi -f "$name" "$RIG_REGISTRY/$name" "$(published "$1" config get image.opencode | sed "s/^/$own:/")"
}
digest_of() { docker image inspect -f '{{json .RepoDigests}}' "$RIG_REGISTRY/$1" | jq -r '.[0] | sub(".*@"; "")'; }
# push IMAGE - to the registry; prints the digest
push() { docker_quiet tag "$1" "$RIG_REGISTRY/$name" && docker_quiet push "$RIG_REGISTRY/$name" && digest_of "$name"; }

inputs=$(env "${settings[@]}" scripts/image $name "$occ_binary" 2>"$work/image.log")
row $? "the image is built for publishing" "$(tail -n 20 "$work/image.log")"
is "by its label made of the program's own settings" "$(docker image inspect -f '{{index .Config.Labels "io.opencode-cloud.inputs"}}' $name)" "$inputs"
good=$(push $name)
wrong=$(variant e2e-published-wrong:1 "USER root" >/dev/null && push e2e-published-wrong:1)
alien=$(printf 'FROM %s\nLABEL io.opencode-cloud.inputs=other\n' "$name" | DOCKER_BUILDKIT=0 docker_quiet build -t e2e-published-other:1 - && push e2e-published-other:1)
spoilt=$(printf 'FROM %s\nLABEL spoilt=1\n' "$name" | DOCKER_BUILDKIT=0 docker_quiet build -t e2e-published-spoilt:1 - && push e2e-published-spoilt:1)
like "digests" "$good $wrong $alien $spoilt" '^(sha256:[0-9a-f]{64} ?){4}$'
# One byte of the manifest, where the registry keeps it
manifest=$(find "$rig_base" -path "*/blobs/sha256/${spoilt:7:2}/${spoilt#sha256:}/data")
sed -i 's/"size"/"sIze"/' "$manifest"
for which in good wrong alien spoilt; do
	program_of_image $which "$RIG_REGISTRY/${name%:*}@${!which}" "$inputs"
done
program_of_image missing "$RIG_REGISTRY/${name%:*}@sha256:$(printf '0%.0s' $(seq 64))" "$inputs"
program_of_image elsewhere "127.0.0.1:9/${name%:*}@$good" "$inputs"
program_of_image older "$RIG_REGISTRY/${name%:*}@$good" "$(printf '1%.0s' $(seq 64))"
not_here "$RIG_REGISTRY/$name" e2e-published-{wrong,other,spoilt}:1

away good >/dev/null 2>&1
runs "auto: start" published good start
like "auto: pulls what the release names, and says it" "$out" "Image +$own:1\.[0-9.]+ pulled in .*: $RIG_REGISTRY/opencode-published@$good"
unlike "auto: nothing is built" "$out" "built"
like "auto: it answers" "$out" "Ready +opencode 1\."
runs "auto: again" published good start
like "auto: nothing to do" "$out" "Nothing to do"
if [ -n "${OCC_LONG:-}" ]; then
	runs "auto: start --rebuild" published good start --rebuild --now
	like "auto: is a build" "$out" "built in"
fi
# falls_back PROGRAM REGEX WHAT
falls_back() {
	away "$1" >/dev/null 2>&1
	runs "auto: $3: start all the same" published "$1" start
	like "auto: $3: is said" "$out" "Image +built here, for the published one cannot be had: .*($2)"
	like "auto: $3: built" "$out" "$own:1\.[0-9.]+ built in"
	like "auto: $3: it answers" "$out" "Ready +opencode 1\."
}
falls_back missing "no such image|not found|manifest unknown" "a missing image"
falls_back elsewhere "cannot be reached" "a registry that is not there"
falls_back wrong "lacks the user 1000:1000" "an image that breaks the contract"
falls_back alien "was built from something else" "an image made of something else"
falls_back spoilt "digest|verif" "a tampered image"
away older >/dev/null 2>&1
runs "auto: settings that the release has no image for" published older start
unlike "auto: are built without a word about it" "$out" "built here|pulled in"
away good >/dev/null 2>&1
kept_of $own
docker_quiet volume rm $own-home $own-workspace
docker_quiet network rm $own
not_here $name "$RIG_REGISTRY/$name"
