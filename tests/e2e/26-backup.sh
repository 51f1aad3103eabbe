#!/usr/bin/env bash
# 26-backup - backups of the real opencode: made while it is written to, proved beside it, put back here and on another engine; cut, damaged, encrypted, and without room.
# lane: backup
. "$(dirname "$0")/on_machine.sh" backup backup
workspace=/home/opencode/workspace
dir=$HOME/.local/share/opencode-cloud/backups
e2e_cleanup
docker tag "$e2e_ref" "opencode-cloud-backup:${e2e_ref##*:}"

session() { ask "/session?directory=$workspace" "${auth[@]}" -X POST -H 'Content-Type: application/json' -d '{}' | jq -r .id; }
sessions() { ask "/session?directory=$workspace" "${auth[@]}" | jq -r '.[].id' | sort; }
files() { find "$dir" -type f -printf '%f\n' 2>/dev/null | sort; }
newest() { files | grep 'gz$' | tail -n 1; }
# nothing_of WORD - no container and no volume of ours whose name holds it
nothing_of() { [ "$(engine '/containers/json?all=1' | jq -r '.[].Names[]' | grep -c "$1")$(engine /volumes | jq -r '.Volumes[]?.Name' | grep -c "$1")" = 00 ]; }

exits "restore without a backup" 1 occ backup restore latest --yes
like "names where it looked" "$out" "looked in +~/.local/share/opencode-cloud/backups"
runs "list without one" occ backup list
like "says so" "$out" "none in"
exits "a backup of nothing" 6 occ backup create
like "and says what to do first" "$out" "try +occ start"
nothing_of opencode-cloud-backup
row $? "and makes nothing"
occ config set image.base "$e2e_base" >/dev/null
occ config set server.port 3226 >/dev/null
runs "start" occ start
url=http://127.0.0.1:3226
auth=(-u "opencode:$(occ password show)")
first=$(session)
like "a session" "$first" '^ses_'
occ exec -- sh -c 'git config --global user.name Keeper; echo kept >~/kept; ln ~/kept ~/hard; ln -s kept ~/soft; mkdir -p ~/.cache/x; echo big >~/.cache/x/y; echo src >~/workspace/src; touch ~/.local/share/opencode/log/more' >/dev/null 2>&1

# What the agent puts in front of the image's programs is not run by what reads its home as root.
# shellcheck disable=SC2016 # the container's own
occ exec -- sh -c 'mkdir -p ~/.local/bin ~/.cache; for p in mkdir tar python3 find rm sync; do printf "#!/bin/sh\necho poisoned; exit 1\n" >~/.local/bin/$p; chmod +x ~/.local/bin/$p; done
	touch -h -d 1960-01-01 ~/old; touch ~/old; touch -d 1960-01-01 ~/old; touch -d 2300-01-01 ~/late; mkfifo ~/pipe; ln ~/pipe ~/pipe2; ln ~/soft ~/soft2' >/dev/null 2>&1
for path in "$work" /dev/null; do
	exits "-o $path" 2 occ backup create -o "$path"
done
[ -c /dev/null ]
row $? "/dev/null is still what it was"

# ---- made while it is written to ----
(for _ in {1..40}; do [ ! -e "$work/enough" ] || break; session >/dev/null; done) &
writer=$!
runs "create" occ backup create --workspace
touch "$work/enough"
wait $writer
like "says what is in it" "$out" 'Backup +[0-9]+ sessions?, [0-9]+ files and directories, .* packed\), opencode 1\.'
one=$(newest)
like "its name is the instance and the time" "$one" '^backup-[0-9]{8}T[0-9]{6}Z\.tar\.gz$'
is "nobody else reads it" "$(stat -c %a "$dir/$one") $(stat -c %a "$dir")" "600 700"
is "nothing is left beside it" "$(files)" "$one"
runs "any tar takes it" tar -tzf "$dir/$one"
like "sessions, home and workspace are in it" "$out" 'home/.local/share/opencode/opencode.db'
unlike "caches and logs are not" "$out" '\.cache/x|opencode/log/|credentials|state/opencode/locks/'
is "the database is one that SQLite takes" "$(tar -xzOf "$dir/$one" home/.local/share/opencode/opencode.db >"$work/db" && python3 -c 'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("pragma integrity_check").fetchone()[0])' "$work/db")" ok
is "the password is nowhere in it" "$(gzip -dc "$dir/$one" 2>/dev/null | grep -cF "$(occ password show)")" 0
runs "list" occ backup list
like "has it" "$out" "$one +.*B +[0-9.]+ .* ago"
is "a script reads the same" "$(occ backup list --json | jq -r '.[0].file')" "$dir/$one"

