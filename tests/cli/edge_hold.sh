#!/usr/bin/env bash
# The edge's worker for real, in front of a small server: restarts of what is behind it, drain, end.
. "$(dirname "$0")/edge/start.bash"
start hold
