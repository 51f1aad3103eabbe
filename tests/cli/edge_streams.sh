#!/usr/bin/env bash
# The edge's worker for real, in front of a small server: event streams and websockets.
. "$(dirname "$0")/edge/start.bash"
start streams
