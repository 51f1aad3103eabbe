#!/usr/bin/env bash
# install - a fresh machine (Debian 12 with systemd, no engine) from the install line to the login page: with an image that is pulled, and with one that is built. The image and
# its base come from a registry on that machine, packages from the mirror that this machine uses. What `occ setup` did in which second is in the log that is named at the end.
# shellcheck disable=SC2016,SC2154 # what the shells inside expand; what is sourced
. "$(dirname "$0")/../e2e/own_machine.sh" bench
cd "$top" || exit 1
failed=0
log=${T_OUT:-$work}/install.log
: >"$log"

program 0.2.0 || exit 1
stand_in_release "$work/release" 0.2.0 "$made/occ-0.2.0"
RELEASE_KEYS='' scripts/installer "$work/release" 0.2.0
mkdir -p "$work/site/download" && mv "$work/release" "$work/site/download/v0.2.0" && ln -s download/v0.2.0/install.sh "$work/site/install.sh"
serve "$work/site" "$(host_seen_by inside)"
eval "$("$rig/registry" up)" || exit 1
"$rig/registry" load "$e2e_base" >/dev/null 2>&1 && "$rig/registry" load "$e2e_ref" >/dev/null 2>&1 || exit 1

# fresh - a machine that has never had an engine, with the registry on it
fresh() {
	"$machine" down --purge >/dev/null 2>&1
	"$machine" up >/dev/null 2>&1 || exit 1
	inside sh -c 'apt-get -qq purge -y docker.io containerd runc && apt-get -qq autoremove --purge -y; systemctl stop docker.socket
		rm -rf /var/lib/docker/* /var/lib/containerd /opt/occ /var/lib/apt/lists/* /var/cache/apt/*.bin' >/dev/null 2>&1
	docker cp -q "$(command -v docker-registry)" "$RIG_SYSTEMD_NAME:/usr/local/sbin/docker-registry"
	docker cp -q "$rig_base/registry/data" "$RIG_SYSTEMD_NAME:/srv/data"
	printf 'version: 0.1\nlog: { level: warn }\nstorage: { filesystem: { rootdirectory: /srv/data } }\nhttp: { addr: "127.0.0.1:5000" }\n' | inside sh -c 'cat >/srv/registry.yml'
	inside systemd-run -q docker-registry serve /srv/registry.yml
	until_true 30 inside curl -q -fsS -o /dev/null http://127.0.0.1:5000/v2/ 2>/dev/null || exit 1
	! inside sh -c 'command -v dockerd docker'
}
shows_login() { inside curl -q -s --noproxy '*' -H 'Accept: text/html' http://127.0.0.1:8080/ | grep -q 'type="password"'; }
# typed ANSWERS - what a person types, before the page is opened
typed() {
	printf '{ "reach": "load-balancer", "public_url": "https://code.example.org", "trusted_proxies": ["127.0.0.0/8"], %s }' "$1" | inside sh -c 'cat >/root/answers.json'
	inside sh -c 'set -e
		curl -q -fsS --noproxy "*" "$1/install.sh" | OCC_BASE_URL=$1 sh
		export PATH=/usr/local/bin:$HOME/.local/bin:$PATH
		occ setup --system --answers /root/answers.json --install-engine' sh "$site_url" 2>&1 |
		while IFS= read -r line; do printf '%6d  %s\n' $((SECONDS - began)) "$line"; done >>"$log"
	return "${PIPESTATUS[0]}"
}
# measure WHAT BAR ANSWERS
measure() {
	local began took verdict=PASS rc
	fresh || { echo "the machine is not fresh"; exit 1; }
	began=$SECONDS
	typed "$3" && until_true 60 shows_login
	rc=$?
	took=$((SECONDS - began))
	{ [ $rc = 0 ] && [ "$took" -le "$2" ]; } || { verdict=FAIL failed=1; tail -n 20 "$log"; }
	printf '%-52s %6d s   %s bar %s\n' "$1" "$took" "$verdict" "$2"
}

measure "fresh machine to the login page, image pulled" 120 "\"image\": \"pull\", \"image_ref\": \"127.0.0.1:5000/$e2e_ref\""
measure "fresh machine to the login page, image built" 300 "\"image\": \"build\", \"image_base\": \"127.0.0.1:5000/$e2e_base\""
echo "what was seen, with seconds: $log"
exit $failed
