# trouble.sh - sourced by 61-watchdog-systemd.sh: what is missing, full or too small is named, and mended.
# shellcheck shell=bash disable=SC2154,SC2086,SC2034 # words without blanks

# Many small ones: the largest process is opencode, and the kernel takes that.
eat_memory() { inside docker exec -d $name sh -c 'while :; do head -c 24m /dev/zero | tail & done'; }

no_memory() {
	runs "a small memory limit" sys config set container.memory 512m
	runs "and no planned restart" sys config set watchdog.memory_percent 0
	runs "restart with it" sys restart --now
	until_true 60 is_up
	comes_back "memory limit exceeded" 90 out-of-memory eat_memory
	is "the kernel said so" "$(last_incident | jq -c '[.oom_killed, .exit_code]')" '[true,137]'
	like "status shows it" "$(sys status </dev/null)" 'want of memory'
}

# A directory of a home, which the unit itself cannot see
removed_unseen() { watchdog_away; inside docker rm -f $name; watchdog_again; }
no_mount() {
	local before
	inside install -d -o 1000 -g 1000 /root/mount
	runs "a mount" sys mount add /root/mount:$workspace/mount
	runs "restart with it" sys restart --now
	until_true 60 is_up
	comes_back "the container removed unseen" 60 container-gone removed_unseen
	is "with restarts that are the watchdog's from its first moment" "$(container '{{.HostConfig.RestartPolicy.Name}}')" no
	has_session "$kept"
	row $? "with its data"

	forgive
	before=$(wd last_incident)
	inside rm -rf /root/mount
	inside kill -9 "$(opencode_pid)"
	named "a missing mount" 30 blocked mount "$before"
	inside install -d -o 1000 -g 1000 /root/mount
	mend "occ start with the directory there" sys start
	runs "without the mount" sys mount remove $workspace/mount
	mend "occ restart" sys restart --now
}

no_image() {
	local before
	before=$(wd last_incident)
	forgive
	watchdog_away
	inside sh -c "docker rm -f $name; docker tag $e2e_ref kept:1; docker rmi $e2e_ref" </dev/null >/dev/null
	watchdog_again
	named "the image removed under it" 30 blocked image "$before"
	is "nothing is left behind" "$(inside docker ps -aq --filter label=io.opencode-cloud.instance=e2e </dev/null)" ""
	is "systemd is told" "$(manager show --value -p StatusText $unit | cut -d';' -f1)" "blocked: its image is missing"
	inside sh -c "docker tag kept:1 $e2e_ref; docker rmi kept:1" </dev/null >/dev/null
	mend "occ start with the image there" sys start
	has_session "$kept"
	row $? "with its data"
}

# The state directory's own file system, of which nothing is left
full_disk() {
	local pid was
	inside sh -s <<-END
		cp -a $state /root/state && mount -t tmpfs -o size=4m,mode=\$(stat -c %a $state) none $state && cp -a /root/state/. $state && rm -rf /root/state
	END
	row $? "a small file system for the state"
	manager restart $unit
	until_true 30 is_up
	inside sh -c "dd if=/dev/zero of=$state/fill bs=4k; dd if=/dev/zero of=$state/fill2 bs=1; df $state" </dev/null >/dev/null 2>&1
	exits "nothing fits any more" 1 inside sh -c "echo something >$state/more"
	comes_back "a full disk" 30 killed inside kill -9 "$(opencode_pid)"
	is "the ladder is written" "$(wd failures)" 1
	pid=$(watchdog_pid)
	inside kill -9 "$pid"
	until_true 20 another_watchdog "$pid"
	until_true 20 is_up
	is "and read again" "$(wd failures)" 1
	was=$(started)
	exits "a stop that cannot be remembered" 1 sys stop --now
	like "says why" "$out" "[Nn]o space left"
	is "and stops nothing" "$(started)" "$was"
	inside rm -f $state/fill $state/fill2 $state/more
	inside sh -c "mkdir /root/state && cp -a $state/. /root/state"
	manager restart $unit
	inside sh -c "umount -l $state && cp -a /root/state/. $state && rm -rf /root/state"
	manager restart $unit
	until_true 30 is_up
	row $? "back on the disk" "$(told)"
}
