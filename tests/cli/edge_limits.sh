#!/usr/bin/env bash
# The edge's worker for real, in front of a small server: slow and many, deadlines, login.
. "$(dirname "$0")/edge/start.bash"
start limits
