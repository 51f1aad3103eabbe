#!/usr/bin/env bash
# 33-deb - the .deb that scripts/deb makes, installed, upgraded and removed by the real apt on a machine with a real systemd: what is put where, its unit, and that an opencode that
# runs does not notice any of it.
# lane: systemd
# shellcheck disable=SC2016 # what a shell inside expands
. "$(dirname "$0")/on_machine.sh" deb
machine=$here/rig/systemd
eval "$(OCC=$occ_binary "$machine" up)" || exit 1
inside() { "$machine" exec "$@"; }
# shellcheck source=tests/release.bash
. "$here/../release.bash"
cd "$top" || exit 1

unit=/usr/lib/systemd/system/opencode-cloud.service
own_unit=/etc/systemd/system/opencode-cloud.service
architecture=$(inside dpkg --print-architecture)
tree() { inside find /usr /etc -xdev ! -path '/usr/share/doc/opencode-cloud*' \( -type d -printf '%m %U %y %p\n' -o -printf '%m %U %y %p %s %l\n' \) | grep -v 'mtab\|ld.so.cache\|resolv.conf' | sort; }
forget() {
	inside apt-get -qq -y purge opencode-cloud
	inside docker rm -f opencode-cloud opencode-cloud.next
	inside docker volume rm -f opencode-cloud-home opencode-cloud-workspace
	inside docker network rm opencode-cloud
	inside rm -rf "$own_unit" /etc/opencode-cloud /var/lib/opencode-cloud
	inside systemctl daemon-reload
}
forget >/dev/null 2>&1
before=$(tree)

# ---- packing ----
for version in 0.1.5 0.2.0; do
	program $version
	row $? "$version is built"
	stand_in_release "$work/release-$version" $version "$made/occ-$version"
	runs "$version is packed" scripts/deb "$work/release-$version" "$work/debs-$version"
