#!/usr/bin/env bash
# edge_slow - 2,000 slow clients (slowhttptest: heads, reading; our own: bodies) on the edge's worker: what a normal request takes meanwhile, when the slow ones are gone, and memory.
# Fails when a bar is missed.
. "$(dirname "$0")/edge/prepare.bash"
need nginx=nginx-light slowhttptest=slowhttptest python3=python3
bench slow.py
