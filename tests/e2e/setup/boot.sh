# boot.sh - sourced by 55-setup.sh: on a machine with systemd and no engine, one command installs one, sets everything up, and a reboot brings it back.
# shellcheck shell=bash disable=SC2154

inside() { "$machine" exec "$@"; }
on_machine() { inside /opt/occ/opencode-cloud --system "$@"; }
is_healthy() { on_machine status -q; }
is_gone() { ! inside pgrep -x dockerd; }

from_nothing() {
	wait "$machine_job" || { row 1 "a machine with systemd" "$(tail -n 20 "$work/machine.log")"; return 1; }
	inside sh -c 'apt-get -qq remove -y docker.io && systemctl stop docker.socket' >/dev/null 2>&1
	until_true 30 is_gone
	row $? "the machine has no engine"
	printf '{ "image": "pull", "image_ref": "%s", "port": 3190, "git_name": "Boot" }' "$e2e_ref" | inside sh -c 'cat >/root/answers.json'
	exits "without leave nothing is installed" 4 on_machine setup --answers /root/answers.json
	like "the system's own commands are shown" "$out" "apt-get install -y docker.io"
	is "nothing was written" "$(inside find /etc/opencode-cloud /var/lib/opencode-cloud -type f 2>/dev/null)" ""
	runs "with --install-engine everything is done" on_machine setup --answers /root/answers.json --install-engine
	like "the engine's start is one of the commands" "$out" '^\+ systemctl enable --now docker'
	like "the summary names the unit" "$out" "service: .*opencode-cloud.service"
	like "it ends as start does" "$out" "URL +http://127.0.0.1:3190"
	is "the unit is enabled" "$(inside systemctl is-enabled opencode-cloud.service)" enabled
	until_true 60 is_healthy
	row $? "it is healthy" "$(on_machine status 2>&1)"
}

comes_back() {
	local secret
	secret=$(on_machine password show)
	runs "a second setup beside the watchdog" on_machine setup --defaults
	like "keeps the configuration" "$out" "stays as it is"
	like "and has nothing to do" "$out" "it is as it should be"
	like "which the start says, too" "$out" "Nothing to do: running since"
	inside sh -c 'cd /etc/systemd/system && cp -p opencode-cloud.service /root && sed -i "s/^\[Service\]/&\nUser=nobody/" opencode-cloud.service'
	runs "an instance that could not be a service beside another user's" on_machine --instance second setup --defaults --dry-run
	like "is told before the summary" "${out%%Summary*}" "opencode-cloud.service runs as nobody"
	unlike "and plans none" "${out##*Summary}" "opencode-cloud-second.service"
	inside mv /root/opencode-cloud.service /etc/systemd/system/
	"$machine" reboot
	until_true 120 is_healthy
	row $? "after a reboot it is healthy again" "$(on_machine status 2>&1)" "$(inside journalctl --no-pager -n 20 -u opencode-cloud.service)"
	is "with the same password" "$(on_machine password show)" "$secret"
	is "and the same data" "$(on_machine exec -- git config --global user.name)" Boot
	printf '{ "start_on_boot": false }' | inside sh -c 'cat >/root/answers.json'
	runs "not on boot any more" on_machine setup --answers /root/answers.json
	exits "takes the service away" 6 on_machine service status
	is "and tells the engine" "$(inside docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' opencode-cloud)" on-failure
}
from_nothing && comes_back
"$machine" down --purge >/dev/null 2>&1
unset RIG_SYSTEMD_NAME
