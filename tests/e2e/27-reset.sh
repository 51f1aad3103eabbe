#!/usr/bin/env bash
# 27-reset - what goes is said first and is exactly what goes; what is somebody else's, and the backups, stay.
# lane: beside
# An instance of its own: its image goes, and that of e2e is everybody's.
. "$(dirname "$0")/on_machine.sh" reset reset
name=opencode-cloud-reset
ref=$name:${e2e_ref##*:}
dir=$HOME/.local/share/opencode-cloud/backups
config=$HOME/.config/opencode-cloud/instances/reset/config.json
state=$HOME/.local/state/opencode-cloud/instances/reset
clean() {
	docker rm -f $name e2e-bystander >/dev/null 2>&1
	docker volume rm -f $name-home $name-workspace e2e-bystander >/dev/null 2>&1
	docker network rm $name >/dev/null 2>&1
}
clean
docker rmi -f "$ref" >/dev/null 2>&1
# bystanders - what is on the engine of somebody else's; other tests' things come and go
bystanders() { engine /containers/e2e-bystander/json | jq -r .Name; engine /volumes/e2e-bystander | jq -r .Name; }
has_volume() { [ "$(engine "/volumes/$name-$1" -o /dev/null -w '%{http_code}')" = 200 ]; }
files() { find "$dir" -type f 2>/dev/null | wc -l; }

runs "nothing there" occ reset all --yes
like "is said" "$out" "nothing to do"
exits "a word that is none" 2 occ reset everything
exits "no word" 2 occ reset
docker tag "$e2e_ref" "$ref"
docker create --name e2e-bystander "$e2e_ref" >/dev/null 2>&1
docker volume create e2e-bystander >/dev/null 2>&1
occ config set image.base "$e2e_base" >/dev/null
occ config set server.port 3227 >/dev/null
runs "start" occ start
password=$(occ password show)
occ exec -- sh -c 'echo work >~/workspace/file; git config --global user.name Reset' >/dev/null
others=$(bystanders)

# ---- data ----
before=$(inspect $name .State.StartedAt)
runs "data, only looked at" occ reset data --dry-run
like "the home is named, and what it is" "$out" 'volume +opencode-cloud-reset-home +\(the agent.s home: sessions'
like "the workspace" "$out" 'volume +opencode-cloud-reset-workspace'
unlike "but not the configuration" "$out" 'config\.json'
like "what stays is said" "$out" 'This stays: .*configuration, password'
is "and opencode went on" "$(inspect $name .State.StartedAt)" "$before"
exits "without a terminal it is not done unasked" 2 occ reset data
like "the options that answer are named" "$out" "--yes"
is "and nothing is changed" "$(inspect $name .State.StartedAt)$(files)" "${before}0"
runs "data" occ reset data --yes --now
like "a backup is made first" "$out" 'Backup +~/.local/share/opencode-cloud/backups/reset-'
is "one" "$(files)" 1
like "with the workspace in it" "$(tar -xzOf "$dir"/*.gz workspace/file)" work
has_volume home || has_volume workspace
is "the volumes are gone" $? 1
is "so is the container" "$(containers_of)" 0
is "what is somebody else's stays" "$(bystanders)" "$others"
is "configuration and password stay" "$(occ config get server.port) $(occ password show)" "3227 $password"
runs "a start begins anew" occ start
is "without what was" "$(occ exec -- sh -c 'ls ~/workspace; git config --global user.name')" ""
runs "and what was comes back" occ backup restore latest --yes --now
is "from the backup" "$(occ exec -- sh -c 'cat ~/workspace/file; git config --global user.name' | tr '\n' ' ')" "work Reset "

# ---- all ----
runs "all, as JSON, only looked at" occ reset all --dry-run --json
is "says each thing" "$(jq -r '[.changed, (.removed|map(.kind)|sort|join(","))]|join(" ")' <<<"$out")" "false container,directory,file,file,image,network,volume,volume"
images=$(docker images -q "$e2e_ref")
runs "all" occ reset all --yes --no-backup --now
is "no backup, when not wanted" "$(files | tr -d ' ')" 2
[ ! -e "$config" ] && [ ! -e "$state/state.json" ] && [ ! -e "${config%/*}/credentials.json" ]
row $? "no file of the instance is left" "$(find "$HOME/.config" "$HOME/.local/state")"
has_volume home || has_volume workspace
is "no volume" $? 1
is "no container, no network" "$(containers_of)$(engine /networks/$name -o /dev/null -w '%{http_code}')" 0404
is "not the image by its name" "$(docker images -q "$ref")" ""
is "what is somebody else's stays" "$(bystanders)" "$others"
is "others' names of it are there" "$(docker images -q "$e2e_ref")" "$images"
runs "again" occ reset all --yes
like "there is nothing to do" "$out" "nothing to do"
clean
e2e_done
