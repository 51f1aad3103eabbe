# lib.sh - sourced by 25-update.sh
# shellcheck shell=bash disable=SC2154

clean() {
	docker rm -f "$name" "$name.next" e2e-update-foreign >/dev/null 2>&1
	kept_of "$name"
	docker volume rm -f "$name-home" "$name-workspace" >/dev/null 2>&1
	docker network rm "$name" >/dev/null 2>&1
	docker rmi -f "$name:$old" "$name:$new" >/dev/null 2>&1
}
configured() {
	local line
	mkdir -p "$work/mounted" && chmod 777 "$work/mounted" && echo host >"$work/mounted/file"
	while read -r line; do
		# shellcheck disable=SC2086 # key and value
		occ config set $line >/dev/null
	done <<-END
		image.base $e2e_base
		image.opencode $old
		server.port 3225
		update.watch_seconds 2
		container.env ["CANARY_VARIABLE=kept"]
		container.mounts ["$work/mounted:/home/opencode/mounted"]
	END
	printf 'sk-canary-update' | occ secret set CANARY_KEY --stdin >/dev/null
	docker create --name e2e-update-foreign "$e2e_ref" >/dev/null 2>&1
}
# made - a new session's id
made() { ask '/session?directory=/home/opencode/workspace' "${auth[@]}" -X POST -H 'Content-Type: application/json' -d '{}' | jq -r .id; }
sessions() { ask '/session?directory=/home/opencode/workspace' "${auth[@]}" | jq -r '[.[].id]|sort|join(" ")'; }
other() { if [ "$(version)" = "$old" ]; then echo "$new"; else echo "$old"; fi; }
version() { ask /global/health "${auth[@]}" | jq -r .version; }
kept() { engine /volumes | jq -r --arg p "$name-home.before-" '[.Volumes[]?.Name|select(startswith($p))]|length'; }
# all_is_kept WHEN - the user's things around opencode's data
all_is_kept() {
	is "$1: one container" "$(containers_of)" 1
	is "$1: the mount, the variable and the key" "$(occ exec -- sh -c 'cat ~/mounted/file; echo $CANARY_VARIABLE; tr "\0" "\n" </proc/$(pgrep -xo opencode)/environ | grep ^CANARY_KEY=')" \
		"$(printf 'host\nkept\nCANARY_KEY=sk-canary-update')"
	is "$1: somebody else's stopped container" "$(inspect e2e-update-foreign .State.Status)" created
	is "$1: no journal" "$(find "$state" -name update.json)" ""
}
# data - files in opencode's directory, to the last mode and time
data() { occ exec -- sh -c 'cd ~/.local/share/opencode/mine && find . -printf "%p %y %m %u %T@ %l\n" | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum'; }
# killed_at REGEX COMMAND... - in the moment in which that is said
killed_at() {
	local log=$work/killed.log pid
	: >"$log"
	env "$occ_binary" --instance update -v "${@:2}" >"$log" 2>&1 &
	pid=$!
	until_true 90 grep -qE "$1" "$log"
	row $? "killed at '$1'" "$(tail -n 5 "$log")"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
}
