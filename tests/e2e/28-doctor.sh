#!/usr/bin/env bash
# 28-doctor - what doctor finds on a real engine: each failure is made, found with the command that mends it, and mended by that.
# lane: beside
# An instance of its own: its image is another one for a while.
. "$(dirname "$0")/on_machine.sh" doctor doctor
name=opencode-cloud-doctor
ref=$name:${e2e_ref##*:}
clean() {
	docker rm -f $name $name-stray e2e-doctor-bystander >/dev/null 2>&1
	docker volume rm -f $name-home $name-workspace >/dev/null 2>&1
	docker network rm $name >/dev/null 2>&1
}
clean
docker tag "$e2e_ref" "$ref"
# finds NAME VERDICT TEXT FIX - regular expressions
finds() {
	out=$(occ doctor --json "${@:5}" 2>/dev/null)
	like "$1: $3" "$(jq -r --arg n "$1" '.[]|select(.check==$n)|"\(.verdict) \(.text)"' <<<"$out")" "^$2 .*$3"
	like "$1: how to mend it" "$(jq -r --arg n "$1" '.[]|select(.check==$n)|.fix' <<<"$out")" "$4"
}
# of all below its init, as the host counts
opencode_pids() { pgrep -P "$(inspect $name .State.Pid)"; }
well() { is "$1: is well" "$(occ doctor --json 2>/dev/null | jq -r --arg n "$1" '.[]|select(.check==$n)|.verdict')" ok; }

occ config set image.base "$e2e_base" >/dev/null
occ config set server.port 3228 >/dev/null
occ config set container.env '["PLAIN=canary-env-value"]' >/dev/null
occ password set --file <(printf 'canary-Pass-w0rd\n') >/dev/null
printf 'canary-key-of-the-agent' | occ secret set ANTHROPIC_API_KEY --stdin >/dev/null
printf 'https://ntfy.example/canary-notify-token' | occ notify add ntfy --stdin >/dev/null
runs "start" occ start
occ backup create >/dev/null
runs "nothing is wrong" occ doctor
like "how many passed" "$out" '^[0-9]{2} checks passed, 0 wrong'
unlike "what is well is not told" "$out" '^ok '

# The archive for who helps: all that it is to have, and no secret, not one that opencode itself has logged.
got=$work/got/opencode-cloud-support
unpacked() { rm -rf "$work/got" && mkdir "$work/got" && tar -xzf "$1" -C "$work/got"; row $? "it can be read"; }
occ exec -- sh -c 'echo "said canary-Pass-w0rd, canary-key-of-the-agent and https://ntfy.example/canary-notify-token" >/proc/1/fd/1'
until_true 10 eval 'occ logs | grep -q canary-Pass-w0rd'
row $? "the service has logged secrets"
runs "doctor --bundle" occ doctor --bundle "$work/bundle.tar.gz"
holds "it says where" "$out" bundle.tar.gz
like "and to look through it" "$out" 'before you send it'
is "for its owner alone" "$(stat -c %a "$work/bundle.tar.gz")" 600
unpacked "$work/bundle.tar.gz"
is "its members" "$(cd "$got" && printf '%s ' *)" "README.txt config.txt container.json history.json incidents.json logs.txt report.json service.json status.json tls.json versions.txt "
is "no secret is in it" "$(zcat "$work/bundle.tar.gz" | grep -ac canary)" 0
holds "the log is" "$(cat "$got/logs.txt")" "said ***, *** and ***"
is "the findings" "$(jq -r '.[]|select(.check=="answer")|.verdict' "$got/report.json")" ok
is "status" "$(jq -r '"\(.health) \(.container)"' "$got/status.json")" "healthy $(inspect $name .Id)"
is "the container" "$(jq -r '"\(.State.Status) \(.HostConfig.PidsLimit) \(.["Config.Env"]|index("PLAIN=***") != null)"' "$got/container.json")" "running 4096 true"
like "the engine" "$(cat "$got/versions.txt")" '^Docker [0-9][^ ]*, API 1\.[0-9]+, linux/'
holds "settings" "$(cat "$got/config.txt")" 'server.port: 3228'
exits "what is there is not replaced" 2 occ doctor --bundle "$work/bundle.tar.gz"
occ doctor --bundle - 2>/dev/null </dev/null >"$work/pipe.tar.gz"
unpacked "$work/pipe.tar.gz"
is "a pipe, too" "$(jq -r .health "$got/status.json")" healthy
runs "without an engine" occ --engine unix:///nowhere doctor --bundle "$work/alone.tar.gz"
unpacked "$work/alone.tar.gz"
holds "what could not be had says so" "$(cat "$got/logs.txt" "$got/status.json")" /nowhere
holds "the rest is there" "$(cat "$got/config.txt")" 'server.port: 3228'
is "no secret is in it, either" "$(zcat "$work/alone.tar.gz" | grep -ac canary)" 0
occ notify remove ntfy >/dev/null

occ config set container.pids 777 >/dev/null
finds drift note container.pids '^occ start$'
runs "start" occ start --now
well drift

deployment=$(jq -r .deployment "$HOME/.local/state/opencode-cloud/instances/doctor/state.json")
docker create --name $name-stray --label "io.opencode-cloud.deployment=$deployment" "$e2e_ref" >/dev/null
docker create --name e2e-doctor-bystander "$e2e_ref" >/dev/null
finds strays note $name-stray 'occ doctor --fix'
runs "mended" occ doctor --fix
like "and told" "$out" 'mended by +occ doctor --fix'
is "it is gone, and nobody else's" "$(docker ps -a --format '{{.Names}}' | grep -E "$name-stray|doctor-bystander")" e2e-doctor-bystander

docker kill $name >/dev/null
finds container wrong "should run, and is exited" '^occ start$'
python3 -c 'import socket,time
s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", 3228)); s.listen(1); print("up", flush=True); time.sleep(600)' >"$work/holder" &
holder=$!
until_true 10 grep -q up "$work/holder"
finds port wrong "3228 on 127.0.0.1 is taken by python3" 'occ config set server.port'
kill $holder
wait $holder 2>/dev/null
runs "start" occ start
well container
well port

# shellcheck disable=SC2046 # numbers
kill -STOP $(opencode_pids)
row $? "opencode's processes are stopped"
finds answer wrong . 'occ restart'
# shellcheck disable=SC2046
kill -CONT $(opencode_pids)
is_well() { [ "$(occ doctor --json 2>/dev/null | jq -r --arg n "$1" '.[]|select(.check==$n)|.verdict')" = ok ]; }
until_true 30 is_well answer
row $? "answer: is well"

# What an engine on a cloud's machine lets through, when nobody closes it; and a machine without names.
metadata=
no_metadata() { ip addr del 169.254.169.254/32 dev lo 2>/dev/null; [ -z "$metadata" ] || kill "$metadata"; metadata=; }
trap no_metadata EXIT
trap 'exit 1' INT TERM
ip addr add 169.254.169.254/32 dev lo
python3 -m http.server 80 --bind 169.254.169.254 --directory "$work/bin" >/dev/null 2>&1 &
metadata=$!
until_true 10 curl -q -s -o /dev/null -m 2 http://169.254.169.254/
finds metadata wrong "the agent has this machine's role" 'hop-limit 1' --network
no_metadata
occ exec -- getent hosts opencode.ai >/dev/null 2>&1 || finds names wrong "opencode.ai" dns --network

occ stop --now >/dev/null
docker run --rm -v $name-home:/h -u 0 --entrypoint sh "$e2e_ref" -c 'cd /h/.local/share/opencode && rm -f opencode.db-* && dd if=/dev/zero of=opencode.db bs=1024 seek=8 count=40 conv=notrunc 2>/dev/null'
occ start >/dev/null 2>&1
finds database wrong "the session database is damaged" 'occ backup restore latest'
runs "the backup mends it" occ backup restore latest --yes --now
well database

occ stop --remove --now >/dev/null
docker tag "$e2e_base" "$ref"
finds image wrong "does not meet the image contract" .
docker tag "$e2e_ref" "$ref"
well image
mv "$HOME/.local/state/opencode-cloud" "$work/lost"
finds owner wrong "belongs to somebody else" '--adopt'
rm -rf "$HOME/.local/state/opencode-cloud"
mv "$work/lost" "$HOME/.local/state/opencode-cloud"
well owner
here_too=$DOCKER_HOST
out=$(DOCKER_HOST=unix:///nowhere occ --engine "$here_too" doctor --json 2>/dev/null)
is "another engine than docker's" "$(jq -r '.[]|select(.check=="context")|.verdict' <<<"$out")" note
clean
docker rmi "$ref" >/dev/null 2>&1
e2e_done