# ---- proved ----
before=$(inspect opencode-cloud-backup .State.StartedAt)
runs "verify" occ backup verify
like "opencode ran on it" "$out" 'Proved +opencode 1\.[0-9.]+ runs on it and lists [1-9][0-9]* sessions?'
is "the service was not touched" "$(inspect opencode-cloud-backup .State.StartedAt)" "$before"
nothing_of opencode-cloud-backup.*verify
row $? "nothing of it is left"
cp "$dir/$one" "$work/bad.tar.gz"
printf 'X' | dd of="$work/bad.tar.gz" bs=1 seek=$(($(stat -c %s "$work/bad.tar.gz") / 2)) conv=notrunc 2>/dev/null
exits "a damaged one" 1 occ backup verify "$work/bad.tar.gz" --checksums-only
like "is told" "$out" "bad.tar.gz: "
exits "is not restored" 1 occ backup restore "$work/bad.tar.gz" --yes
is "and opencode runs on" "$(inspect opencode-cloud-backup .State.StartedAt)" "$before"
exits "no backup at all" 1 occ backup verify "$occ_binary" --checksums-only

# ---- back ----
were=$(sessions)
later=$(session)
occ exec -- sh -c '/bin/rm ~/kept ~/.gitconfig; echo changed >~/workspace/src; echo new >~/new' >/dev/null
exits "without a terminal it is not done unasked" 2 occ backup restore latest
runs "restore" occ backup restore "$one" --yes --now
like "tells where the data of before is" "$out" "Before +what was there: occ backup restore backup-"
has_sessions() { [ "$(sessions)" = "$1" ]; }
until_true 20 has_sessions "$were" || like "the first session" "$(sessions)" "$first"
unlike "a later one is gone" "$(sessions)" "$later"
is "files are as they were" "$(occ exec -- sh -c 'cat ~/kept ~/workspace/src; stat -c "%h %u" ~/hard; readlink ~/soft; git config --global user.name; ls ~/new 2>/dev/null; readlink ~/soft2; stat -c %Y ~/old ~/late' | tr '\n' ' ')" "kept src 2 1000 kept Keeper kept -315619200 10413792000 "
runs "and back to before" occ backup restore latest --yes --now
like "the later session is there again" "$(sessions)" "$later"
is "and so is what was new" "$(occ exec -- sh -c 'cat ~/new')" new
is "no restore is under way" "$(find "$HOME/.local/state" -name restore.json)" ""

# ---- cut in the middle ----
occ exec -- sh -c 'head -c 60000000 /dev/urandom >~/ballast' >/dev/null
runs "a larger one" occ backup create
large=$(newest)
occ stop --now >/dev/null
occ backup restore "$large" --yes >"$work/cut" 2>&1 &
restorer=$!
has_mark() { [ -n "$(find "$HOME/.local/state" -name restore.json)" ]; }
until_true 60 has_mark
row $? "a restore is under way"
pkill -KILL -P "$restorer" -x opencode-cloud || kill -KILL "$restorer"
wait "$restorer" 2>/dev/null
has_mark
row $? "and is killed" "$(cat "$work/cut")"
exits "start does not run on half of it" 14 occ start
like "says how to finish" "$out" "try +occ backup restore .*$large"
like "and how to go back" "$out" "or +occ backup restore "
exits "nor is it backed up" 14 occ backup create
mark=$(find "$HOME/.local/state" -name restore.json)
cp "$mark" "$work/mark" && jq '.workspace = true' "$work/mark" >"$mark"
exits "had its workspace been replaced as well, a restore without it would leave half of that" 14 occ backup restore "$large" --yes
like "and says which does not" "$out" "leave the half of its workspace"
cp "$work/mark" "$mark"
kept=$(jq -r .before "$(find "$HOME/.local/state" -name restore.json)")
cp "$dir/$one" "$work/one.tar.gz"
runs "prune meanwhile" occ backup prune --keep 1
[ -s "$kept" ] && [ -s "$dir/$large" ]
row $? "leaves what a cut restore needs" "$(files)"
exits "one that would replace more than was kept waits" 14 occ backup restore "$work/one.tar.gz" --yes
like "and says what to do first" "$out" "try +occ backup restore .*--no-workspace +first"
runs "it is finished" occ backup restore "$large" --yes
like "and what was there is still what it was before the first try" "$out" "Before .*${kept##*/}"
runs "then it starts" occ start
like "with the sessions" "$(sessions)" "$first"
is "and all of its bytes" "$(occ exec -- sh -c 'stat -c %s ~/ballast; /bin/rm ~/ballast')" 60000000

