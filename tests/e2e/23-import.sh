#!/usr/bin/env bash
# 23-import - the data of a real opencode that ran without us goes into a new instance: all of it, the original untouched; refused, cut and killed, too.
# lane: beside
# An instance of its own: it has to be a new one.
. "$(dirname "$0")/on_machine.sh" import import
name=opencode-cloud-import
ref=$name:${e2e_ref##*:}
there=e2e-import-standalone
url=http://127.0.0.1:3223
data=$HOME/.local/share/opencode
config=$HOME/.config/opencode
clean() {
	docker rm -f $name $name.verify $there >/dev/null 2>&1
	docker volume rm -f $name-home $name-workspace >/dev/null 2>&1
	docker network rm $name $name.verify >/dev/null 2>&1
}
# ours - what the instance has on the engine: containers, volumes, networks
ours() {
	engine '/containers/json?all=1' | jq -r --arg n "/$name" '.[].Names[] | select(startswith($n))'
	engine /volumes | jq -r --arg n $name '.Volumes[]?.Name | select(startswith($n))'
	engine /networks | jq -r --arg n $name '.[].Name | select(startswith($n))'
}
# standalone - an opencode of this home, as somebody has it who has no instance
standalone() {
	docker run -d --name $there -u 0:0 -v "$HOME:/them" -w /them -e HOME=/them --entrypoint /usr/local/bin/opencode "$e2e_ref" serve --port 4096 >/dev/null
}
at_home() { docker exec $there curl -q -sS -m 20 -H 'Content-Type: application/json' "$@"; }
answers() { at_home -f http://127.0.0.1:4096/global/health; }
session() { at_home "http://127.0.0.1:4096/session?directory=$1" -X POST -d "{${2:-}}" | jq -r .id; }
# traces - every file of the original: name, mode, owner, times, content
traces() { (cd "$HOME" && find .local/share/opencode .config/opencode .local/state/opencode -printf '%p %y %m %U %s %T@ %l\n' -type f -exec sha256sum {} + | sort | sha256sum); }
import() { occ import --yes; }
# cut SIGNAL - an import that gets it while it copies; status in $got
cut() {
	env --default-signal=INT "$work/bin/occ" import --yes >"$work/cut" 2>&1 &
	local pid=$!
	until_true 60 copies
	row $? "an import is under way" "$(cat "$work/cut")"
	kill "-$1" "$pid"
	wait "$pid" 2>/dev/null
	got=$?
}
copies() { engine "/volumes/$name-home" -f -o /dev/null; }

clean
docker tag "$e2e_ref" "$ref"
occ config set image.base "$e2e_base" >/dev/null
occ config set server.port 3223 >/dev/null
exits "nothing to import" 1 occ import --yes
like "says where it looked, and how to name another home" "$out" "no .*/.local/share/opencode.*"
like "with the option" "$out" "try +occ import --from DIR"

# ---- the original ----
mkdir -p "$HOME/shop" "$config/node_modules/x"
echo '{}' >"$config/opencode.json"
echo js >"$config/node_modules/x/x.js"
echo secret >"$HOME/outside"
ln -s opencode.json "$config/inner"
ln -s ../../outside "$config/outer"
ln -s /etc/shadow "$config/shadow"
standalone
until_true 60 answers
row $? "an opencode of this home" "$(docker logs $there 2>&1)"
first=$(session /them/shop)
like "has a session" "$first" '^ses_'
session /them/shop >/dev/null
session /them >/dev/null
session /them/shop "\"parentID\":\"$first\"" >/dev/null
archived=$(session /them)
at_home "http://127.0.0.1:4096/session/$archived?directory=/them" -X PATCH -d '{"time":{"archived":1764000000000}}' >/dev/null
at_home http://127.0.0.1:4096/auth/anthropic -X PUT -d '{"type":"api","key":"canary-of-import"}' >/dev/null
is "and a login" "$(jq -r .anthropic.key "$data/auth.json")" canary-of-import
mkdir -p "$data/log" "$data/bin" && echo log >"$data/log/x" && echo program >"$data/bin/x"

exits "while it runs it is not read" 1 import
like "the process that has the database open is named" "$out" "try +end that opencode \(process [0-9]+\)"
like "and its file" "$out" "opencode\.db(-shm)? open"
is "nothing is made" "$(ours)" ""
docker kill $there >/dev/null
docker rm -f $there >/dev/null
[ -s "$data/opencode.db-wal" ]
row $? "it was killed: its last changes are in the log of the database"
head -c 150000000 /dev/urandom >"$data/ballast"
were=$(traces)

# ---- looked at ----
runs "dry run" occ import --dry-run
like "how much" "$out" 'Import +[0-9]+ files, 1[0-9]{2} MB, into the new instance import'
like "what is copied" "$out" 'from +~/.local/share/opencode'
like "logs are not" "$out" 'without +~/.local/share/opencode/log'
like "nor packages" "$out" 'without +~/.config/opencode/node_modules'
is "as JSON" "$(occ import -n --json | jq -r '[.changed, .sessions, .from, (.bytes > 150000000), (.left_out|length >= 3)]|join(" ")')" "false  $data true true"
exits "without a terminal it is not done unasked" 2 occ import
like "the option that answers is named" "$out" "--yes"
is "nothing is made" "$(ours)" ""

# ---- cut ----
for signal in INT TERM; do
	cut $signal
	is "$signal ends it" "$got" 130
	is "$signal: nothing is left" "$(ours)$(find "$HOME/.local/state" -name restore.json)" ""
	like "$signal: which is said" "$(cat "$work/cut")" "changed +nothing"
done
cut KILL
has_mark() { [ -n "$(find "$HOME/.local/state" -name restore.json)" ]; }
has_mark
row $? "one that is killed leaves a mark"
exits "start does not run on half of it" 14 occ start
like "says how to go on" "$out" "try +occ import"
mkdir "$work/good"
mv "$data"/opencode.db* "$work/good/"
head -c 100000 /dev/urandom >"$data/opencode.db"
exits "a damaged database" 1 import
like "is told" "$out" "does not hold: the session database: "
is "and nothing is left, not of the one that was killed either" "$(ours)" ""
rm "$data/opencode.db"
mv "$work"/good/* "$data/"
were=$(traces)

# ---- done ----
runs "import" import
like "tells how many sessions" "$out" 'Imported +5 sessions: opencode 1\.[0-9.]+ runs on them'
like "and that their directories are not there, and how they come there" "$out" 'Projects +2 directories of sessions are not in the container, as /them: occ mount add /them:/them'
like "start follows" "$out" "Next +occ start"
is "the original is what it was" "$(traces)" "$were"
is "two volumes, and nothing else" "$(ours | sort | tr '\n' ' ')" "$name-home $name-workspace "
exits "a second one is refused" 14 import
like "by the instance's name" "$out" "the instance import has data of its own"
like "with another one as the remedy" "$out" "try +occ --instance NAME import"
runs "start" occ start
auth=(-u "opencode:$(occ password show)")
is "the sessions are there" "$(ask "/experimental/session?archived=true" "${auth[@]}" | jq length)" 5
like "by their names" "$(ask "/session?directory=/them/shop" "${auth[@]}" | jq -r '.[].id')" "$first"
is "the login, for nobody else" "$(occ exec -- sh -c 'stat -c "%a %u:%g" ~/.local/share/opencode/auth.json')" "600 1000:1000"
is "with its key" "$(occ exec -- sh -c 'cat ~/.local/share/opencode/auth.json' | jq -r .anthropic.key)" canary-of-import
is "the configuration" "$(occ exec -- sh -c 'cat ~/.config/opencode/opencode.json; readlink ~/.config/opencode/inner')" "$(cat "$config/opencode.json"; echo opencode.json)"
is "links are links" "$(occ exec -- sh -c 'readlink ~/.config/opencode/outer ~/.config/opencode/shadow' | tr '\n' ' ')" "../../outside /etc/shadow "
is "nothing from outside, no logs of then, no programs, no packages of this machine" "$(occ exec -- sh -c 'ls -d ~/.local/share/opencode/bin ~/.local/share/opencode/log/x ~/.config/opencode/node_modules/x ~/outside 2>/dev/null')" ""
is "all of it is the container's user's" "$(occ exec -- sh -c 'find ~ ~/workspace ! -user 1000 -o ! -group 1000')" ""
is "and of the right size" "$(occ exec -- sh -c 'stat -c %s ~/.local/share/opencode/ballast; stat -c "%a" ~')" "$(printf '150000000\n750')"
is "it can work" "$(ask "/session?directory=/home/opencode/workspace" "${auth[@]}" -X POST -H 'Content-Type: application/json' -d '{}' | jq -r '.id[:4]')" ses_
runs "a backup of it" occ backup create
runs "is proved" occ backup verify
like "with the one that came since, and the archived one" "$out" 'lists 6 sessions'
runs "and put back" occ backup restore latest --yes --now --no-keep
is "as it was" "$(occ exec -- sh -c 'stat -c "%a %u:%g" ~/.local/share/opencode/auth.json; stat -c %s ~/.local/share/opencode/ballast' | tr '\n' ' ')" "600 1000:1000 150000000 "
is "the key is in no listing of the engine" "$(inspect $name . | grep -c canary-of-import)" 0
exits "nor into one that runs" 14 import
is "the original is still what it was" "$(traces)" "$were"

# ---- of another home, into another instance's place ----
runs "reset" occ reset data --yes --no-backup --now
mkdir -p "$work/other" && cp -a "$HOME/.local" "$work/other/" && rm -f "$work/other/.local/share/opencode/ballast"
runs "of another home" occ import --from "$work/other" --yes --json
is "as JSON" "$(jq -r '[.changed, .sessions, .from, (.absent|length)]|join(" ")' <<<"$out")" "true 5 $work/other/.local/share/opencode 2"
runs "reset" occ reset data --yes --no-backup
is "quiet, it says nothing" "$(occ import -q --from "$work/other" --yes 2>&1)" ""
runs "end" occ reset all --yes --no-backup
is "nothing is left" "$(ours)" ""
clean
docker rmi "$ref" >/dev/null 2>&1
e2e_done
