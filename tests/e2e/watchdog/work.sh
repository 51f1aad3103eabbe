# work.sh - sourced by 61-watchdog-systemd.sh: a real agent turn is not cut by a restart that can wait.
# shellcheck shell=bash disable=SC2154,SC2016,SC2086,SC2034 # words without blanks

configure_model() {
	printf '%s' '{"model":"local/m","small_model":"local/m","provider":{"local":{"npm":"@ai-sdk/openai-compatible","name":"local",' \
		'"options":{"baseURL":"http://127.0.0.1:8815/v1","apiKey":"k"},"models":{"m":{"name":"m"}}}}}' |
		inside docker exec -i $name sh -c 'mkdir -p ~/.config/opencode && cat >~/.config/opencode/opencode.json'
}
model() {
	inside docker exec -i $name sh -c 'cat >/tmp/llm' <"$top/tests/e2e/llm/server"
	runs "a model that takes its time" inside docker exec $name sh -c 'LLM_KEY=k setsid python3 /tmp/llm --port 8815 --text "all of the answer" \
		--stall /tmp/go >/tmp/llm.log 2>&1 & until grep -q listening /tmp/llm.log; do sleep 0.1; done'
}
plans() { [ "$(wd planned)" = memory-threshold ]; }
works() { wd 'busy[]' | grep -q "$1"; }
said() { ask "/session/$1/message?directory=$workspace" "${auth[@]}" </dev/null | jq -r '.[]|select(.info.role=="assistant")|.parts[]|select(.type=="text").text'; }

planned_restart() {
	local id since before
	configure_model
	# A turn of the agent may need more than the limit that was to be exceeded before
	runs "memory as usual" sys config set container.memory 2g
	runs "restart to read the model" sys restart --now
	until_true 60 is_up
	model
	id=$(session)
	ask "/session/$id/prompt_async?directory=$workspace" "${auth[@]}" -X POST -H 'Content-Type: application/json' \
		-d '{"parts":[{"type":"text","text":"take your time"}]}' </dev/null >/dev/null
	until_true 40 works "$id"
	row $? "the watchdog sees who works" "$(told)"
	manager restart $unit
	until_true 40 works "$id"
	row $? "one that begins later learns who works" "$(told)"
	since=$(started) before=$(wd last_incident)
	runs "a low threshold of memory" sys config set watchdog.memory_percent 5
	until_true 40 plans
	row $? "plans a restart" "$(told)"
	works "$id"
	row $? "while the session is busy"
	is "which waits" "$(started)" "$since"
	inside docker exec $name touch /tmp/go </dev/null
	until_true 40 began_again "$since"
	row $? "until it is idle" "$(told)"
	until_true 60 another_life "$since"
	row $? "and it is healthy again" "$(told)"
	since=$(started)
	for _ in 1 2 3 4 5; do sys status </dev/null; done >/dev/null
	is "still above it, it is left alone for a while" "$(started) $(wd planned)" "$since "
	runs "threshold as before" sys config set watchdog.memory_percent 0
	incident_row "a planned restart" "$before" memory-threshold
	is "which cut nothing" "$(last_incident | jq -c .busy)" '[]'
	is "the turn came to its end" "$(said "$id")" "all of the answer"
	alone "a planned restart"
}
began_again() { [ "$(started)" != "$1" ]; }