# ---- no room, and pipes ----
mkdir -p "$work/small" && mount -t tmpfs -o size=256k tmpfs "$work/small"
# More than there is room for, whatever opencode has put into its home by now
occ exec -- sh -c 'head -c 2000000 /dev/urandom >~/noise' >/dev/null
exits "a full disk" 1 occ backup create -o "$work/small/x.tar.gz"
like "is told" "$out" "[Nn]o space left"
is "and nothing is left there" "$(ls "$work/small")" ""
umount "$work/small"
occ exec -- sh -c '/bin/rm ~/noise' >/dev/null
occ backup create --with-credentials -o - >"$work/pipe.tar.gz" 2>"$work/pipe.err"
row $? "into a pipe" "$(cat "$work/pipe.err")"
pipe_sessions=$(sessions)
runs "is whole" occ backup verify "$work/pipe.tar.gz" --checksums-only
is "with the credentials, when asked" "$(tar -xzOf "$work/pipe.tar.gz" settings/credentials.json | grep -cF "$(occ password show)")" 1
occ backup create -o - 2>/dev/null | head -c 1000 >/dev/null
deployment=$(inspect opencode-cloud-backup '.Config.Labels["io.opencode-cloud.deployment"]')
is "a reader that goes away leaves no container" "$(docker ps -aq --filter "label=io.opencode-cloud.helper=$deployment" | wc -l) ${#deployment}" "0 32"

: >"$dir/backup-20200101T000000Z.tar.gz.partial"
runs "a backup after one that was killed" occ backup create
is "takes away what that one left" "$(files | grep -c partial)" 0

# ---- volumes that are missing ----
occ stop --remove --now >/dev/null
docker volume rm opencode-cloud-backup-workspace >/dev/null
runs "the workspace's volume is gone: restored" occ backup restore "$work/one.tar.gz" --yes
runs "and it starts" occ start
is "with the workspace" "$(occ exec -- cat src)" src
occ stop --remove --now >/dev/null
docker volume rm opencode-cloud-backup-home >/dev/null
runs "the home's volume is gone: restored" occ backup restore "$work/one.tar.gz" --yes
like "the workspace was kept first" "$out" "Before +what was there"
runs "and it starts, too" occ start
like "with the sessions" "$(sessions)" "$first"

# ---- a machine without its image ----
fresh() { HOME=$work/fresh "$occ_binary" --instance fresh "$@"; }
mkdir -p "$work/fresh"
docker rmi -f "opencode-cloud-fresh:${e2e_ref##*:}" >/dev/null 2>&1
runs "restored where there is nothing: the image is built" fresh backup restore "$work/pipe.tar.gz" --settings --yes
is "with the settings" "$(fresh config get server.port)" 3226
is "and the password" "$(fresh password show)" "$(occ password show)"
runs "reset" fresh reset all --yes --no-backup

. "$here/backup/encrypted.sh"

# ---- the oldest go ----
occ backup create >/dev/null && occ backup create >/dev/null
have=$(files | wc -l)
runs "prune" occ backup prune --keep 2
is "two stay" "$(files | wc -l)" 2
like "and the others are named" "$out" "Removed +backup-"
[ "$have" -gt 2 ]
row $? "there were more"

# ---- on another engine ----
here_password=$(occ password show)
eval "$("$here/rig/docker28" up)" || row 1 "another engine"
"$here/rig/docker28" load "$e2e_ref" >/dev/null 2>&1
moved=opencode-cloud-moved
there() { OCC_ENGINE_LOCATION=remote HOME=$work/there "$occ_binary" --instance moved --engine "$DOCKER_HOST" "$@"; }
forget_there() {
	there stop --remove --now >/dev/null 2>&1
	docker rm -f $moved >/dev/null 2>&1
	docker volume rm -f $moved-home $moved-workspace >/dev/null 2>&1
	docker network rm $moved >/dev/null 2>&1
}
mkdir -p "$work/there"
docker tag "$e2e_ref" "$moved:${e2e_ref##*:}"
forget_there
runs "restored on another engine, with the settings" there backup restore "$work/pipe.tar.gz" --settings --yes
like "start follows" "$out" "Next +.* start"
runs "it starts" there start
is "with the same password" "$(there password show)" "$here_password"
is "and the same sessions" "$($RIG_EXEC curl -q -sS "${auth[@]}" "http://127.0.0.1:3226/session?directory=$workspace" | jq -r '.[].id' | sort)" "$pipe_sessions"
[ -z "${OCC_LONG:-}" ] || runs "verify works there" there backup verify "$work/pipe.tar.gz"
forget_there
eval "$("$here/rig/docker20" up)"
runs "end" occ stop --remove --now
e2e_cleanup
e2e_done
