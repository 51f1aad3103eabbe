#!/usr/bin/env bash
# 60-service - `occ service` under a real systemd: a unit of the machine and of a user, installed, found, taken away.
#
# First a drop-in of the test's runs `sleep` in the unit's place, with all of the unit's fences, and a stop command that notes what it was told: so the unit is tested by itself,
# and why systemd stops it is asked from inside the fences, at a stop, a restart, an uninstall and a reboot. At the end the watchdog itself runs in it, with an opencode.
# lane: systemd
here=$(cd "$(dirname "$0")" && pwd)
. "$here/image.sh"
. "$here/lib.sh"
e2e_init service
machine=$here/rig/systemd
eval "$(OCC=$occ_binary "$machine" up)" || exit 1
inside() { "$machine" exec "$@"; }
sys() { inside /opt/occ/opencode-cloud --system "$@"; }
alice() { "$machine" as alice "$@"; }
own() { alice /opt/occ/opencode-cloud "$@"; }
tree() { inside find "$@" -printf '%m %U %y %p %s %l\n' 2>/dev/null | sort; }

unit=/etc/systemd/system/opencode-cloud.service
copy=/usr/local/lib/opencode-cloud/opencode-cloud
user_unit=/home/alice/.config/systemd/user/opencode-cloud.service
answers=/var/lib/opencode-cloud/answers

# What an instance with an opencode has on the machine's engine
forget() {
	inside docker rm -f opencode-cloud-e2e opencode-cloud-e2e.next
	inside docker volume rm -f opencode-cloud-e2e-home opencode-cloud-e2e-workspace
	inside docker network rm opencode-cloud-e2e
}

# What an earlier run left
{
	sys service uninstall
	sys --instance e2e service uninstall
	forget
	inside loginctl enable-linger alice && own --instance work service uninstall && own service uninstall
	inside loginctl disable-linger alice
	inside userdel -rf alice
	inside userdel -rf bob
	inside rm -rf "$unit.d" /etc/opencode-cloud /var/lib/opencode-cloud
	inside systemctl daemon-reload
	"$machine" user alice docker
	"$machine" user bob
} >/dev/null 2>&1
docker_driver=${OCC_DRIVER:-$(dirname "$occ_binary")/release/tests/e2e/driver}/stop_wanted
[ -x "$docker_driver" ] || { echo "not ok - there is no $docker_driver: make driver-bins"; exit 1; }
inside sh -c 'cat >/opt/occ/stop_wanted && chmod 755 /opt/occ/stop_wanted' <"$docker_driver"

# stand_in FILE SCOPE ANSWERS - the drop-in
stand_in() {
	printf '%s\n' '[Service]' 'Type=exec' 'WatchdogSec=0' 'ExecStart=' 'ExecStart=/bin/sleep infinity' 'ExecStop=' \
		"ExecStop=/opt/occ/stop_wanted $2 opencode-cloud.service $3" 'ExecReload='
}

# --- the machine's ------------------------------------------------------------------------------------------------

before=$(tree /etc/systemd /usr/local /root)
exits "status without a unit" 6 sys service status
like "says how to get one" "$out" "none; opencode-cloud --system service install --now"
runs "dry run" sys service install --dry-run
like "shows the unit" "$out" "^ExecStart=$copy watchdog --system$"
like "and the steps, with their commands" "$out" "systemctl --system enable opencode-cloud.service"
is "and does nothing" "$(tree /etc/systemd /usr/local /root)" "$before"
exits "a normal user may not" 5 own --system service install
runs "install" sys service install
like "tells that the program was copied" "$out" "^Program +copied to $copy: /opt/occ/opencode-cloud is in a directory that is none for programs"
is "the copy is the program" "$(inside cmp /opt/occ/opencode-cloud $copy && inside stat -c '%a %U' $copy)" "755 root"
is "systemd-analyze verify has nothing to say" "$(inside systemd-analyze verify $unit 2>&1)" ""
score=$(inside systemd-analyze security --no-pager --offline=true $unit | sed -n 's/.*level for .*: \([0-9.]*\) .*/\1/p')
is "as root at most 1.7 (is $score)" "$(jq -n "$score <= 1.7")" true
is "enabled" "$(inside systemctl is-enabled opencode-cloud.service)" enabled
inode=$(inside stat -c '%i %Y' $unit $copy)
runs "again" sys service install
like "there is nothing to do" "$out" "^Nothing to do"
is "the files are the same ones" "$(inside stat -c '%i %Y' $unit $copy)" "$inode"
exits "status: installed, not running" 6 sys service status
like "enabled" "$out" "$unit, enabled: starts at boot"

