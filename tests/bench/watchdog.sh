#!/usr/bin/env bash
# watchdog - what the supervisor costs at rest, and how fast it brings opencode back, beside the engine's own restart policy on the same container.
#
# BENCH_KILLS kills each (21 by default), BENCH_REST seconds at rest (60).
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/../e2e/rig/docker20" up)" || exit 1
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/../e2e/image.sh"
. "$here/../e2e/lib.sh"
name=opencode-cloud-e2e kills=${BENCH_KILLS:-21} rest=${BENCH_REST:-60}
failed=0 wd_pid=

line() { printf '%-52s %14s %16s   %s\n' "$@"; }
bar() {
	if awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 == a && a <= b) }'; then verdict="PASS bar $2"; else verdict="FAIL bar $2" failed=1; fi
}
# nth P - the value at that percentage of the sorted input
nth() { sort -n | awk -v p="$1" '{ v[NR] = $1 } END { i = int((NR * p + 99) / 100); print v[i < 1 ? 1 : i] }'; }
life() { inspect "$name" .State.StartedAt; }
is_other_life() { [ "$(life)" != "$1" ] && [ "$(inspect "$name" .State.Running)" = true ]; }
healthy() { occ status -q; }
# event_ms ACTION SINCE_NS - when the engine tells it first, in ms after that moment
event_ms() {
	local now
	now=$(($(date +%s) + 1))
	engine "/events?since=$(($2 / 1000000000))&until=$now&filters=%7B%22container%22%3A%5B%22$name%22%5D%2C%22event%22%3A%5B%22$1%22%5D%7D" |
		jq -s --argjson t "$2" '[.[].timeNano | select(. > $t)][0] / 1e6 - $t / 1e6'
}
# The engine's pause doubles unless a container has run for 10 s
is_old() { [ $(($(date +%s) - $(date -d "$(life)" +%s))) -gt 11 ]; }
# kill_once - kills opencode; "KILL-TO-RUNNING DIE-TO-START KILL-TO-SEEN" in ms
kill_once() {
	local before at seen=0 start die
	until_true 60 healthy && until_true 60 is_old
	before=$(life)
	at=$(date +%s%N)
	kill -9 "$(pgrep -P "$(inspect "$name" .State.Pid)" | head -n 1)"
	until_true 60 is_other_life "$before" || return
	start=$(event_ms start "$at") die=$(event_ms die "$at")
	[ -z "$wd_pid" ] || seen=$(awk -v t="$at" '$1 > t && /ended, / { printf "%.1f", ($1 - t) / 1e6; exit }' "$work/stamped")
	awk -v s="$start" -v d="$die" -v n="${seen:-0}" 'BEGIN { printf "%.1f %.1f %.1f\n", s, s - d, n - d }'
}
watchdog_up() {
	# each line with the moment it was read
	occ watchdog 2>&1 </dev/null | python3 -uc 'import sys, time
for line in sys.stdin: print(time.time_ns(), line, end="", flush=True)' >"$work/stamped" &
	until_true 20 grep -q 'starting -> up' "$work/stamped"
	wd_pid=$(occ status --json | jq .watchdog.pid)
}

at_rest() {
	local private before after began
	until_true 60 healthy
	private=$(awk '/^Private_/ { n += $2 } END { print n }' "/proc/$wd_pid/smaps_rollup")
	bar "$private" 1536
	line "at rest, private KiB" "$private" "" "$verdict"
	began=$SECONDS before=$(cut -d ' ' -f 1 "/proc/$wd_pid/schedstat")
	until [ $((SECONDS - began)) -ge "$rest" ]; do moment 1; done
	after=$(cut -d ' ' -f 1 "/proc/$wd_pid/schedstat")
	share=$(awk -v a="$before" -v b="$after" -v s="$((SECONDS - began))" 'BEGIN { printf "%.4f", (b - a) / 1e7 / s }')
	bar "$share" 0.05
	line "at rest, percent of a core" "$share" "" "$verdict"
}

e2e_image >/dev/null 2>&1 || exit 1
e2e_init bench-watchdog
e2e_cleanup
occ config set image.base "$e2e_base" >/dev/null
occ config set watchdog.first_delay_seconds 0 >/dev/null
occ config set watchdog.budget 32 >/dev/null
occ config set watchdog.reset_seconds 10 >/dev/null
occ start >/dev/null 2>&1 || exit 1
line figure ours engine verdict
for ((i = 0; i < kills; i++)); do kill_once; done >"$work/engine"
for ((i = 0; i < kills; i++)); do
	# every kill the first of its ladder
	[ -n "$wd_pid" ] || watchdog_up
	kill_once
	kill -HUP "$wd_pid"
done >"$work/ours"
engine_ms=$(cut -d ' ' -f 1 "$work/engine" | nth 50) ours_ms=$(cut -d ' ' -f 1 "$work/ours" | nth 50)
ratio=$(awk -v a="$ours_ms" -v b="$engine_ms" 'BEGIN { printf "%.3f", b ? a / b : 0 }')
bar "$ratio" 1.2
line "kill -9 to running again, median ms" "$ours_ms" "$engine_ms" "ratio $ratio, $verdict"
seen=$(cut -d ' ' -f 3 "$work/ours" | nth 99)
bar "$seen" 100
line "the engine's word to ours, p99 ms" "$seen" "" "$verdict"
at_rest
kill "$wd_pid"
occ stop --remove --now >/dev/null 2>&1
e2e_cleanup
exit "$failed"
