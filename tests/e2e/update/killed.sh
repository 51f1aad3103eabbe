# killed.sh - sourced by 25-update.sh: kill -9 of the update at its steps
# shellcheck shell=bash disable=SC2154

had=$(sessions)
runs "a backup" occ backup create -o "$work/backup.tar.gz"
# whole WHEN - one of both versions serves, with every session
whole() {
	is "$1: serves" "$(status_of /global/health "${auth[@]}")" 200
	like "$1: one of both versions" "$(version)" "^($old|$new)$"
	is "$1: as it is configured" "$(occ config get image.opencode)" "$(version)"
	is "$1: with every session" "$(sessions)" "$had"
	all_is_kept "$1"
}
# Every request of it is in 41-update-scripted; here it is the real thing, at the two steps whose sides differ.
steps=("update [0-9]+: switching" "update [0-9]+: answered")
[ -z "${OCC_LONG:-}" ] || steps+=("step: the new container takes" "update [0-9]+: snapshot" "step: create the new" "step: stop container" "step: put the secret" "step: start container" "step: wait until" "update [0-9]+: done")
for step in "${steps[@]}"; do
	was=$(version)
	killed_at "$step" update "$(other)" --yes --now
	runs "start after '$step'" occ start --now
	whole "'$step'"
	case $step in
	*switching) is "what had not answered is undone" "$(version)" "$was" ;;
	*answered) unlike "what had answered is completed" "$(version)" "^$was$" ;;
	esac
done
killed_at "update [0-9]+: switching" rollback --yes --now
exits "nor is a backup made of what may be of both" 14 occ backup create -o "$work/mixed.tar.gz"
exits "a backup is not put over what an update has cut" 14 occ backup restore "$work/backup.tar.gz" --yes
was=$(jq -r .from.opencode "$state/update.json")
runs "stop" occ stop --now
# The engine's list may name as running what has ended a moment ago; inspect does not.
is "neither runs" "$(inspect "$name" .State.Running) $(inspect "$name.next" .State.Running)" "false false"
runs "start after a rollback that was cut" occ start
whole "a rollback that was cut"
is "is undone" "$(version)" "$was"

# ---- what stop does to one that was cut ----
was=$(version)
killed_at "update [0-9]+: answered" update "$(other)" --yes --now
runs "stop after 'answered'" occ stop --now
runs "start after that stop" occ start --now
whole "a stop in between"
unlike "and is completed" "$(version)" "^$was$"

# ---- the watchdog finds it ----
occ watchdog >"$work/watchdog.log" 2>&1 &
keeper=$!
until_true 30 grep -q . "$work/watchdog.log"
killed_at "update [0-9]+: switching" update "$(other)" --yes --now
settled() { [ ! -e "$state/update.json" ] && occ status -q; }
until_true 60 settled
row $? "the watchdog finishes it by itself" "$(tail -n 20 "$work/watchdog.log")" "$(occ status 2>&1)"
whole "by the watchdog"
kill "$keeper"
wait "$keeper" 2>/dev/null

# ---- a watchdog that is fenced off from the configuration, as the machine's is by its unit ----
# shellcheck disable=SC2016 # what the shell inside expands
unshare -m sh -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$2" --instance update watchdog' sh "$HOME/.config/opencode-cloud" "$occ_binary" >"$work/fenced.log" 2>&1 &
keeper=$!
until_true 30 grep -q . "$work/fenced.log"
was=$(version)
killed_at "update [0-9]+: answered" update "$(other)" --yes --now
docker kill "$name.next" >/dev/null
is_other() { [ "$(version)" != "$was" ] && occ status -q; }
until_true 60 is_other
row $? "one that may not write the configuration brings back what had answered" "$(tail -n 20 "$work/fenced.log")" "$(occ status 2>&1)"
[ -s "$state/update.json" ]
row $? "and leaves the rest to who may"
kill "$keeper"
wait "$keeper" 2>/dev/null
runs "start completes it" occ start --now
whole "by a fenced watchdog"
unlike "it is the one that had answered" "$(version)" "^$was$"
