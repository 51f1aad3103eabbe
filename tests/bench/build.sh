#!/usr/bin/env bash
# build - how long a clean clone takes to its binary with the sources cached, and one touched file.
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/occ-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
git clone -q "$top" "$dir/clone" && cd "$dir/clone" || exit 1
unset MAKEFLAGS MAKELEVEL
TIMEFORMAT=%R
printf '%-44s %10s s   bar 120\n' "clean clone to binary, sources cached" "$( { time make >"$dir/log" 2>&1; } 2>&1)"
touch lib/deploy/plan.c
printf '%-44s %10s s   bar 3\n' "one file touched" "$( { time make >"$dir/log" 2>&1; } 2>&1)"
[ -x build/opencode-cloud ]
