#!/usr/bin/env bash
# 56-activity - what opencode's event stream says of a turn, a question and a permission, as lib/deploy/activity hears it.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
drivers=${T_DRIVERS:-${T_OUT:-$top/build/tests}/../release/tests/e2e/driver}
workspace=/home/opencode/workspace
e2e_init activity
e2e_cleanup
trap 'kill "$driver" 2>/dev/null' EXIT

# configure PORT - the model that listens there; a shell command needs leave
configure() {
	occ exec -- sh -c 'mkdir -p ~/.config/opencode && cat >~/.config/opencode/opencode.json' <<-END
	{"model":"local/m","small_model":"local/m","permission":{"bash":"ask"},"provider":{"local":{"npm":"@ai-sdk/openai-compatible","name":"local","options":{"baseURL":"http://127.0.0.1:$1/v1","apiKey":"k"},"models":{"m":{"name":"m"}}}}}
	END
}
# model PORT ARGUMENTS - a model server inside; its arguments go by file, because they hold quotes
model() {
	occ exec -- sh -c 'cat >/tmp/llm' <"$top/tests/e2e/llm/server"
	printf '%s\n' "$2" | occ exec -- sh -c "cat >/tmp/arguments-$1"
	# shellcheck disable=SC2016 # expands in the container
	occ exec -- sh -c 'LLM_KEY=k setsid sh -c "exec python3 /tmp/llm --port $1 $(cat /tmp/arguments-$1)" >/tmp/llm-$1.log 2>&1 &' sh "$1"
	until_true 20 occ exec -- grep -q listening "/tmp/llm-$1.log"
	row $? "a model on port $1"
}
# prompt TEXT - a session of its own; its id in $session
prompt() {
	session=$(ask "/session?directory=$workspace" "${auth[@]}" -X POST -H 'Content-Type: application/json' -d '{}' | jq -r .id)
	ask "/session/$session/prompt_async?directory=$workspace" "${auth[@]}" -X POST -H 'Content-Type: application/json' \
		-d "{\"parts\":[{\"type\":\"text\",\"text\":\"$1\"}]}" >/dev/null
}
# follow - the driver in the background, heard in $heard
follow() {
	heard=$work/heard
	: >"$heard"
	OCC_TEST_PASSWORD=$(occ password show) "$drivers/activity" 127.0.0.1 "${url##*:}" opencode 600 >>"$heard" &
	driver=$!
	until_true 20 grep -q '^heartbeat' "$heard"
	row $? "the stream opens, and begins with a sign of life" "$(cat "$heard")"
}
hears() { until_true 60 grep -qE "$2" "$heard"; row $? "$1" "$(grep -v heartbeat "$heard")"; }
order() { grep -oE '^(busy|idle|finished|question|permission)' "$heard" | tr '\n' ' '; }
# reply KIND BODY - to what is asked first
reply() {
	local id
	id=$(ask "/$1?directory=$workspace" "${auth[@]}" | jq -r '.[0].id')
	ask "/$1/$id/reply?directory=$workspace" "${auth[@]}" -X POST -H 'Content-Type: application/json' -d "$2" >/dev/null
}
restart_with() {
	configure "$1"
	runs "restart to read it" occ restart --now
	hears "the stream's end is told" '^lost'
	: >"$heard"
	model "$1" "$2"
	until_true 20 grep -q '^heartbeat' "$heard"
	row $? "and it is found again" "$(cat "$heard")"
}

runs "base" occ config set image.base "$e2e_base"
runs "start" occ start
mapfile -t auth < <(with_password)
url=$(occ status --json | jq -r .url)
follow

restart_with 8811 "--text 'the answer is 42'"
prompt "what is it?"
hears "a turn ends" "^finished\|$session\|$workspace\|"
is "busy, idle, finished, in this order and once" "$(order)" "busy idle finished "

restart_with 8812 "--text 'all done' --tool 'question={\"questions\":[{\"question\":\"Which colour?\",\"header\":\"Colour\",\"options\":[{\"label\":\"Red\",\"description\":\"r\"}]}]}'"
prompt "ask me"
hears "a question" "^question\|$session\|$workspace\|.*\|Which colour\?$"
reply question '{"answers":[["Red"]]}'
hears "answered, the turn ends" "^finished\|$session"
is "the question in between" "$(order)" "busy question idle finished "

restart_with 8813 "--text 'all done' --tool 'bash={\"command\":\"ls /\",\"description\":\"List\"}'"
prompt "look around"
hears "a permission" "^permission\|$session\|$workspace\|.*\|bash: ls /$"
reply permission '{"reply":"once"}'
hears "given, the turn ends" "^finished\|$session"
is "the permission in between" "$(order)" "busy permission idle finished "

occ stop --remove --now >/dev/null 2>&1
e2e_cleanup
e2e_done
