#!/usr/bin/env bash
# edge_slow - 2,000 slow clients (slowhttptest: heads, reading; our own: bodies) on the edge's worker: what a normal request takes meanwhile, when the slow ones are gone, and memory.
# Fails when a bar is missed.
top=$(cd "$(dirname "$0")/../.." && pwd)
missing=()
for pair in nginx=nginx-light slowhttptest=slowhttptest python3=python3; do
	[ -x "$(PATH=$PATH:/usr/sbin command -v "${pair%%=*}")" ] || missing+=("${pair#*=}")
done
if [ ${#missing[@]} -gt 0 ]; then
	echo "edge_slow: installing ${missing[*]}"
	"$top/scripts/apt-install" "${missing[@]}" || exit 1
fi
make -s -C "$top" all driver-bins || exit 1
export OCC=$top/build/opencode-cloud EDGE_RIG=$top/build/release/tests/e2e/driver/edge_rig PATH=$PATH:/usr/sbin PYTHONDONTWRITEBYTECODE=1
ulimit -n 20000
exec python3 "$top/tests/bench/edge/slow.py"
