#!/usr/bin/env bash
# 62-watchdog-writes - kill -9 of the watchdog before each of its writes in turn, and of its worker: the next start reads a valid state. OCC_LONG: 200 points.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST
e2e_image || exit 1
export E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
e2e_init watchdog-writes
name=opencode-cloud-e2e
state=$HOME/.local/state/opencode-cloud/instances/e2e
rounds=${OCC_LONG:+200}
rounds=${rounds:-20}
writes=pwrite64,write,fsync,rename,ftruncate

# What is hit, in turn: a file ("" is any), whose calls (-f: the worker's, too), which calls, how many there are in a round
points=('||pwrite64,fsync,rename|4'
	"$state/incidents|-f|pwrite64,fsync|2" "$state/ladder|-f|pwrite64,fsync|4" "$state/lock|-f|pwrite64,ftruncate|3"
	"||$writes|14")

records() { python3 "$here/watchdog/records.py" "$state/$1" 2>&1; }
number_of() { records "$1" | cut -d' ' -f2; }
failures() { records ladder | cut -d' ' -f3- | jq -c '.failed_ms // []'; }
is_alive() { kill -0 "$1" 2>/dev/null; }
# life POINT N - a watchdog that dies before its N-th such call; the container's init is killed once it supervises. True when it died of that.
life() {
	local file follow calls due=$((SECONDS + 5)) pid has_hit=0
	IFS='|' read -r file follow calls _ <<<"$1"
	: >"$work/log"
	: >"$work/trace"
	# shellcheck disable=SC2086 # an option or none
	setsid strace $follow -qq -o "$work/trace" ${file:+-P "$file"} -e trace="$calls" -e inject="$calls:signal=KILL:when=$2" \
		"$occ_binary" --instance e2e watchdog >"$work/log" 2>&1 </dev/null &
	pid=$!
	until ! is_alive $pid || grep -qs 'killed by SIGKILL' "$work/trace" || [ $SECONDS -ge $due ]; do
		if [ $has_hit = 0 ] && grep -qE -- '-> (starting|up)' "$work/log"; then
			kill -9 "$(inspect $name .State.Pid)" && has_hit=1
		fi
		moment 0.02
	done
	kill -9 -- -$pid $pid 2>/dev/null
	wait $pid 2>/dev/null
	grep -qs 'killed by SIGKILL' "$work/trace"
}
# check_state NUMBER - whatever was cut, all of it can be read, and nothing that was there before is gone
check_state() {
	local why=
	records ladder >/dev/null || why="ladder: $(records ladder)"
	records incidents >/dev/null || why+=" incidents: $(records incidents | cut -c1-300)"
	jq -e .desired "$state/state.json" >/dev/null || why+=" state.json"
	occ incidents --json 2>&1 | jq -e '.incidents|type == "array"' >/dev/null || why+=" occ incidents: $(occ incidents --json 2>&1)"
	[ -z "$1" ] || [ "$(number_of incidents)" -ge "$1" ] || why+=" an incident is lost"
	row "$([ -z "$why" ]; echo $?)" "$2" "$why"
}

label() { local file calls; IFS='|' read -r file _ calls _ <<<"$1"; echo "$calls${file:+ on ${file##*/}}"; }

trap 'e2e_cleanup' EXIT
e2e_cleanup
runs "base" occ config set image.base "$e2e_base"
runs "port" occ config set server.port 3262
runs "no pauses" occ config set watchdog.first_delay_seconds 0
runs "nor long ones" occ config set watchdog.max_delay_seconds 1
runs "many failures are allowed" occ config set watchdog.budget 32
runs "start" occ start
hits=0
for ((i = 0; i < rounds; i++)); do
	point=${points[i % ${#points[@]}]}
	n=$((i / ${#points[@]} % ${point##*|} + 1))
	# Anew now and then: the files are made as well.
	[ $((i % 15)) != 14 ] || rm -f "$state/ladder" "$state/incidents"
	before=$([ -f "$state/incidents" ] && number_of incidents)
	had=$([ -f "$state/ladder" ] && failures)
	if life "$point" "$n"; then hits=$((hits + 1)); fi
	# Unless it died before they were made
	if [ ! -f "$state/ladder" ] || [ ! -f "$state/incidents" ]; then continue; fi
	check_state "$before" "point $i: before call $n of $(label "$point")"
	now=$(failures)
	[ -z "$had" ] || is "point $i: failures before it are remembered" "$(jq -cn "$had - $now")" '[]'
done
printf '# %d of %d died at their point, the others of the kill after it\n' "$hits" "$rounds"
[ $((hits * 2)) -ge "$rounds" ]
row $? "most points are met" "$hits of $rounds"

occ watchdog >"$work/log" 2>&1 </dev/null &
pid=$!
is_up() { [ "$(occ status --json 2>/dev/null | jq -r .watchdog.state)" = up ]; }
until_true 60 is_up
row $? "after all of it a watchdog brings it up" "$(tail "$work/log")"
is "one container" "$(containers_of)" 1
kill $pid && wait $pid
runs "end" occ stop --remove --now
e2e_done
