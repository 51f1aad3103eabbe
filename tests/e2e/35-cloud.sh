#!/usr/bin/env bash
# 35-cloud - the cloud-init.yaml of a release as the user data of a clean machine with a real systemd and the real cloud-init; and what its templates for a cloud are.
# lane: cloud
# shellcheck disable=SC2016 # what a shell inside expands
. "$(dirname "$0")/own_machine.sh" cloud
cd "$top" || exit 1

# ---- a release, where the machine finds it ----
program 0.2.0
row $? "0.2.0 is built"
stand_in_release "$work/release" 0.2.0 "$made/occ-0.2.0"
mkdir -p "$work/site/download"
serve "$work/site" "$(host_seen_by inside)"
RELEASE_URL=$site_url scripts/cloud "$work/release" 0.2.0
cp -r "$work/release" "$work/site/download/v0.2.0"

inside rm -rf /opt/occ
inside env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install cloud-init >"$work/apt.log" 2>&1
row $? "cloud-init is there" "$(tail -n 5 "$work/apt.log")"
inside sh -c 'echo "datasource_list: [NoCloud, None]" >/etc/cloud/cloud.cfg.d/90-test.cfg'
# boot USER-DATA - as at a first boot
boot() {
	inside sh -c 'rm -rf /var/lib/cloud /run/cloud-init /var/log/cloud-init*.log; mkdir -p /var/lib/cloud/seed/nocloud; cat >/var/lib/cloud/seed/nocloud/user-data; echo "instance-id: i-$(date +%N)" >/var/lib/cloud/seed/nocloud/meta-data' <"$1"
	inside sh -c 'exec </dev/null; cloud-init init --local; cloud-init init; cloud-init modules --mode=config; cloud-init modules --mode=final' >"$work/boot.log" 2>&1
	# shellcheck disable=SC2034 # out: told when a row fails
	out=$(inside cat /var/log/cloud-init-output.log 2>/dev/null)
	tail -n 30 "$work/boot.log"
}
# of_test - what a person who has such a machine would change as well: the image's base
of_test() { sed "s|^\( *\)\"edge\": true,|&\n\1\"image_base\": \"$e2e_base\", \"opencode\": \"${e2e_ref##*:}\",|" "$1"; }
inside sh -c 'cat >/tmp/user-data' <"$work/release/cloud-init.yaml"
runs "cloud-init knows every word of it" inside cloud-init schema --config-file /tmp/user-data

# ---- a program that is another one ----
of_test "$work/release/cloud-init.yaml" | sed 's/sum=[0-9a-f]\{8\}/sum=00000000/g' >"$work/wrong"
boot "$work/wrong" >"$work/seen" 2>&1
like "another program than it says is not installed" "$(cat "$work/seen")" "is not what it should be: wrong SHA-256"
is "nothing is there" "$(inside sh -c 'ls -A /usr/local/bin')" ""

# ---- as it should be ----
own_image
row $? "its engine has base and image"
of_test "$work/release/cloud-init.yaml" >"$work/user-data"
boot "$work/user-data" >"$work/seen" 2>&1
# What a container has not (disks, ssh, a cloud's own mirror) other modules of cloud-init complain of.
unlike "cloud-init is content with what is ours" "$(inside cat /run/cloud-init/result.json)" "scripts.user|runcmd|write.files" || cat "$work/seen"
is "the program" "$(inside sh -c 'cd / && occ --version | cut -d" " -f2; ls -A /usr/local/bin | tr "\n" " "')" "0.2.0
occ occ-setup occ-tls occ-watchdog opencode-cloud "
address() { inside sh -c "ip -4 route get 192.0.2.1 | sed -n 's/.* src \([0-9.]*\).*/\1/p'"; }
from_outside() { curl -q -sS --noproxy '*' -m 20 -o /dev/null -w '%{http_code}' "${@:2}" "http://$(address):8080$1"; }
password=$(inside occ --system password show)
serves() { [ "$(from_outside /healthz)" = 200 ]; }
until_true 30 serves
is "healthy on the machine's own address, without a password" "$(from_outside /healthz)" 200
is "opencode with it, and not without" "$(from_outside /global/health -u "opencode:$password") $(from_outside /global/health)" "200 401"
is "a service of the machine" "$(inside systemctl is-active opencode-cloud.service) $(inside systemctl is-enabled opencode-cloud.service)" "active enabled"
unlike "the password is in no log" "$(inside sh -c 'cat /var/log/cloud-init*.log; journalctl --no-pager') $(cat "$work/seen")" "$password"
inside ip addr add 203.0.113.9/32 dev lo
is "who comes to a public address of the machine is not answered" "$(inside curl -q -s --noproxy '*' -m 20 -o /dev/null -w '%{http_code}' http://203.0.113.9:8080/healthz)" 000
# The unit's socket listens on every address, whatever the configuration has become since.
runs "listen on this machine only" inside occ --system config set edge.bind 127.0.0.1
answers_nobody() { ! serves; }
until_true 20 answers_nobody
is "then nobody else is answered" "$(from_outside /healthz 2>/dev/null) $(inside curl -q -s --noproxy '*' -m 20 -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/healthz)" "000 200"
runs "on private ones again" inside occ --system config set edge.bind private
until_true 20 serves
row $? "they are"
before=$(inside docker inspect -f '{{.Id}} {{.State.StartedAt}}' opencode-cloud)
runs "again" inside env -i /var/lib/opencode-cloud/first-boot
is "leaves what runs alone" "$(inside docker inspect -f '{{.Id}} {{.State.StartedAt}}' opencode-cloud) $(inside occ --system password show)" "$before $password"
# A neighbour takes its address meanwhile.
"$machine" reboot docker run -d --name "$RIG_SYSTEMD_NAME-neighbour" --entrypoint "" "$e2e_base" sleep 600 >/dev/null
until_true 60 serves
docker rm -f "$RIG_SYSTEMD_NAME-neighbour" >/dev/null
is "after a reboot it serves" "$(from_outside /global/health -u "opencode:$password")" 200
e2e_done