inside mkdir -p "$unit.d"
stand_in x system $answers | inside sh -c "cat >$unit.d/rig.conf"
inside systemctl daemon-reload
runs "start" sys service install --now
like "says so" "$out" "^Service +started"
runs "then it runs" sys service status
is "as JSON" "$(sys service status --json | jq -c '[.installed, .enabled, .active, .outdated, .foreign, .activity]')" \
	'[true,true,true,false,false,"active (running)"]'
is "a normal user is told, too" "$(own --system service status --json | jq -c '[.installed, .active]')" '[true,true]'
pid=$(inside systemctl show --value -p MainPID opencode-cloud)
is "no rights are left" "$(inside sh -c "grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/$pid/status" | tr -s '\t\n' ' ')" \
	"CapEff: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1 Seccomp: 2 "
inside rm -f $answers
inside systemctl restart opencode-cloud
inside systemctl stop opencode-cloud
is "a restart is no wish to stop, a stop is" "$(inside cat $answers)" $'no\nyes'
inside systemctl start opencode-cloud
inside rm -f $answers
"$machine" reboot
is "nor is a reboot" "$(inside cat $answers)" no
runs "after which it runs again" sys service status
inside rm -f $answers
runs "a newer program" inside sh -c 'printf x >>/opt/occ/opencode-cloud'
exits "is told" 0 sys service status
like "as outdated" "$out" "^Outdated .*service install"
runs "is installed" sys service install
like "and runs" "$out" "restarted; opencode was not touched"
is "from its copy" "$(inside cmp /opt/occ/opencode-cloud $copy 2>&1)" ""
inside sed -i 's/^RestartSec=1/RestartSec=7/' $unit
inside systemctl daemon-reload
like "a changed unit is told" "$(sys service status)" "^Outdated"
runs "and set right" sys service install
is "by its text" "$(inside grep -c '^RestartSec=1$' $unit)" 1
inside sh -c "rm -f $answers; echo data >/var/lib/opencode-cloud/data"
runs "uninstall" sys service uninstall
is "is no wish to stop either" "$(inside cat $answers)" no
is "the service has ended" "$(inside systemctl is-active opencode-cloud.service)" inactive
is "data stays" "$(inside cat /var/lib/opencode-cloud/data)" data
inside rm -rf "$unit.d" /var/lib/opencode-cloud
is "what install made is gone, all else as it was" "$(tree /etc/systemd /usr/local /root)" "$before"
runs "again" sys service uninstall
like "there is nothing to do" "$out" "^Nothing to do"

inside sh -c "printf '[Service]\nExecStart=/bin/true\n' >$unit"
exits "a unit of somebody else is refused" 14 sys service install
exits "also by uninstall" 14 sys service uninstall
is "and untouched" "$(inside cat $unit | wc -l)" 2
inside rm -f $unit

# --- the machine's, as a user of its own --------------------------------------------------------------------------

