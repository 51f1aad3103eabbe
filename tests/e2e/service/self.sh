# self.sh - sourced by 60-service.sh: `occ update --self` where the watchdog runs as a service: it goes on with the new program, and opencode goes on, too.
# shellcheck shell=bash disable=SC2154 # here, work, copy, out, before, machine: from those who source this
# shellcheck source=tests/release.bash
. "$here/../release.bash"

mkdir -p "$work/site"
program 0.1.5 && program 0.2.0
row $? "two releases are built"
publish "$work/site/latest/download" 0.2.0 "$made/occ-0.2.0"
serve "$work/site" "$(host_seen_by inside)"
older() { inside env OCC_UPDATE_RELEASES="$site_url" /opt/older/opencode-cloud --system --instance e2e "$@"; }
version_of() { inside "$1" --version | cut -d' ' -f2; }
inside mkdir -p /opt/older
inside sh -c 'cat >/opt/older/opencode-cloud && chmod 755 /opt/older/opencode-cloud' <"$made/occ-0.1.5"
runs "the service runs an older release" older service install
until_true 30 supervises
is "that one" "$(version_of "$copy")" 0.1.5
runs "update --self" older update --self --yes
like "tells that the service goes on with it" "$out" "e2e goes on with it; opencode was not touched"
is "the program is the new one" "$(version_of /opt/older/opencode-cloud)" 0.2.0
is "and so is the service's" "$(version_of "$copy")" 0.2.0
until_true 30 supervises
runs "which supervises" supervises
is "from its own file, not the old one's" "$(inside stat -Lc %i "/proc/$(watchdog_pid)/exe")" "$(inside stat -c %i "$copy")"
is "opencode is what it was" "$(lives)" "$before"
kill "$server"
inside rm -rf /opt/older
