#!/usr/bin/env bash
# mount - a directory is tried as the agent before it is saved; the configuration is left as it was
# shellcheck disable=SC2086,SC2016 # OCC_ARGS is words; a child expands what is quoted
. "$(dirname "$0")/lib.sh"

# Where the engine's host is not this machine, its directories are not ours to make: /var/tmp is there on both.
remote=$(occ config get engine.location)
case ${OCC_ENGINE_LOCATION:-$remote}${DOCKER_HOST:-} in remote*|*ssh://*) is_remote=1 ;; *) is_remote= ;; esac
config=$(occ config show --json | jq -c .)
free() { mkdir -p "$1" && chown 1000:1000 "$1"; }

if [ -z "$is_remote" ]; then
	good=$tmp/good shut=$tmp/shut
	chmod 0755 "$tmp"
	free "$good"
	mkdir -p "$shut"
	runs "a directory of the agent's" occ mount add "$good:/data"
	like "says what it costs" "$out" "recreated; data stays"
	is "it is listed" "$(occ mount list --json | jq -c '.[-1]')" "{\"host\":\"$good\",\"container\":\"/data\",\"read_only\":false}"
	like "it is listed for people" "$(occ mount list)" "$good +/data +read and write"
	runs "again changes nothing" occ mount add "$good:/data"
	exits "its place is taken" 1 occ mount add "$shut:/data"
	exits "a directory the agent cannot write to" 5 occ mount add "$shut:/bad"
	like "says why" "$out" "agent \(uid 1000\) cannot write to $shut: Permission denied"
	like "says what helps" "$out" "chown -R 1000:1000 $shut"
	is "it is not saved" "$(occ mount list --json | jq length)" 1
	is "nothing is left in it" "$(find "$shut" "$good" -mindepth 1)" ""
	runs "to read only" occ mount add "$shut:/bad:ro"
	chmod 0700 "$shut"
	exits "a directory the agent cannot read" 5 occ mount add "$shut:/bad2:ro"
	runs "untried when asked for" occ mount add --no-test "$shut:/bad3"
	: >"$tmp/file"
	chown 1000:1000 "$tmp/file"
	echo kept >"$tmp/file"
	runs "a single file" occ mount add "$tmp/file:/home/opencode/.file"
	is "keeps its contents" "$(cat "$tmp/file")" kept
	runs "a path from here" sh -c 'cd "$1" && shift && exec "$@"' sh "$tmp" "$OCC" ${OCC_ARGS:-} mount add ./good:/here
	is "is saved whole" "$(occ mount list --json | jq -r '.[-1].host')" "$good"
	exits "a directory that is not there" 1 occ mount add "$tmp/absent:/data2"
	like "says what helps" "$out" "mkdir -p $tmp/absent"
	exits "by a path that is mounted twice" 1 occ mount remove "$good"
	for path in /data /bad "$shut" /home/opencode/.file /here; do
		runs "remove $path" occ mount remove "$path"
	done
	exits "remove what is not there" 1 occ mount remove /data
fi
exits "the whole machine" 14 occ mount add /:/host
exits "our own files" 14 occ mount add ~/.config/opencode-cloud:/config
for target in / /home/opencode /home/opencode/workspace /usr /etc/opencode-cloud/x /proc/x relative; do
	exits "on $target" 2 occ mount add "/srv:$target"
done
is "the configuration is as it was" "$(occ config show --json | jq -c .)" "$config"
is "no scratch container is left" "$(engine_left)" 0
e2e_done
