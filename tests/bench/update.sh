#!/usr/bin/env bash
# update - how long opencode is away while its version changes, with 200 MB of its data, beside a stop and a start of the same container by hand; and what of that is seen through the
# edge. BENCH_UPDATES of each (3).
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/../e2e/rig/docker20" up)" || exit 1
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/../e2e/image.sh"
. "$here/../e2e/lib.sh"
name=opencode-cloud-e2e old=1.18.32 failed=0 times=${BENCH_UPDATES:-3}

line() { printf '%-52s %14s %16s %8s   %s\n' "$@"; }
# gap COMMAND... - "MS GOOD BAD" of questions at $asked meanwhile
gap() {
	local watcher
	rm -f "$work/enough"
	printf 'opencode:%s\n' "$password" | python3 "$here/gap.py" "$asked" "$work/enough" >"$work/gap" &
	watcher=$!
	"$@" >"$work/done" 2>&1 || { cat "$work/done" >&2; failed=1; }
	touch "$work/enough"
	wait "$watcher"
	cat "$work/gap"
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
version() { occ status --json | jq -r .opencode; }
other() { if [ "$(version)" = "$old" ]; then echo "$new"; else echo "$old"; fi; }
by_hand() { docker stop "$name" && docker start "$name" && until_true 60 occ status -q; }
update() { local to; to=$(other) && occ update "$to" --yes --now && [ "$(version)" = "$to" ]; }
serves() { [ "$(curl -q -ksS -o /dev/null -w '%{http_code}' -m 5 "$asked/healthz" 2>/dev/null)" = 200 ]; }

e2e_image >/dev/null 2>&1 || exit 1
e2e_init bench-update
e2e_cleanup
new=${e2e_ref##*:}
while read -r key value; do
	occ config set "$key" "$value" >/dev/null
done <<END
image.base $e2e_base
server.port 3229
update.watch_seconds 0
END
occ start >/dev/null 2>&1 || exit 1
password=$(occ password show)
# shellcheck disable=SC2016
occ exec -- sh -c 'cd ~/.local/share/opencode && mkdir mine && for n in $(seq 100); do head -c 1000000 /dev/urandom >mine/large$n; done && for n in $(seq 10000); do head -c 10000 /dev/urandom >mine/small$n; done' >/dev/null
occ update "$old" --yes >/dev/null 2>&1		# builds it
asked=http://127.0.0.1:3229
line figure ours "by hand" ratio verdict
export GAP_PATIENCE_S=1
hand=$(for _ in $(seq "$times"); do gap by_hand; done | median)
ours=$(for _ in $(seq "$times"); do gap update; done | median)
if [ "$ours" -le $((3 * hand)) ]; then verdict="PASS bar 3"; else verdict="FAIL bar 3" failed=1; fi
line "update, 200 MB of data: ms without opencode" "$ours" "$hand" "$(awk -v a="$ours" -v b="$hand" 'BEGIN { printf "%.2f", a / b }')" "$verdict"

# ---- through the edge ----
unset GAP_PATIENCE_S
occ config set edge.mode self-signed >/dev/null
occ config set edge.port 8449 >/dev/null
occ start --now >/dev/null 2>&1
occ watchdog >"$work/watchdog.log" 2>&1 &
keeper=$!
asked=https://127.0.0.1:8449
until_true 60 serves
read -r ms good bad < <(gap update)
if [ "$bad" = 0 ] && [ "$good" -gt 0 ]; then verdict="PASS bar 0"; else verdict="FAIL bar 0" failed=1; fi
line "update through the edge: questions that failed" "$bad of $((good + bad))" "" "" "$verdict; the longest waited $ms ms"
kill "$keeper"
wait "$keeper" 2>/dev/null
occ stop --remove --now >/dev/null 2>&1
e2e_cleanup
docker rmi "$name:$old" >/dev/null 2>&1
exit "$failed"
