#!/usr/bin/env bash
# The edge's worker for real, in front of a small server: what its access log says of streams and websockets that have ended.
. "$(dirname "$0")/edge/start.bash"
start log