done
touch "$work/release-0.2.0"/*
runs "again, by another umask and clock" sh -c "umask 077 && TZ=Asia/Tokyo scripts/deb '$work/release-0.2.0' '$work/again'"
is "the same bytes" "$(cd "$work/again" && sha256sum -- *)" "$(cd "$work/debs-0.2.0" && sha256sum -- *)"
is "one for each processor" "$(cd "$work/again" && echo *)" "opencode-cloud_0.2.0_amd64.deb opencode-cloud_0.2.0_arm64.deb"
is "everything in it is root's" "$(dpkg-deb -c "$work/again/opencode-cloud_0.2.0_$architecture.deb" | awk '{ print $2 }' | sort -u)" root/root
is "an engine is recommended, nothing is needed" "$(dpkg-deb -f "$work/again/opencode-cloud_0.2.0_$architecture.deb" Depends Recommends)" "Recommends: docker.io | docker-ce | podman"
for version in 0.1.5 0.2.0; do
	inside sh -c "cat >/tmp/$version.deb" <"$work/debs-$version/opencode-cloud_${version}_$architecture.deb"
done

# ---- a first install ----
apt() { inside env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends "$@"; }
lives() { inside docker inspect -f '{{.State.Status}} {{.State.Pid}}' opencode-cloud; }
service() { inside systemctl "$@" opencode-cloud.service; }
status() { inside occ --system service status --json | jq -r "$1"; }
supervises() { [ "$(status '.active and (.status | test("^up"))')" = true ]; }
runs "apt installs it" apt install /tmp/0.1.5.deb
is "the commands" "$(inside sh -c 'for c in occ opencode-cloud occ-setup occ-watchdog occ-tls; do command -v $c; done')" "/usr/bin/occ
/usr/bin/opencode-cloud
/usr/bin/occ-setup
/usr/bin/occ-watchdog
/usr/bin/occ-tls"
is "of that version" "$(inside occ --version | cut -d' ' -f2)" 0.1.5
# A machine that is a container is told to leave manuals out (dpkg.cfg.d): they are looked at where they were packed.
is "all is as it was packed" "$(inside dpkg -V opencode-cloud | grep -v '/usr/share/man/')" ""
dpkg-deb -x "$work/debs-0.1.5/opencode-cloud_0.1.5_$architecture.deb" "$work/unpacked"
for name in occ opencode-cloud occ-setup occ-watchdog occ-tls; do
	like "the manual by the name $name" "$(zcat "$work/unpacked/usr/share/man/man1/$name.1.gz")" '^\.TH "OCC" "1"'
done
like "bash completes" "$(inside bash -c '. /usr/share/bash-completion/completions/occ && complete -p occ')" '^complete .* occ$'
runs "systemd takes its unit" inside systemd-analyze verify $unit
is "without a word" "$out" ""
is "it is not started, and not enabled" "$(service is-active) $(service is-enabled)" "inactive disabled"
inside occ --system service install --dry-run >"$work/dry"
is "it is what service install would write" "$(inside cat $unit)" "$(awk '/^\[Unit\]/ { on = 1 } /^[0-9]+\. / { exit } on' "$work/dry" | sed '1i # Made by opencode-cloud for the instance default: `occ service install` writes it again, so changes belong in a drop-in (`systemctl edit`)')"
is "status knows it" "$(status '[.path, .installed, .enabled, .active, .outdated] | join(" ")')" "$unit true false false false"
exits "update --self leaves it to dpkg" 14 inside env OCC_UPDATE_RELEASES=http://127.0.0.1:9/ occ update --self --yes
like "and says how" "$out" "apt-get install --only-upgrade opencode-cloud"

# ---- with an opencode ----
"$machine" load "$e2e_base" && "$machine" load "$e2e_ref" || exit 1
inside occ --system config set image.base "$e2e_base" >/dev/null
runs "start" inside occ --system start
runs "enabled and started, as any service of Debian" service enable --now
until_true 30 supervises
is "it supervises" "$(status '[.path, .enabled, .active, .outdated] | join(" ")')" "$unit true true false"
is "an upgrade: nothing to do for service install but its own" "$(inside occ --system service install --dry-run | sed -n 's/^[0-9]*\. //p' | cut -d: -f1)" "Unit
Manager
Service"
old=$(lives)
runs "apt upgrades it" apt install /tmp/0.2.0.deb
until_true 30 supervises
is "opencode did not notice" "$(lives)" "$old"
is "what supervises is the new one" "$(inside sh -c 'readlink /proc/$(systemctl show --value -p MainPID opencode-cloud.service)/exe') $(inside occ --version | cut -d' ' -f2) $(status .outdated)" "/usr/bin/opencode-cloud 0.2.0 false"
runs "systemctl stop" service stop
is "is occ stop" "$(lives | cut -d' ' -f1)" exited
runs "systemctl start" service start
until_true 60 inside occ --system status -q
runs "is occ start" inside occ --system status
runs "service install: a unit of its own goes before the package's" inside occ --system service install --now
until_true 30 supervises
is "which status tells" "$(status '[.path, .enabled, .active, .outdated] | join(" ")')" "$own_unit true true false"
old=$(lives)
runs "service uninstall" inside occ --system service uninstall
is "leaves opencode alone" "$(lives)" "$old"
is "and the package's unit, which is not used" "$(status '[.path, .installed, .enabled, .active] | join(" ")')" "$unit true false false"
runs "the package's again" service enable --now
until_true 30 supervises
runs "what was made by nobody but the package is only turned off by uninstall" inside occ --system service uninstall
like "and that is said" "$out" "ended, and opencode with it: the unit is a package's, and stays"
is "so it is" "$(lives | cut -d' ' -f1) $(service is-enabled)" "exited disabled"

# ---- away ----
runs "a service again" inside occ --system service install --now
until_true 60 inside occ --system status -q
old=$(lives)
runs "apt removes it" apt remove opencode-cloud
is "opencode goes on" "$(lives)" "$old"
is "the service is gone" "$(service is-active; inside ls $own_unit 2>&1)" "inactive
ls: cannot access '$own_unit': No such file or directory"
runs "and a purge" apt purge opencode-cloud
is "the settings are the user's" "$(inside ls /etc/opencode-cloud)" "config.json
credentials.json"
forget >/dev/null 2>&1
is "nothing is left behind" "$(diff <(printf '%s\n' "$before") <(tree))" ""
e2e_done
