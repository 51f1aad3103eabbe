# decisions.sh - sourced by 61-watchdog-systemd.sh: what people decide holds, whoever they tell it and whatever happens next.
# shellcheck shell=bash disable=SC2154,SC2086,SC2034 # words without blanks

desired() { inside jq -r .desired $state/state.json </dev/null; }
is_down() { [ "$(is_running && echo runs)" = "" ] && [ "$(desired)" = down ]; }
down_row() {	# NAME
	until_true 20 wd_is down && is_down
	row $? "$1" "$(told)" "$(container '{{.State.Status}}')"
	is "$1: occ status tells" "$(sys status -q </dev/null; echo $?)" 6
	alone "$1"
}
# With Restart=no the watchdog stays away when it is killed.
watchdog_away() {
	drop_in 'Restart=no'
	inside kill -9 "$(watchdog_pid)"
	until_true 10 not_active
}
not_active() { ! manager is-active -q $unit; }
watchdog_again() { drop_in; manager reset-failed $unit; manager start $unit; }

# -t: on a machine that stands still for ten seconds the engine would kill what is just ending. Once, under load, the engine's SIGTERM did nothing for a minute: then another
# one, for it is an end by SIGTERM that nobody is to have seen.
stopped_unseen() {
	watchdog_away
	for _ in 1 2 3; do
		inside docker stop -t 30 $name
		[ "$(container '{{.State.ExitCode}}')" = 137 ] || break
		inside docker start $name
		until_true 60 inside docker exec $name /usr/local/lib/opencode-cloud/health
	done
	watchdog_again
}
by_the_engine() {
	local before pid
	before=$(wd last_incident)
	inside docker stop -t 60 $name </dev/null >/dev/null
	state_row "docker stop: in doubt first" 10 doubt
	until_true 50 wd_is down
	down_row "docker stop: then a decision"
	incident_row "docker stop" "$before" stopped
	pid=$(watchdog_pid)
	inside kill -9 "$pid"
	until_true 20 another_watchdog "$pid"
	down_row "docker stop: holds when the watchdog dies"
	"$machine" reboot
	down_row "docker stop: holds over a reboot"
	mend "occ start" sys start

	comes_back "docker stop that nobody saw" 60 terminated stopped_unseen
}

# ends_alike NAME - up, supervised, alone
ends_up() {
	until_true 30 is_up
	row $? "$1: up" "$(told)"
	is "$1: wanted" "$(desired)" up
	is "$1: the watchdog owns the restarts" "$(container '{{.HostConfig.RestartPolicy.Name}}')" no
	alone "$1"
}

by_either() {
	local since count
	count=$(wd last_incident)
	runs "systemctl stop" manager stop $unit
	is "stops opencode" "$(container '{{.State.Running}}')" false
	is "and keeps the wish" "$(desired)" down
	is "the unit is" "$(manager is-active $unit)" inactive
	is "occ status tells" "$(sys status -q </dev/null; echo $?)" 6
	runs "systemctl start" manager start $unit
	ends_up "systemctl start"

	since=$(started)
	runs "systemctl restart" manager restart $unit
	ends_up "systemctl restart"
	is "leaves opencode alone" "$(started)" "$since"
	runs "systemctl reload" manager reload $unit
	ends_up "systemctl reload"

	runs "occ stop" sys stop
	down_row "occ stop"
	is "the unit is" "$(manager is-active $unit)" active
	is "systemd is told" "$(manager show --value -p StatusText $unit)" down
	runs "systemctl stop of what is stopped" manager stop $unit
	runs "and start" manager start $unit
	ends_up "systemctl start after occ stop"
	runs "occ stop again" sys stop
	runs "and a restart of the watchdog" manager restart $unit
	down_row "which starts nothing"
	runs "occ start" sys start
	ends_up "occ start"
	since=$(started)
	runs "occ restart" sys restart
	ends_up "occ restart"
	[ "$(started)" != "$since" ]
	row $? "is another life"
	runs "occ stop, and then a newer program" sys stop
	inside sh -c "printf x >>$program"
	runs "is installed" sys service install
	down_row "which starts nothing"
	mend "occ start with it" sys start
	is "none of this is an incident" "$(wd last_incident)" "$count"

	runs "occ stop before a reboot" sys stop
	"$machine" reboot
	down_row "occ stop: holds over a reboot"
	mend "occ start" sys start
}
