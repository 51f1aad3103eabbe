#!/usr/bin/env bash
# The edge's keeper and its workers for real, in front of a small server: a hold while one worker takes over from another.
. "$(dirname "$0")/edge/start.bash"
start keeper
