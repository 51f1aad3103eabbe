#!/usr/bin/env bash
# 58-edge - opencode behind the edge: TLS by the local authority, a login, a terminal in the browser, a restart that nobody notices, and a password that
# never enters the container.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST
e2e_image || exit 1
export E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
. "$here/scenario/load.sh"
e2e_init edge
name=opencode-cloud-e2e
port=8458 inner_port=3258
state=$HOME/.local/state/opencode-cloud/instances/e2e/edge
keeper=

edge_up() {
	occ tls run >>"$work/edge.log" 2>&1 </dev/null &
	keeper=$!
	until_true 30 serves
}
edge_down() { [ -z "$keeper" ] || { kill "$keeper" && wait "$keeper"; } 2>/dev/null; keeper=; }
tls() { occ tls status --json 2>/dev/null | jq -r "$1"; }
serves() { [ "$(tls .serving)" = true ]; }
is_ready() { [ "$(through /readyz -o /dev/null -w '%{http_code}')" = 200 ]; }
# through PATH [CURL-OPTION...] - by TLS, the certificate checked
through() { curl -q -sS --noproxy '*' -m 60 --cacert "$state/ca.pem" --resolve "occ.test:$port:127.0.0.1" "${@:2}" "https://occ.test:$port$1"; }
code() { through "$1" -o /dev/null -w '%{http_code}' "${@:2}"; }
# header NAME - of the answer's head on standard input, the last of that name
header() { tr -d '\r' | sed -n "s/^$1: //Ip" | tail -n 1; }

trap 'edge_down; e2e_cleanup' EXIT
e2e_cleanup
for setting in "image.base $e2e_base" "server.port $inner_port" "edge.mode self-signed" "edge.bind 127.0.0.1" "edge.port $port"; do
	# shellcheck disable=SC2086 # key and value
	runs "config set $setting" occ config set $setting
done
runs "a name" occ config add edge.names occ.test
runs "names for previews" occ config add edge.names '*.preview.occ.test'
runs "a port for them" occ config add container.ports 3259:8081
runs "start" occ start
holds "the address is the edge's" "$out" "https://occ.test:$port"
like "that nobody is there yet is said" "$out" "Edge +self-signed, not running: occ service install"
edge_up
row $? "the edge serves" "$(cat "$work/edge.log")"
until_true 60 is_ready
row $? "and finds opencode" "$(tls .)"
like "status has a line for it" "$(occ status)" "edge +self-signed, serves, certificate renews in"
password=$(occ password show)
auth=(-u "opencode:$password")

