#!/usr/bin/env bash
# doctor - without an engine: each check finds what it is for, and says the command that mends it.
. "$(dirname "$0")/tap.bash"

config=$XDG_CONFIG_HOME/opencode-cloud
state=$XDG_STATE_HOME/opencode-cloud
backups=$XDG_DATA_HOME/opencode-cloud/backups
unset HTTPS_PROXY https_proxy HTTP_PROXY http_proxy
hasnt() { case $2 in *"$3"*) not_ok "$1" "is \"$2\", want it without \"$3\"" ;; *) ok "$1" ;; esac; }
# finds NAME VERDICT PART-OF-TEXT PART-OF-FIX - of the check NAME in the last run of `doctor --json`
finds() { has "$1: $3" "$(jq -r --arg n "$1" '.[]|select(.check==$n)|"\(.verdict) \(.text) FIX \(.fix)"' <<<"$out")" "$2"; has "$1 mends it" "$(jq -r --arg n "$1" '.[]|select(.check==$n)|.fix' <<<"$out")" "$4"; }
verdict() { jq -r --arg n "$1" '.[]|select(.check==$n)|.verdict' <<<"$out"; }

run occ doctor
is "without an engine something is wrong" $rc 1
has "which is said" "$out" "WRONG engine"
has "with the number of those that passed" "$out" "checks passed"
hasnt "and nothing of what is well" "$out" "ok    settings"
run occ doctor --all
has "--all tells that, too" "$out" "ok    settings"
has "and what was not looked at, and why" "$out" "skip  image"
run occ doctor --json
is "one object for each check" "$(jq -r 'map(.check)|length == (unique|length)' <<<"$out")" true
is "what an engine is needed for is skipped" "$(verdict image)" skipped
is "no file was made by looking" "$(find "$HOME" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" "$XDG_DATA_HOME" -type f)" ""
run occ doctor -q
is "quiet: the exit code" "$rc:$(grep -c passed <<<"$out")" 1:0

mkdir -p "$config" "$state"
chmod 700 "$config"
echo '{ "server": { "prot": 1 } }' >"$config/config.json"
run occ doctor --json
finds settings note "prot" "occ config validate"
echo '{ "server": ' >"$config/config.json"
run occ doctor --json
finds settings wrong "" ""
is "the rest is looked at" "$(verdict room)" ok
echo '{ "server": { "bind": "0.0.0.0" } }' >"$config/config.json"
run occ doctor --json
finds exposure wrong "0.0.0.0" "occ"
echo '{ "server": { "allow_plain_http": true } }' >"$config/config.json"
run occ doctor --json
finds exposure note "plain HTTP" "occ config unset server.allow_plain_http"
echo '{}' >"$config/config.json"

run occ password set --file <(printf 'canary-Doctor-1234\n')
chmod 644 "$config/credentials.json"
run occ doctor --json
finds files wrong "credentials.json" "chmod go= "
finds credentials wrong "credentials.json" "chmod"
run occ doctor --fix
has "--fix mends it" "$out" "mended by  chmod"
is "for good" "$(stat -c %a "$config/credentials.json")" 600
run occ doctor --json
is "and it is well then" "$(verdict files) $(verdict credentials)" "ok ok"
hasnt "the password is nowhere" "$out$err" canary-Doctor

printf '{"format":1,"from":"/x/b.tar.gz","before":""}\n' >"$state/restore.json"
run occ doctor --json
finds restore wrong "/x/b.tar.gz" "occ backup restore /x/b.tar.gz"
rm "$state/restore.json"

run env HTTPS_PROXY=http://proxy.test:3128 occ doctor --json
# shellcheck disable=SC2016 # as it is told
finds proxy note "HTTPS_PROXY" 'occ config add container.env "HTTPS_PROXY=$HTTPS_PROXY"'
mkdir "$tmp/other"
head -c 10000 /dev/zero >"$tmp/other/occ" && chmod +x "$tmp/other/occ"
run env PATH="$tmp/other:$PATH" "$tmp/bin/occ" doctor --json
finds path note "$tmp/other/occ" "rm $tmp/other/occ"

run occ doctor --json
finds backups note "no backup" "occ backup create"
mkdir -p "$backups"
chmod 700 "$backups"
: >"$backups/default-20200101T000000Z.tar.gz"
run occ doctor --json
finds backups note "old" "occ backup create"
: >"$backups/default-$(date -u +%Y%m%dT%H%M%SZ).tar.gz"
run occ doctor --json
is "a new one is well" "$(verdict backups)" ok

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3 -subj /CN=d.test -addext subjectAltName=DNS:d.test -keyout "$tmp/k.pem" -out "$tmp/c.pem" 2>/dev/null
printf '{ "edge": { "mode": "files", "names": ["d.test"], "certificate": "%s", "key": "%s" } }' "$tmp/c.pem" "$tmp/k.pem" >"$config/config.json"
run occ doctor --json
finds certificate wrong "expires in 2 d" "edge.certificate"
printf '{ "edge": { "mode": "files", "names": ["d.test"], "certificate": "%s", "key": "%s" } }' "$tmp/none.pem" "$tmp/k.pem" >"$config/config.json"
run occ doctor --json
finds certificate wrong "" ""

run occ doctor everything
is "no operand" $rc 2
finish
