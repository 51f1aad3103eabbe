#!/usr/bin/env bash
# The edge's worker for real, in front of a small server: requests, bodies, framing, its own answers.
. "$(dirname "$0")/edge/start.bash"
start http