exits "as a user who is not there" 2 sys service install --run-as nobody-here
exits "as a user without the engine" 14 sys service install --run-as bob
like "says how it gets it" "$out" "usermod -aG docker bob"
exits "before there is a password" 1 sys service install --run-as alice
inside sh -c 'printf "canary password" | /opt/occ/opencode-cloud --system password set --stdin' >/dev/null 2>&1
inside sh -c 'umask 077; cd /var/lib/opencode-cloud; : >helper.lock; mkdir -p backups; : >backups/of-root.tar.gz'
runs "as alice" sys service install --run-as alice
is "what root's backups have left is hers as well" "$(inside sh -c 'cd /var/lib/opencode-cloud; stat -c %U helper.lock backups backups/of-root.tar.gz')" $'alice\nalice\nalice'
is "verify" "$(inside systemd-analyze verify $unit 2>&1)" ""
score=$(inside systemd-analyze security --no-pager --offline=true $unit | sed -n 's/.*level for .*: \([0-9.]*\) .*/\1/p')
is "as its own user at most 1.5 (is $score)" "$(jq -n "$score <= 1.5")" true
is "its files" "$(inside stat -c '%U %a %n' /var/lib/opencode-cloud/state.json /etc/opencode-cloud/credentials.json)" \
	$'alice 600 /var/lib/opencode-cloud/state.json\nalice 600 /etc/opencode-cloud/credentials.json'
is "root reads them as before" "$(sys password show)" "canary password"
runs "root changes them" sys password rotate
is "and they stay hers" "$(inside stat -c '%U' /etc/opencode-cloud/credentials.json)" alice
runs "again without the option" sys service install
like "keeps the user" "$out" "^Nothing to do"
exits "another instance as another user" 14 sys --instance work service install
like "is told which" "$out" "opencode-cloud.service runs as alice"
inside mkdir -p "$unit.d"
stand_in x system $answers | inside sh -c "cat >$unit.d/rig.conf"
inside systemctl daemon-reload
runs "it starts" sys service install --now
is "as alice" "$(inside ps -o user= -p "$(inside systemctl show --value -p MainPID opencode-cloud)")" alice
inside systemctl stop opencode-cloud
is "and may ask why it is stopped" "$(inside cat $answers)" yes
runs "back to root" sys service install --run-as root
is "with its files" "$(inside stat -c '%U' /var/lib/opencode-cloud/state.json /etc/opencode-cloud/credentials.json | sort -u)" root
runs "uninstall" sys service uninstall
inside rm -rf "$unit.d" /var/lib/opencode-cloud /etc/opencode-cloud

# --- a user's own -------------------------------------------------------------------------------------------------

exits "without a session, and without the right to linger" 1 own service install
like "is told what root has to do" "$out" "sudo loginctl enable-linger alice"
inside loginctl enable-linger alice
until_true 20 alice systemctl --user is-system-running
before=$(tree /home/alice/.config /home/alice/.local -not -path '*/opencode-cloud*')
runs "with linger" own service install
like "program and unit are below her home" "$out" "copied to ~/.local/lib/opencode-cloud/opencode-cloud"
is "verify" "$(alice systemd-analyze --user verify $user_unit 2>&1)" ""
score=$(alice systemd-analyze --user security --no-pager --offline=true $user_unit | sed -n 's/.*level for .*: \([0-9.]*\) .*/\1/p')
printf '# a user unit is rated %s\n' "$score"
runs "again" own service install
like "there is nothing to do" "$out" "^Nothing to do"
alice mkdir -p $user_unit.d
stand_in x user /home/alice/answers | inside sh -c "cat >$user_unit.d/rig.conf"
alice systemctl --user daemon-reload
runs "start" own service install --now
runs "another instance" own --instance work service install
runs "it runs" own service status
alice systemctl --user stop opencode-cloud
alice systemctl --user start opencode-cloud
is "a stop is wanted" "$(inside cat /home/alice/answers)" yes
inside rm -f /home/alice/answers
"$machine" reboot
until_true 30 own service status
runs "after a reboot it runs, without a login" own service status
is "a reboot is no wish to stop" "$(inside cat /home/alice/answers)" no
runs "uninstall one" own service uninstall
is "the other keeps the program" "$(alice test -x /home/alice/.local/lib/opencode-cloud/opencode-cloud && echo yes)" yes
runs "uninstall the other" own --instance work service uninstall
alice rm -rf $user_unit.d
is "nothing is left, linger is as it was" "$(alice find /home/alice/.local/lib /home/alice/.config/systemd -type f -o -type l 2>/dev/null)$(inside ls /var/lib/systemd/linger)" alice

