# lib.sh - for the parts of 61-watchdog-systemd.sh: the instance e2e of the machine with systemd, what its watchdog says, and how each trouble has to end.
# shellcheck shell=bash disable=SC2154,SC2086,SC2034,SC2119,SC2120 # words without blanks; here, machine, RIG_EXEC: from those who source this

unit=opencode-cloud-e2e.service
name=opencode-cloud-e2e
state=/var/lib/opencode-cloud/instances/e2e
workspace=/home/opencode/workspace
program=/opt/occ/opencode-cloud

inside() { $RIG_EXEC "$@"; }
sys() { inside $program --system --instance e2e "$@"; }
manager() { inside systemctl "$@"; }

# wd KEY - one value of what the watchdog says
wd() { sys status --json 2>/dev/null </dev/null | jq -r ".watchdog.$1 // empty"; }
# wd_is STATE [CAUSE]
wd_is() { [ "$(sys status --json 2>/dev/null </dev/null | jq -r "\"\(.watchdog.state) ${2:+\(.watchdog.cause)}\"")" = "$1 ${2:-}" ]; }
# told - for a failed row: what it says of itself, and what it did
told() {
	sys status --json </dev/null 2>&1 | jq -c .watchdog
	inside journalctl -u $unit --no-pager -o cat -n 25 </dev/null
}
state_row() {	# NAME SECONDS STATE [CAUSE]
	until_true "$2" wd_is "$3" "${4:-}"
	row $? "$1" "$(told)"
}

container() { inside docker inspect -f "$1" $name </dev/null 2>/dev/null; }
started() { container '{{.State.StartedAt}}'; }
is_running() { [ "$(container '{{.State.Running}}')" = true ]; }
init_pid() { container '{{.State.Pid}}'; }
opencode_pid() { inside pgrep -P "$(init_pid)" </dev/null | head -n 1; }
watchdog_pid() { manager show --value -p MainPID $unit </dev/null; }
answers() { [ "$(status_of /global/health "${auth[@]}" </dev/null)" = 200 ]; }
is_up() { wd_is up && answers; }
# another_life SINCE - it was started again, and answers
another_life() { [ "$(started)" != "$1" ] && is_up; }
log_in() { mapfile -t auth < <(printf -- '-u\nopencode:%s\n' "$(sys password show </dev/null)"); }

# Never two: not under its own name, not under that of a replacement
alone() {
	is "$1: one container" "$(inside docker ps -a --filter label=io.opencode-cloud.instance=e2e --format '{{.Names}}' </dev/null)" $name
}
last_incident() { sys incidents show "$(wd last_incident)" --json </dev/null; }
# incident_row NAME NUMBER-BEFORE CAUSES
incident_row() {
	local number
	number=$(wd last_incident)
	[ "${number:-0}" -gt "$2" ] && last_incident | jq -r .cause | grep -qE "^($3)\$"
	row $? "$1: an incident names it ($3)" "number $number, before $2" "$(last_incident | jq -c 'del(.log)')" "$(told)"
}
# forgive - the ladder is emptied, or each failure would wait longer than the last
forgive() { manager reload $unit; until_true 20 is_up; }
# comes_back NAME SECONDS CAUSES COMMAND... - after it, it is another life, healthy, alone, with a record; CAUSES "" is none
comes_back() {
	local since before
	forgive
	since=$(started) before=$(wd last_incident)
	"${@:4}" </dev/null >/dev/null 2>&1
	until_true "$2" another_life "$since"
	row $? "$1: it runs again" "$(told)"
	alone "$1"
	[ -z "$3" ] || incident_row "$1" "${before:-0}" "$3"
}
# named NAME SECONDS STATE CAUSE NUMBER-BEFORE - it ends in that state, which says what to do, with a record
named() {
	state_row "$1: is named" "$2" "$3" "$4"
	like "$1: with a remedy" "$(wd remedy)" 'occ |docker '
	incident_row "$1" "$5" "$4"
}
mend() {	# NAME COMMAND... - what a person does then
	runs "$1" "${@:2}"
	until_true 60 is_up
	row $? "$1: and it is healthy" "$(told)"
	alone "$1"
}
# session - makes one; its id
session() { ask "/session?directory=$workspace" "${auth[@]}" -X POST -H 'Content-Type: application/json' -d '{}' </dev/null | jq -r .id; }
has_session() { ask "/session?directory=$workspace" "${auth[@]}" </dev/null | jq -r '.[].id' | grep -qx "$1"; }

# drop_in LINE... - the unit's settings of this moment; none: as it was installed. The rig's boots share one boot id, for which it has one of its own.
drop_in() {
	printf '%s\n' '[Service]' 'BindReadOnlyPaths=/run/rig-boot-id:/proc/sys/kernel/random/boot_id' "$@" |
		inside sh -c "mkdir -p /etc/systemd/system/$unit.d; cat >/etc/systemd/system/$unit.d/rig.conf"
	manager daemon-reload
}
boots_are_told_apart() {
	printf '%s\n' '[Service]' "ExecStartPre=/bin/sh -c 'test -e /run/rig-boot-id || cat /proc/sys/kernel/random/uuid >/run/rig-boot-id'" |
		inside sh -c 'mkdir -p /etc/systemd/system/docker.service.d; cat >/etc/systemd/system/docker.service.d/boot-id.conf'
	inside sh -c 'cat /proc/sys/kernel/random/uuid >/run/rig-boot-id'
	drop_in
}

# Left-overs of a run that was cut
wd_clean() {
	inside sh -s <<-END >/dev/null 2>&1
		systemctl stop $unit; umount $state; rm -rf /etc/systemd/system/$unit.d /etc/systemd/system/docker.service.d/boot-id.conf /root/mount
		$program --system --instance e2e service uninstall
		docker ps -aq --filter label=io.opencode-cloud.instance=e2e | xargs -r docker rm -f
		docker volume rm $name-home $name-workspace; docker network rm $name
		rm -rf /etc/opencode-cloud/instances/e2e $state /run/opencode-cloud/e2e*
		systemctl daemon-reload; systemctl reset-failed
	END
}
