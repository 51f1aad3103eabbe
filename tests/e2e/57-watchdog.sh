#!/usr/bin/env bash
# 57-watchdog - what occ watchdog does on a real engine: crash, hang, stop by hand, commands beside it, memory, causes that block. What needs a
# service manager (reboot, its own death) is in 61-watchdog-systemd.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST
e2e_image || exit 1
export E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
e2e_init watchdog
name=opencode-cloud-e2e
url=http://127.0.0.1:3257
wd_pid=

# watchdog_up - the watchdog in the background, ready when its socket answers
watchdog_up() {
	occ watchdog >>"$work/watchdog.log" 2>&1 </dev/null &
	wd_pid=$!
	until_true 15 wd_is . . || { sed 's/^/# /' "$work/watchdog.log"; return 1; }
}
watchdog_down() { kill "${1:--TERM}" "$wd_pid" 2>/dev/null; wait "$wd_pid" 2>/dev/null; wd_pid=; }
# wd KEY - one value of what the watchdog says
wd() { occ status --json 2>/dev/null | jq -r ".watchdog.$1 // empty"; }
# wd_is STATE CAUSE - "." for any
wd_is() {
	local now
	now=$(occ status --json 2>/dev/null | jq -r '"\(.watchdog.state) \(.watchdog.cause)"') || return 1
	case "$now" in null*) return 1 ;; esac
	{ [ "$1" = . ] || [ "${now%% *}" = "$1" ]; } && { [ "${2:-.}" = . ] || [ "${now#* }" = "$2" ]; }
}
state_row() {	# NAME SECONDS STATE [CAUSE]
	until_true "$2" wd_is "$3" "${4:-.}"
	row $? "$1" "$(occ status --json 2>&1 | jq -c .watchdog)" "$(tail -n 20 "$work/watchdog.log")"
}
started() { inspect $name .State.StartedAt; }
is_running() { [ "$(inspect $name .State.Running)" = true ]; }
# another_life SINCE - it was started again and answers
another_life() { [ "$(started)" != "$1" ] && wd_is up .; }
# opencode_pid - of the server itself, below its init, as the host counts
opencode_pid() { pgrep -P "$(inspect $name .State.Pid)" | head -n 1; }
incidents() { occ incidents --json | jq '.incidents | length'; }
last_incident() { occ incidents show "$(wd last_incident)" --json; }

trap 'watchdog_down -KILL; e2e_cleanup' EXIT
e2e_cleanup
runs "base" occ config set image.base "$e2e_base"
runs "port" occ config set server.port 3257
runs "no pause before the first restart" occ config set watchdog.first_delay_seconds 0
runs "a hang is found soon" occ config set watchdog.hang_seconds 5
runs "many failures are allowed here" occ config set watchdog.budget 32
runs "start" occ start
like "the engine owns the restarts before" "$(inspect $name .HostConfig.RestartPolicy.Name)" '^always$'

watchdog_up
row $? "the watchdog begins"
state_row "and finds it up" 20 up
is "it owns the restarts" "$(inspect $name .HostConfig.RestartPolicy.Name)" no
exits "a second one is refused" 12 occ watchdog

# ---- crashes ----
before=$(started) count=$(incidents)
kill -9 "$(opencode_pid)"
until_true 30 another_life "$before"
row $? "kill -9 of opencode: it runs again" "$(tail "$work/watchdog.log")"
is "one incident more" "$(incidents)" $((count + 1))
is "with its exit code" "$(last_incident | jq -r .exit_code)" 137
like "and its log" "$(last_incident | jq -r .log)" 'opencode server listening'

before=$(started)
kill -9 "$(inspect $name .State.Pid)"
until_true 30 another_life "$before"
row $? "kill -9 of the container's init: it runs again" "$(tail "$work/watchdog.log")"

before=$(started)
kill -STOP "$(opencode_pid)"
until_true 60 another_life "$before"
row $? "a hang: it is restarted" "$(tail "$work/watchdog.log")"
is "and named so" "$(last_incident | jq -r .cause)" hang
is "one container" "$(containers_of)" 1

# The engine's filter of events takes a name for the beginning of one.
before=$(started)
docker run -d --name $name-other "$e2e_base" sleep 600 >/dev/null
docker kill $name-other >/dev/null
docker rm -f $name-other >/dev/null
kill -9 "$(opencode_pid)"
until_true 30 another_life "$before"
row $? "another container's end before ours" "$(tail "$work/watchdog.log")"
unlike "was not taken for it" "$(tail -n 8 "$work/watchdog.log")" 'stopped|gone|doubt'

# ---- commands beside it ----
runs "a longer pause" occ config set watchdog.first_delay_seconds 5
kill -9 "$(opencode_pid)"
state_row "it pauses" 20 backoff killed
runs "occ stop within the pause" occ stop
state_row "is a decision" 15 down
is_past_pause() { [ "$(wd state)" != down ] || is_running; }
until_true 8 is_past_pause
[ $? = 1 ]
row $? "and holds when the pause is over" "$(tail "$work/watchdog.log")"
runs "no pause again" occ config set watchdog.first_delay_seconds 0
runs "occ start after it" occ start
state_row "is up again" 20 up
runs "occ stop" occ stop
state_row "the watchdog lets it be" 15 down
! is_running
row $? "it is stopped"
runs "occ start" occ start
state_row "and up again by occ start" 20 up
is "still its owner" "$(inspect $name .HostConfig.RestartPolicy.Name)" no
before=$(started)
runs "occ restart" occ restart
state_row "occ restart beside it" 20 up
is "was no incident" "$(last_incident | jq -r .cause)" killed

# ---- a person's docker stop ----
docker stop -t 60 $name >/dev/null
state_row "docker stop is in doubt first" 10 doubt
state_row "and then a decision" 60 down
is "that is kept" "$(jq -r .desired "$work/.local/state/opencode-cloud/instances/e2e/state.json")" down
docker start $name >/dev/null
until_true 10 is_running
row $? "docker start by hand" "$(inspect $name .State.Status)"
runs "occ start makes it wanted" occ start
state_row "and it is supervised" 20 up

# ---- its own end and return ----
watchdog_down
is "after its end the engine owns the restarts" "$(inspect $name .HostConfig.RestartPolicy.Name)" always
is_running
row $? "and opencode runs on"
before=$(started)
watchdog_up
state_row "it comes back" 20 up
is "and has restarted nothing" "$(started)" "$before"
watchdog_down -KILL
kill -9 "$(opencode_pid)"
watchdog_up
state_row "killed, and opencode killed meanwhile: both are back" 40 up

# ---- the budget ----
runs "one failure is the end" occ config set watchdog.budget 1
kill -9 "$(opencode_pid)"
state_row "too many failures open the circuit" 30 failed killed
like "the next try is told" "$(wd next_try_ms)" '^[0-9]+$'
like "status names it" "$(occ status)" 'failed: .*killed'
runs "occ start closes it" occ start
state_row "and it is up" 20 up

# ---- what blocks ----
runs "many are allowed again" occ config set watchdog.budget 32
watchdog_down
docker rm -f $name >/dev/null
python3 -c 'import socket,sys,time
s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", 3257)); s.listen(1); print("up", flush=True); time.sleep(600)' >"$work/holder" &
holder=$!
until_true 10 grep -q up "$work/holder"
watchdog_up
state_row "a taken port is named" 30 blocked port-taken
is "and nothing is left behind" "$(containers_of)" 0
kill $holder; wait $holder 2>/dev/null
runs "occ start after it is free" occ start
state_row "is supervised again" 30 up
watchdog_down
runs "end" occ stop --remove --now
e2e_cleanup
e2e_done