inside loginctl disable-linger root >/dev/null 2>&1
runs "root's own, with linger that is ours" inside /opt/occ/opencode-cloud --user service install
like "is told" "$out" "^Linger +enabled for root"
runs "and taken away again" inside /opt/occ/opencode-cloud --user service uninstall
like "is told, too" "$out" "^Linger +disabled"
is "linger" "$(inside ls /var/lib/systemd/linger)" alice
inside loginctl disable-linger alice

# --- with an opencode ---------------------------------------------------------------------------------------------

real() { sys --instance e2e "$@"; }
service() { inside systemctl "$@" opencode-cloud-e2e.service; }
lives() { inside docker inspect -f '{{.State.Status}} {{.State.Pid}}' opencode-cloud-e2e; }
desired() { inside jq -r .desired /var/lib/opencode-cloud/instances/e2e/state.json; }
watchdog_pid() { service show --value -p MainPID; }
new_watchdog() { [ "$(watchdog_pid)" != 0 ] && [ "$(watchdog_pid)" != "$1" ] && service is-active; }
supervises() { real service status --json | jq -e '.active and (.status | test("^up"))'; }

"$machine" program
"$machine" load "$e2e_base" && "$machine" load "$e2e_ref" || exit 1
real config set image.base "$e2e_base" >/dev/null
runs "start" real start
runs "install and start the watchdog" real service install --now
until_true 30 supervises
runs "it supervises, inside its fences" supervises
before=$(lives)
service restart
until_true 30 supervises
is "systemctl restart leaves opencode alone" "$(lives)" "$before"
pid=$(watchdog_pid)
inside kill -9 "$pid"
until_true 30 new_watchdog "$pid"
runs "a killed watchdog comes back" new_watchdog "$pid"
is "and opencode lived on" "$(lives)" "$before"
runs "systemctl stop" service stop
exits "is occ stop" 6 real status
is "also as what is desired" "$(lives | cut -d' ' -f1) $(desired)" "exited down"
is "and ends well" "$(service is-active)" inactive
runs "systemctl start" service start
until_true 60 real status -q
runs "is occ start" real status
is "also as what is desired" "$(desired)" up
"$machine" reboot
until_true 60 real status -q
runs "after a reboot it is healthy again" real status
runs "as a user of its own" real service install --run-as alice
until_true 60 supervises
runs "it supervises as well" supervises
runs "systemctl stop" service stop
is "stops opencode as well" "$(lives | cut -d' ' -f1) $(desired)" "exited down"
runs "systemctl start" service start
until_true 60 real status -q
before=$(lives)
inside sh -c "cp -p $copy $copy.x && mv $copy.x $copy"
like "a program that was replaced under it is noticed" "$(real service status --json | jq .outdated)" true
runs "and brought over" real service install
like "by a restart that leaves opencode alone" "$out" "restarted; opencode was not touched"
until_true 30 supervises
is "as before" "$(lives)" "$before"
runs "again" real service install
like "there is nothing to do" "$out" "^Nothing to do"
. "$here/service/self.sh"
runs "uninstall" real service uninstall
is "leaves opencode running" "$(lives)" "$before"
unlike "and its restarts to the engine" "$(inside docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' opencode-cloud-e2e)" '^no$'
forget >/dev/null 2>&1
inside rm -rf /etc/opencode-cloud /var/lib/opencode-cloud
e2e_done
