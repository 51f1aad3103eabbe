#!/usr/bin/env bash
# doctor - without an engine: each check finds what it is for, and says the command that mends it.
. "$(dirname "$0")/tap.bash"
. tests/moment.bash

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

printf '{ "edge": { "mode": "plain", "bind": "10.255.255.1" } }' >"$config/config.json"
run occ doctor --json
finds address wrong "10.255.255.1 is not an address of this machine" "edge.bind private"
printf '{ "edge": { "mode": "plain", "bind": "private" } }' >"$config/config.json"
run occ doctor --json
is "the machine's own is well" "$(verdict address)" ok

run occ doctor everything
is "a file without --bundle" $rc 2
has "is said with the way to one" "$err" "occ doctor --bundle FILE"

# --- the archive for who helps ---
printf '%s' '{ "container": { "env": ["PLAIN=canary-Env-1234"] }, "backup": { "after": "curl -u me:canary-After-1 https://x" } }' >"$config/config.json"
given 'canary-Key-12345' occ secret set ANTHROPIC_API_KEY --stdin
given 'https://ntfy.example/canary-Notify-123456' occ notify add ntfy --stdin
# members ARCHIVE - into $tmp/got
members() { rm -rf "$tmp/got" && mkdir "$tmp/got" && tar -xzf "$1" -C "$tmp/got" && (cd "$tmp/got/opencode-cloud-support" && printf '%s ' *); }
all="README.txt config.txt container.json history.json incidents.json logs.txt report.json service.json status.json tls.json versions.txt "
mkdir "$tmp/here" && cd "$tmp/here" || exit 1
run occ doctor --bundle
is "--bundle is no failure when something is wrong" $rc 0
name=$(ls)
is "in this directory, under a name of its own" "$(grep -cE '^opencode-cloud-support-default-[0-9]{8}T[0-9]{6}Z\.tar\.gz$' <<<"$name")" 1
is "nothing beside it" "$(find . -type f)" "./$name"
is "for its owner alone" "$(stat -c %a "$name")" 600
has "its path is told" "$out" "$tmp/here/$name"
has "and to look through it" "$out" "before you send it"
is "its members" "$(members "$name")" "$all"
got=$tmp/got/opencode-cloud-support
is "no secret is in them" "$(grep -rla canary "$got")" ""
has "the findings" "$(jq -r '.[]|select(.check=="engine")|.verdict' "$got/report.json")" wrong
has "the settings, without values of variables" "$(cat "$got/config.txt")" 'container.env: ["PLAIN=***"]   (container.env in '
has "... and without the command of backups" "$(cat "$got/config.txt")" 'backup.after: "***"'
has "the program" "$(cat "$got/versions.txt")" "opencode-cloud $(occ version --json | jq -r .version)"
has "what a command could not find out" "$(cat "$got/logs.txt")" "no-engine.sock"
has "what it did" "$(cat "$got/history.json")" "[]"
is "made now" "$(find "$got" -mmin +60)" ""

echo mine >"$tmp/there"
run occ doctor --bundle "$tmp/there"
is "what is there: exit 2" $rc 2
is "and is left as it was" "$(cat "$tmp/there")" mine
ln -s nowhere "$tmp/link"
run occ doctor --bundle "$tmp/link"
is "a link is there, too" "$rc:$(readlink "$tmp/link"):$(ls "$tmp/nowhere" 2>/dev/null)" "2:nowhere:"
run occ doctor --bundle "$tmp/no/such/dir.tar.gz"
is "no such directory: exit 1" $rc 1
run occ doctor --bundle "$tmp/b.tar.gz" --json
is "--json" "$rc:$(jq -r '"\(.bundle) \(.bytes)"' <<<"$out")" "0:$tmp/b.tar.gz $(stat -c %s "$tmp/b.tar.gz")"
occ doctor --bundle - >"$tmp/pipe" 2>"$tmp/err"
is "-: the archive and nothing else" "$?:$(members "$tmp/pipe")" "0:$all"
chmod 644 "$config/credentials.json"
run occ doctor --bundle "$tmp/unread.tar.gz"
members "$tmp/unread.tar.gz" >/dev/null
has "secrets that cannot be read: without the log" "$(cat "$got/logs.txt")" "left out"
chmod 600 "$config/credentials.json"

# An engine that takes calls and says nothing, for ever.
python3 - "$tmp/mute.sock" <<'PYTHON' >"$tmp/mute" &
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen(9)
print("up", flush=True)
c = s.accept()
print("called", flush=True)
time.sleep(600)
PYTHON
mute=$!
mute_says() { until grep -q "$1" "$tmp/mute"; do kill -0 $mute || return 1; moment 0.05; done; }
mute_says up
DOCKER_HOST=unix://$tmp/mute.sock occ doctor --bundle "$tmp/cut.tar.gz" >"$tmp/out" 2>"$tmp/err" &
cut=$!
mute_says called
kill -TERM $cut
wait $cut
is "ended meanwhile: exit 130" $? 130
is "nothing is left" "$(find "$tmp" -name '*cut.tar.gz*')" ""
kill $mute
wait $mute 2>/dev/null
cd "$OLDPWD" || exit 1
finish
