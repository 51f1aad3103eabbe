#!/usr/bin/env bash
# The edge's worker for real: what the agent has built, on names of its own, behind the login.
. "$(dirname "$0")/edge/start.bash"
start preview
