#!/usr/bin/env bash
# instances - list and open
# shellcheck disable=SC2086 # OCC_ARGS is words
. "$(dirname "$0")/lib.sh"

name=$(occ status --json | jq -r .instance)
runs "list" occ list
like "list has a head" "$out" "^NAME +STATE +URL +IMAGE +SCOPE"
like "list has this instance" "$out" "^$name +(healthy|running) +http"
row_of() { occ list --json | jq -c --arg n "$name" '.instances[]|select(.instance == $n and .scope != "foreign")'; }
like "as JSON" "$(row_of)" "\"state\":\"(healthy|running)\""
is "not our own one among the foreign" "$(occ list --json | jq -r --arg n "$name" '[.instances[]|select(.instance == $n and .scope == "foreign" and .owner == null)]|length')" 0
away() { env -u DOCKER_HOST "$OCC" ${OCC_ARGS:-} --engine "unix://$tmp/none.sock" "$@"; }
runs "list without an engine" away list
like "says so" "$out" "engine unreachable"
is "as JSON, too" "$(away list --json 2>/dev/null | jq -r .engine_reachable)" false
is "a home without instances" "$(HOME=$tmp away list --json 2>/dev/null | jq -c '[.instances[]|select(.scope == "user")]')" "[]"

# Whoever has another home sees ours as foreign, with its owner.
like "another person sees the owner" "$(HOME=$tmp occ list --json | jq -r --arg n "$name" '.instances[]|select(.scope == "foreign" and .instance == $n).owner')" "on "

url=$(occ status --json | jq -r .url)
is "open --print" "$(occ open --print)" "$url"
is "open --print without an engine" "$(away open --print 2>/dev/null)" "$url"
occ open >"$tmp/out" 2>"$tmp/err"
is "open: the address" "$(cat "$tmp/out")" "$url"
like "open: why there is no browser" "$(cat "$tmp/err")" "no browser was started: "
like "open --json" "$(occ open --json | jq -c .)" "\"url\":\"$url\".*\"opened\":false"
is "open --json: the ssh line" "$(occ open --json | jq -r .tunnel | grep -c "^ssh -N -L .*127.0.0.1:")" 1
unlike "no password in it" "$(occ open --json; occ open --qr)" "$(occ password show)"
like "open --qr draws" "$(occ open --qr)" "[█▀▄]"
exits "open without an engine" 4 away open
e2e_done
