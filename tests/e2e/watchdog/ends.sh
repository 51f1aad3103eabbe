# ends.sh - sourced by 61-watchdog-systemd.sh: what ends by force comes back, with everything it had.
# shellcheck shell=bash disable=SC2154,SC2086,SC2034 # words without blanks

set_up() {
	wd_clean
	printf '{ "format": 1, "start_on_boot": true, "port": 3261, "image_base": "%s" }\n' "$e2e_base" | inside sh -c 'cat >/root/answers.json'
	runs "occ setup with answers" sys setup --answers /root/answers.json --yes
	boots_are_told_apart
	runs "the service" sys service install --now
	state_row "it is supervised" 30 up
	is "systemd is told so" "$(manager show --value -p StatusText $unit)" "up, opencode $(wd opencode)"
	is "the watchdog owns the restarts" "$(container '{{.HostConfig.RestartPolicy.Name}}')" no
	runs "no pause before the first restart" sys config set watchdog.first_delay_seconds 0
	runs "a hang is found soon" sys config set watchdog.hang_seconds 5
	runs "and many are allowed" sys config set watchdog.budget 32
	log_in
	began=$(inside date '+%F %T')
	kept=$(session)
	like "a session" "$kept" '^ses_'
}

after_a_reboot() {
	local since
	since=$(started)
	"$machine" reboot
	until_true 60 another_life "$since"
	row $? "after a reboot it is healthy again" "$(told)"
	has_session "$kept"
	row $? "with its data"
	alone "after a reboot"
	is "and the watchdog owns the restarts" "$(container '{{.HostConfig.RestartPolicy.Name}}')" no
}

by_force() {
	local pid since
	comes_back "kill -9 of opencode" 30 killed inside kill -9 "$(opencode_pid)"
	comes_back "kill -9 of its init" 30 killed inside kill -9 "$(init_pid)"

	since=$(started) pid=$(watchdog_pid)
	inside kill -9 "$pid"
	until_true 20 another_watchdog "$pid"
	row $? "kill -9 of the watchdog: another one" "$(told)"
	until_true 20 is_up
	is "and opencode ran on" "$(started)" "$since"
	alone "kill -9 of the watchdog"

	comes_back "kill -9 of dockerd" 60 engine inside pkill -9 -x dockerd
	comes_back "systemctl restart docker" 60 engine manager restart docker
	has_session "$kept"
	row $? "the session is still there"
	is "health never wavered" "$(inside journalctl -u $unit --no-pager -o cat --since "$began" </dev/null | grep -c 'no-answer, up -> silent')" 0
}
another_watchdog() { [ "$(watchdog_pid)" != "$1" ] && [ "$(watchdog_pid)" != 0 ]; }

# Fifteen seconds of almost no answer, a quarter of a hang: a starved machine does not stretch it to a whole one.
hangs_and_slowness() {
	local since pid i
	runs "slowness is no hang" sys config set watchdog.hang_seconds 60
	since=$(started) pid=$(opencode_pid)
	for i in 1 2 3; do
		inside sh -c "kill -STOP $pid; sleep 5; kill -CONT $pid" </dev/null
	done
	until_true 10 is_up
	row $? "three stops of 5 s" "$(told)"
	is "restart nothing" "$(started)" "$since"
	runs "a hang is" sys config set watchdog.hang_seconds 5
	comes_back "kill -STOP of opencode" 60 hang inside kill -STOP "$(opencode_pid)"
}

# Its loop is stuck: systemd ends it, and opencode does not notice.
stuck_watchdog() {
	local since pid
	drop_in WatchdogSec=3
	manager restart $unit
	state_row "restarted by systemd with a short WatchdogSec" 30 up
	since=$(started) pid=$(watchdog_pid)
	inside kill -STOP "$pid"
	until_true 40 another_watchdog "$pid"
	row $? "a watchdog whose loop is stuck is ended and started again" "$(told)"
	until_true 20 is_up
	row $? "and supervises" "$(told)"
	is "opencode ran on" "$(started)" "$since"
	like "systemd says why" "$(inside journalctl -u $unit --no-pager -o cat -n 50)" 'Watchdog timeout'
	drop_in
}
