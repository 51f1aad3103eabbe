#!/usr/bin/env bash
# numbers - the figures of the program beside its peers, in the same run on the same engine: medians, ratios, and the bar of each. Fails when
# one is missed.
#
# Needs the main engine and the docker command. Works in an instance and a home of its own, like the end-to-end tests.
. "$(dirname "$0")/bench.bash"

size() {
	local ours theirs
	ours=$(stat -c %s "$occ_binary") theirs=$(stat -Lc %s "$(command -v docker)")
	bar "$ours" 1677721
	line "bytes of the program" "$ours" "docker $theirs" "$(ratio_of "$ours" "$theirs")" "$verdict"
}

version() {
	pair 200 "$occ_binary" --version --- docker --version
	bar "$peak" 2048
	line "occ --version, peak KiB" "$peak" "docker $other_peak" "$(ratio_of "$peak" "$other_peak")" "$verdict"
	bar "$median" 1.5
	line "occ --version, ms" "$median" "docker $other_median" "$ratio" "$verdict"
}

# One health answer of opencode on a new connection, median of 31
health_ms() {
	for _ in {1..31}; do
		curl -q -s --noproxy '*' -o /dev/null -w '%{time_total}\n' "${auth[@]}" "$url/global/health"
	done | sort -n | sed -n 16p | awk '{ printf "%.3f", $1 * 1000 }'
}

status() {
	local health
	pair 51 "$occ_binary" --instance e2e status --- docker inspect opencode-cloud-e2e
	health=$(health_ms)
	bar "$median" "$(awk -v i="$other_median" -v h="$health" 'BEGIN { printf "%.3f", 0.25 * i + h }')" "= 0.25 x inspect + health $health"
	line "occ status, ms" "$median" "inspect $other_median" "$ratio" "$verdict"
}

is_logged() { [ "$(occ logs -n 1 | cut -c 1-20)" = 00000000000001000000 ]; }

# Pairs, because the engine's own pace changes from one minute to the next by more than the bar allows
logs() {
	occ exec -- sh -c 'seq -f "%020.0f line of a log that is as long as a usual line of a log, abcdefghij" 1 1000000 >/proc/1/fd/1'
	until_true 120 is_logged || { echo "the engine has not logged all lines"; failed=1; return; }
	pair "${BENCH_PAIRS:-7}" "$occ_binary" --instance e2e logs --- \
		"$bench/raw" "$E2E_SOCKET" "/containers/opencode-cloud-e2e/logs?stdout=1&stderr=1"
	bar "$ratio" 1.05
	line "occ logs, 1,000,000 lines, ms" "$median" "socket $other_median" "$ratio" "$verdict"
	local own_peak=$peak
	bar "$own_peak" 4096
	cost 1 docker logs opencode-cloud-e2e
	line "occ logs, peak KiB" "$own_peak" "docker $peak" "$(ratio_of "$own_peak" "$peak")" "$verdict; docker logs $median ms"
}

# Wall time of a start from nothing but the image, and of that what the engine's creates and start and opencode took
start_once() {
	local begin end log=$work/start.log create ready
	occ stop --remove --now >/dev/null 2>&1
	begin=$(date +%s%3N)
	occ -v --json start >"$work/start.json" 2>"$log" || return
	end=$(date +%s%3N)
	create=$(awk -F', ' '/engine: POST .*create/ { sum += $NF } END { print sum + 0 }' "$log")
	ready=$(jq .ready_ms "$work/start.json")
	awk -v t=$((end - begin)) -v o="${create:-0}" -v r="$ready" 'BEGIN { printf "%.0f %.0f %.0f\n", t - o - r, t, o + r }'
}

start() {
	local ours total theirs
	read -r ours total theirs < <(for _ in 1 2 3; do start_once; done | sort -n | sed -n 2p)
	bar "$ours" 150 "for what is ours: $ours"
	line "occ start, ms" "$total" "parts $theirs" "$(ratio_of "$total" "$theirs")" "$verdict"
}

line figure ours peer ratio verdict
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
exit "$failed"
