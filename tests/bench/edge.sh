#!/usr/bin/env bash
# edge - the edge's worker beside nginx, HAProxy and Caddy, one worker each, interleaved in one run: latency, requests a second, bytes, streams, handshakes, memory, and what
# 5,000 silent event streams cost. Fails when a bar is missed.
top=$(cd "$(dirname "$0")/../.." && pwd)
missing=()
for pair in nginx=nginx-light haproxy=haproxy caddy=caddy wrk=wrk openssl=openssl python3=python3; do
	[ -x "$(PATH=$PATH:/usr/sbin command -v "${pair%%=*}")" ] || missing+=("${pair#*=}")
done
if [ ${#missing[@]} -gt 0 ]; then
	echo "edge: installing ${missing[*]}"
	"$top/scripts/apt-install" "${missing[@]}" || exit 1
fi
make -s -C "$top" all driver-bins || exit 1
export OCC=$top/build/opencode-cloud EDGE_RIG=$top/build/release/tests/e2e/driver/edge_rig PATH=$PATH:/usr/sbin PYTHONDONTWRITEBYTECODE=1
ulimit -n 20000
exec python3 "$top/tests/bench/edge/run.py"
