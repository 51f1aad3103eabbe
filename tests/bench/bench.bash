# bench.bash - sourced by benches: the main engine, the shared image, and a line for each figure beside its peer's.
# shellcheck shell=bash disable=SC2034 # for those who source this

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
eval "$("$here/../e2e/rig/docker20" up)" || exit 1
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/../e2e/image.sh"
. "$here/../e2e/lib.sh"
bench=${T_BENCH:-$top/build/release/tests/bench}
failed=0

line() { printf '%-44s %14s %14s %10s   %s\n' "$@"; }
# cost RUNS COMMAND... - sets median (ms) and peak (KiB)
cost() { read -r _ median _ peak < <("$bench/timed" "$@"); }
# pair RUNS COMMAND... --- COMMAND... - alternating runs: sets median and peak of the first, other_median and other_peak of the second, and
# ratio, the median of the pairs' own
pair() {
	local out
	out=$("$bench/timed" "$@")
	{ read -r _ median _ peak; read -r _ other_median _ other_peak; read -r ratio; } <<<"$out"
}
ratio_of() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", b ? a / b : 0 }'; }
# bar VALUE LIMIT [WORDS] - sets verdict
bar() {
	if awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 == a && a <= b) }'; then
		verdict="PASS bar $2${3:+ $3}"
	else
		verdict="FAIL bar $2${3:+ $3}"
		failed=1
	fi
}