# ---- who is let in ----
like "healthy with the password" "$(through /global/health "${auth[@]}")" '"healthy":true'
is "401 without" "$(code /global/health)" 401
is "a program is told how" "$(through /global/health -D - -o /dev/null | header www-authenticate | cut -d' ' -f1)" Basic
out=$(through / -H 'Accept: text/html' -D "$work/head")
like "a browser gets the login page" "$out" '<input[^>]*type="password"'
is "without a dialogue of its own" "$(header www-authenticate <"$work/head")" ""
is "health without a password, by any name" "$(curl -q -ksS -o /dev/null -w '%{http_code}' -H 'Host: elsewhere' "https://127.0.0.1:$port/healthz")" 200
like "metrics" "$(through /metrics)" '^occ_'
log_in() { through /_occ/login -c "$work/jar" -H "Origin: https://occ.test:$port" --data-urlencode user=opencode --data-urlencode "password=$1" -o /dev/null; }
runs "log in as a browser does" log_in "$password"
is "the cookie lets in" "$(code /global/health -b "$work/jar")" 200
is "not from a page of somebody else's" "$(code /session -b "$work/jar" -X POST -H 'Origin: https://evil.test' -H 'Content-Type: application/json' -d '{}')" 403
link=$(occ open --json | jq -r .link)
is "a one-time link" "$(through "${link#*":$port"}" -o /dev/null -c "$work/jar2" -w '%{http_code}')" 303
is "lets in" "$(code /global/health -b "$work/jar2")" 200
isnt_again=$(through "${link#*":$port"}" -o /dev/null -c "$work/jar3" -w '%{http_code}')
is "once" "$(code /global/health -b "$work/jar3")" 401
like "and is refused then" "$isnt_again" '^(4..|303)$'

# ---- the inner password ----
is "opencode itself does not know the user's" "$(curl -q -sS --noproxy '*' -o /dev/null -w '%{http_code}' "${auth[@]}" "http://127.0.0.1:$inner_port/global/health")" 401
unlike "nor does its environment" "$(occ exec -- sh -c 'cat /proc/*/environ 2>/dev/null | tr "\0" "\n"; env')" "$password"
unlike "nor its secret file" "$(occ exec -- cat /etc/opencode-cloud/secret)" "$password"
before=$(inspect $name .State.StartedAt)
runs "rotate" occ password rotate
knows_new() { [ "$(code /global/health -u "opencode:$(occ password show)")" = 200 ]; }
until_true 20 knows_new
row $? "the new password lets in"
is "the old one does not" "$(code /global/health "${auth[@]}")" 401
is "nor does its cookie" "$(code /global/health -b "$work/jar")" 401
is "opencode went on" "$(inspect $name .State.StartedAt)" "$before"
auth=(-u "opencode:$(occ password show)")

# ---- a restart under requests ----
ask_on() {
	local n=0 code
	while [ ! -e "$work/enough" ]; do
		code=$(code /global/health "${auth[@]}")
		n=$((n + 1))
		[ "$code" = 200 ] || echo "request $n: $code"
	done
	echo "asked $n"
}
rm -f "$work/enough"
ask_on >"$work/asked" 2>&1 &
asker=$!
until_true 10 test -d /proc/$asker
through /global/event "${auth[@]}" -N >"$work/events" 2>/dev/null &
listener=$!
until_true 20 grep -q server.connected "$work/events"
row $? "somebody listens"
for n in 1 2 3; do
	runs "restart $n" occ restart --now
done
touch "$work/enough"
wait $asker
wait $listener
is "the stream of events ended as a whole" $? 0
is "opencode was stopped when nothing was in flight any more" "$(grep -c 'requests are held: opencode is restarted' "$work/edge.log") $(grep -c 'requests go on' "$work/edge.log")" "3 3"
is "nobody noticed" "$(grep -v '^asked' "$work/asked")" ""
like "who asked all the time" "$(cat "$work/asked")" '^asked [1-9]'
kill -9 "$(tls .worker_pid)"
until_true 30 serves
is "a killed worker neither" "$(code /global/health "${auth[@]}")" 200
like "opencode's events pass" "$(through /global/event "${auth[@]}" -N -m 5 2>/dev/null)" 'server.connected'

# ---- what the agent has built ----
preview() { curl -q -sS --noproxy '*' -m 60 --cacert "$state/ca.pem" --resolve "$1.preview.occ.test:$port:127.0.0.1" "${@:2}" "https://$1.preview.occ.test:$port/"; }
is_built() { preview 8081 "${auth[@]}" | grep -qx 'built by the agent'; }
occ exec -- sh -c 'mkdir -p site && echo "built by the agent" >site/index.html && cd site && exec setsid python3 -m http.server 8081' >/dev/null 2>&1 </dev/null &
until_true 20 is_built
row $? "a preview by the name of its port" "$(preview 8081 "${auth[@]}" -i 2>&1 | head -n 20)"
is "behind the login" "$(preview 8081 -o /dev/null -w '%{http_code}')" 401
like "another port: what to do" "$(preview 8082 "${auth[@]}")" 'occ config add container.ports 8082:8082'

# ---- the browser ----
OCC_PASSWORD=$(occ password show) OCC_LOGIN=page OCC_INSECURE=1 OCC_RESTART="occ restart --now" "$top/tests/browser/run" "https://127.0.0.1:$port" opencode "$work/edge.png" >"$work/seen" 2>"$work/seen.err"
is "login page, session and terminal in Chromium, and through a restart" "$(jq -c '[.ok, .status, .loads]' "$work/seen")" "[true,200,2]" || sed 's/^/# /' "$work/seen" "$work/seen.err"
mkdir -p "${T_OUT:-$rig_base}" && cp "$work/edge.png" "${T_OUT:-$rig_base}/edge.png" 2>/dev/null

# ---- wrong ones are counted ----
runs "log in once more" log_in "$(occ password show)"
for n in 1 2 3 4 5 6 7; do
	last=$(code /global/health -u opencode:wrong)
done
is "after six wrong ones nobody is asked" "$last" 429
is "but who was let in before" "$(code /global/health -b "$work/jar")" 200

# ---- without a service manager: a child of the watchdog ----
edge_down
occ watchdog >>"$work/watchdog.log" 2>&1 </dev/null &
keeper=$!
until_true 30 serves
row $? "the watchdog runs it" "$(cat "$work/watchdog.log")"
before=$(tls .pid)
is_another() { serves && [ "$(tls .pid)" != "$before" ]; }
kill -9 "$before"
is "killed: who comes meanwhile waits and is served" "$(curl -q -ksS -o /dev/null -w '%{http_code}' -m 60 "https://127.0.0.1:$port/healthz")" 200
until_true 30 is_another
row $? "and another one follows" "$(tail "$work/watchdog.log")"
before=$(tls .pid)
runs "another port" occ config set edge.port $((port + 1))
is_moved() { is_another && [ "$(tls '.ports[0]')" = $((port + 1)) ]; }
until_true 30 is_moved
row $? "takes another life of it" "$(tls .)" "$(tail "$work/watchdog.log")"
before=$(tls .pid)
runs "and back" occ config set edge.port $port
until_true 30 is_another
if [ -n "${OCC_LONG:-}" ]; then
	edge_pid() { tls .pid | grep -xE '[0-9]+'; }
	end_edge() { until_true 30 edge_pid && before=$(edge_pid) && kill "$before" && until_true 30 is_another; }
	load_begin "load" 127.0.0.1 "$port" "$state/ca.pem" "$(occ password show)"
	load_times 20 "restarts of opencode" load_everybody occ restart --now
	load_times 100 "certificates" occ tls renew
	load_times 10 "ends of the edge" end_edge
	load_end
fi
kill "$keeper"
wait "$keeper" 2>/dev/null
is "it ends with the watchdog" "$(tls .running)" false
keeper=

# ---- behind a load balancer ----
. "$here/edge/balancer.sh"

# ---- and off again ----
runs "edge off" occ config set edge.mode off
runs "start without it" occ start --now
url=$(occ status --json | jq -r .url)
is "reached as before" "$url" "http://127.0.0.1:$inner_port"
is "with the user's password" "$(status_of /global/health "${auth[@]}")" 200
runs "end" occ stop --remove --now
e2e_done
