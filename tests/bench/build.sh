#!/usr/bin/env bash
# build - how long a clean clone takes to its binary with the sources cached, and one touched file.
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d "${TMPDIR:-/tmp}/occ-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT
git clone -q "$top" "$dir/clone" && cd "$dir/clone" || exit 1
unset MAKEFLAGS MAKELEVEL
TIMEFORMAT=%R
failed=0

# within SECONDS NAME - one make, and whether it took no longer
within() {
	local took verdict=PASS
	took=$( { time make >"$dir/log" 2>&1; } 2>&1)
	awk -v a="$took" -v b="$1" 'BEGIN { exit !(a <= b) }' || { verdict=FAIL failed=1; }
	printf '%-44s %10s s   %s bar %s\n' "$2" "$took" "$verdict" "$1"
}

within 120 "clean clone to binary, sources cached"
touch lib/deploy/plan.c
within 3 "one file touched"
[ -x build/opencode-cloud ] && exit "$failed"
