# prepare.bash - sourced by the benches of the edge's worker: what they need is installed (PROGRAM=PACKAGE...) and built, and then bench FILE runs FILE of this directory
# shellcheck shell=bash
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
export PATH=$PATH:/usr/sbin OCC=$top/build/opencode-cloud EDGE_RIG=$top/build/release/tests/e2e/driver/edge_rig PYTHONDONTWRITEBYTECODE=1

need() {
	local pair missing=()
	for pair in "$@"; do
		command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
	done
	[ ${#missing[@]} = 0 ] || { echo "installing ${missing[*]}" && "$top/scripts/apt-install" "${missing[@]}"; } || exit 1
}

bench() {
	make -s -C "$top" all driver-bins || exit 1
	ulimit -n 20000
	exec python3 "$top/tests/bench/edge/$1"
}
