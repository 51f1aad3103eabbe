#!/usr/bin/env bash
# numbers - the figures of the program beside its peers, in the same run on the same engine. Prints a table; judges nothing.
#
# Needs the main engine and the docker command. Works in an instance and a home of its own, like the end-to-end tests.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/../e2e/rig/docker20" up)" || exit 1
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/../e2e/image.sh"
. "$here/../e2e/lib.sh"
timed=${T_BENCH:-$top/build/release/tests/bench}/timed

line() { printf '%-44s %14s %14s %10s   %s\n' "$@"; }
# cost RUNS COMMAND... - sets min, median, max (ms) and peak (KiB)
cost() { read -r _ median _ peak < <("$timed" "$@"); }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", b ? a / b : 0 }'; }
below() { awk -v a="$1" -v b="$2" 'BEGIN { print a <= b ? "holds" : "MISSED" }'; }

size() {
	local ours theirs
	ours=$(stat -c %s "$occ_binary") theirs=$(stat -Lc %s "$(command -v docker)")
	line "bytes of the program" "$ours" "docker $theirs" "$(ratio "$ours" "$theirs")" "bar 1363148: $(below "$ours" 1363148)"
}

version() {
	local ours
	cost 200 "$occ_binary" --version
	ours=$median
	line "occ --version, peak KiB" "$peak" "" "" "bar 2048: $(below "$peak" 2048)"
	cost 50 docker --version
	line "occ --version, ms (median)" "$ours" "docker $median" "$(ratio "$ours" "$median")" "bar 1.5: $(below "$ours" 1.5)"
}

# One health answer of opencode on a new connection, median of 30
health_ms() {
	for _ in {1..30}; do
		curl -q -s --noproxy '*' -o /dev/null -w '%{time_total}\n' "${auth[@]}" "$url/global/health"
	done | sort -n | sed -n 15p | awk '{ printf "%.3f", $1 * 1000 }'
}

status() {
	local ours health bar
	cost 50 "$occ_binary" --instance e2e status
	ours=$median health=$(health_ms)
	cost 30 docker inspect opencode-cloud-e2e
	bar=$(awk -v i="$median" -v h="$health" 'BEGIN { printf "%.3f", 0.25 * i + h }')
	line "occ status, ms (median)" "$ours" "inspect $median" "$(ratio "$ours" "$median")" "bar 0.25 x inspect + health $health = $bar: $(below "$ours" "$bar")"
}

is_logged() { [ "$(occ logs -n 1 | cut -c 1-20)" = 00000000000001000000 ]; }

logs() {
	local ours raw peak_ours
	occ exec -- sh -c 'seq -f "%020.0f line of a log that is as long as a usual line of a log, abcdefghij" 1 1000000 >/proc/1/fd/1'
	until_true 120 is_logged || { echo "the engine has not logged all lines"; return; }
	cost 3 "$occ_binary" --instance e2e logs
	ours=$median peak_ours=$peak
	cost 3 curl -q -sS --unix-socket "$E2E_SOCKET" -o /dev/null "http://engine/containers/opencode-cloud-e2e/logs?stdout=1&stderr=1"
	raw=$median
	cost 3 docker logs opencode-cloud-e2e
	line "occ logs, 1,000,000 lines, ms (median)" "$ours" "socket $raw" "$(ratio "$ours" "$raw")" "bar 1.05: $(below "$(ratio "$ours" "$raw")" 1.05); docker logs $median"
	line "occ logs, peak KiB" "$peak_ours" "docker $peak" "$(ratio "$peak_ours" "$peak")" "bar 4096: $(below "$peak_ours" 4096)"
}

# Wall time of a start from nothing but the image, less what the engine's creates and start and opencode took in it
start() {
	local begin end log=$work/start.log create ready
	for _ in 1 2 3; do
		occ stop --remove --now >/dev/null 2>&1
		begin=$(date +%s%3N)
		occ -v --json start >"$work/start.json" 2>"$log"
		end=$(date +%s%3N)
		create=$(awk -F', ' '/engine: POST .*create/ { sum += $NF } END { print sum + 0 }' "$log")
		ready=$(jq .ready_ms "$work/start.json")
		line "occ start, ms" "$((end - begin))" "engine+opencode $(awk -v c="${create:-0}" -v r="$ready" 'BEGIN { print c + r }')" "" \
			"ours $(awk -v t=$((end - begin)) -v c="${create:-0}" -v r="$ready" 'BEGIN { d = t - c - r; printf "%.0f, bar 150: %s", d, (d <= 150 ? "holds" : "MISSED") }')"
	done
}

printf '%-44s %14s %14s %10s\n' figure ours peer ratio
size
version
e2e_image >/dev/null 2>&1 || exit 1
e2e_init bench
e2e_cleanup
occ config set image.base "$e2e_base" >/dev/null
occ config set log.max_size 400m >/dev/null
start
url=$(occ status --json | jq -r .url)
mapfile -t auth < <(with_password)
status
logs
occ stop --remove --now >/dev/null 2>&1
e2e_cleanup
