#!/usr/bin/env bash
# logs - all, the last, from and to a time, following, errors apart, a reader that goes away
# shellcheck disable=SC2016 # what is quoted expands in the container
. "$(dirname "$0")/lib.sh"

mark=mark-$RANDOM$RANDOM
# The server's own descriptors: what is written there is the container's log.
log() { occ exec -n -- sh -c "$1" sh "$mark"; }
log 'for i in 1 2 3; do echo "$1 $i" >/proc/1/fd/1; done; echo "$1 err" >/proc/1/fd/2'
has() { occ logs 2>&1 | grep -q "$1"; }
until_true 20 has "$mark err"
runs "logs" occ logs
like "has what was printed" "$out" "$mark 3"
is "the last lines" "$(occ logs -n 4 2>&1 | grep -c "$mark")" 4
is "none" "$(occ logs -n 0 2>&1)" ""
is "standard output alone" "$(occ logs -n 4 2>/dev/null)" "$mark 1
$mark 2
$mark 3"
is "standard error alone" "$(occ logs -n 4 2>&1 >/dev/null)" "$mark err"
like "timestamps" "$(occ logs -t -n 1 2>&1)" "^20[0-9-]+T[0-9:.]+Z $mark"
is "from the future on" "$(occ logs --since 2099-01-01 2>&1)" ""
is "until the past" "$(occ logs --until 2001-01-01 2>&1)" ""
like "the last minute" "$(occ logs --since 10m 2>&1)" "$mark 3"
exits "a time that is none" 2 occ logs --since tomorrow
exits "a number that is none" 2 occ logs -n many

# shellcheck disable=SC2086 # words; not the function, whose shell would get the signal
"$OCC" ${OCC_ARGS:-} logs -f -n 0 >"$tmp/follow" 2>&1 &
follower=$!
seen() { grep -q "$mark $1" "$tmp/follow"; }
again() { log "echo \"\$1 $1\" >/proc/1/fd/1"; seen "$1"; }
until_true 20 again follow
row $? "following shows what comes" "$(cat "$tmp/follow")"
kill -TERM "$follower"
wait "$follower"
is "following ends at a signal" $? 130
unlike "without a word" "$(cat "$tmp/follow")" opencode-cloud

# A reader that goes away, a reader that is slow, memory
log 'seq -f "%07.0f abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz abcdefghijklm" 40000 >/proc/1/fd/1; echo "$1 last" >/proc/1/fd/1'
until_true 60 has "$mark last"
set -o pipefail
occ logs 2>"$tmp/err" | head -n 1 >/dev/null
is "a reader that goes away is no failure" $? 0
unlike "and nothing is said about it" "$(cat "$tmp/err")" "^[a-z-]+: "
# Podman 4.3 itself breaks a line now and then: what counts is what the engine sends, taken apart by another hand.
raw() {
	curl -q -sS --noproxy '*' --unix-socket "${E2E_SOCKET:-/var/run/docker.sock}" \
		"http://engine/containers/$(occ status --json | jq -r .container)/logs?stdout=1&stderr=1&tail=30000" | python3 "$here/demux.py" "$1"
}
is "byte for byte what the engine sends" "$(occ logs -n 30000 2>/dev/null | sha256sum)" "$(raw 1 | sha256sum)"
is "errors, too" "$(occ logs -n 30000 2>&1 >/dev/null | sha256sum)" "$(raw 2 | sha256sum)"
is "and it is much" "$(($(raw 1 | wc -c) > 2000000))" 1
e2e_done
