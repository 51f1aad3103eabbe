#!/usr/bin/env bash
# edge - the edge's worker beside nginx, HAProxy and Caddy, one worker each, interleaved in one run: latency, requests a second, bytes, streams, handshakes, memory, and what
# 5,000 silent event streams cost. Fails when a bar is missed.
. "$(dirname "$0")/edge/prepare.bash"
need nginx=nginx-light haproxy=haproxy caddy=caddy wrk=wrk openssl=openssl python3=python3
bench run.py
