#!/usr/bin/env bash
# occ tls: the edge in the foreground on ports of loopback, with each mode, with bad certificates, with a worker that is killed. Nothing stands behind it.
# What `soon` evaluates again and again stands in single quotes.
# shellcheck disable=SC2016
. "$(dirname "$0")/tap.bash"

keeper=
stop_keeper() {
	[ -z "$keeper" ] || { kill "$keeper" && wait "$keeper"; } 2>/dev/null
	rc=$? keeper=
}
trap 'stop_keeper; rm -rf "$tmp"' EXIT

free_ports() { # N: that many ports of loopback that nobody has
	python3 -c 'import socket, sys
s = [socket.socket() for _ in range(int(sys.argv[1]))]
[x.bind(("127.0.0.1", 0)) for x in s]
print(*[x.getsockname()[1] for x in s])' "$1"
}

soon() { # COMMAND...: until it succeeds, at most 60 s
	local due=$((SECONDS + 60))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $due ] || return 1
		sleep 0.05
	done
}

status() { occ tls status --json | jq -r "$1"; }
serves() { [ "$(status .serving)" = true ]; }
shows() { [ "$(status "$1")" = "$2" ]; }

start_keeper() { # occ tls run, until it serves or has ended
	occ tls run >"$tmp/keeper.out" 2>"$tmp/keeper.err" &
	keeper=$!
	soon eval 'serves || ! kill -0 $keeper'
}

ended_keeper() { # leaves $rc and $err of one that does not begin
	run timeout 60 occ tls run
}

set_all() { # KEY VALUE...
	while [ $# -gt 0 ]; do
		occ config set "$1" "$2" >/dev/null || not_ok "config set $1" "$2"
		shift 2
	done
}

read -r port other redirect back < <(free_ports 4)
state=$XDG_STATE_HOME/opencode-cloud/edge

# ---- off ------------------------------------------------------------------------------------------------

run occ tls status
is "off: status says so" "$rc:$err" "6:occ: the edge is off: opencode is reached without TLS and login page
  try         occ config set edge.mode self-signed"
run occ tls status --json
is "... as JSON" "$rc:$(jq -c . <<<"$out")" '6:{"running":false,"mode":"off"}'
ended_keeper
is "off: run refuses" "$rc:$(sed -n 2p <<<"$err")" "3:  try         occ config set edge.mode self-signed"
run occ tls renew
is "off: there is nothing to renew" "$rc" 13
run occ tls
has "tls alone names its commands" "$err" "cert, renew, run, status, trust"

# ---- self-signed ----------------------------------------------------------------------------------------

set_all edge.mode self-signed edge.bind 127.0.0.1 edge.port "$port" server.port "$back"
occ config add edge.names occ.test >/dev/null
run occ tls status
is "configured, not running" "$rc:$(head -1 <<<"$err")" "6:occ: the edge is not running"
run occ tls cert
is "no certificate before the first start" "$rc:$out" "1:"
printf 'canary-of-the-edge' | occ password set --stdin >/dev/null 2>&1

start_keeper
is "it serves" "$(status .serving)" true
is "... what the configuration says" "$(status '[.mode, .url, .ports[0]] | join(" ")')" "self-signed https://occ.test:$port $port"
fetch() { curl -sS --max-time 20 --cacert "$state/ca.pem" --resolve "occ.test:$port:127.0.0.1" "$@"; }
is "TLS by the local authority: alive, though opencode is not" "$(fetch -o /dev/null -w '%{http_code}' "https://occ.test:$port/readyz")" 503
is "... also by address" "$(curl -sS --cacert "$state/ca.pem" -o /dev/null -w '%{http_code}' "https://127.0.0.1:$port/readyz")" 503
run fetch "https://occ.test:$port/healthz"
has "/healthz tells it" "$rc:$out" "0:"
run occ tls status
has "status for people" "$rc:$out" "0:Edge       serves https://occ.test:$port"
run occ tls run
has "a second one is refused" "$rc:$err" "12:occ: the edge of the instance default is running already"

worker() { status .worker_pid; }
first=$(worker)
kill -9 "$first"
soon eval '[ "$(worker)" != "$first" ] && serves'
is "a killed worker is followed by another one" "$(serves && [ "$(worker)" != "$first" ] && fetch -o /dev/null -w '%{http_code}' "https://occ.test:$port/readyz")" 503

print=$(status .certificate.sha256) ca=$(cat "$state/ca.pem") second=$(worker)
run occ tls renew
is "renew: another certificate" "$rc:$([ "$(status .certificate.sha256)" != "$print" ] && echo another)" "0:another"
is "... of the same authority, by the same worker" "$(cat "$state/ca.pem"):$(worker)" "$ca:$second"
run occ tls cert --ca --pem
is "cert --ca --pem" "$rc:$out" "0:$ca"
run occ tls cert --json
is "cert --json" "$rc:$(jq -r .sha256 <<<"$out")" "0:$(status .certificate.sha256)"
run occ tls trust
has "trust tells how" "$rc:$out" "0:The file    occ tls cert --ca --pem >ca.pem"
has "... on other systems, too" "$out" "certutil -addstore -f Root ca.pem"
is "no key is shown" "$(occ tls cert --pem | grep -c PRIVATE)" 0

# A link, once. What is asked without a session leads to the login.
link=$(python3 - "$XDG_RUNTIME_DIR/opencode-cloud/default.edge.sock" <<'PY'
import json, socket, sys, os
path = sys.argv[1]
if not os.path.exists(path):
    path = "/run/user/%d/opencode-cloud/default.edge.sock" % os.geteuid()
s = socket.socket(socket.AF_UNIX)
s.connect(path)
s.sendall(b'{"verb":"link"}\n')
print(json.loads(s.makefile().readline())["url"])
PY
)
has "a one-time link" "$link" "https://occ.test:$port/_occ/link?t="
has "... logs in" "$(fetch -D - -o /dev/null "$link" | tr '[:upper:]' '[:lower:]')" "set-cookie: __host-occ_session="
is "... once" "$(fetch -D - -o /dev/null "$link" | grep -ci 'set-cookie: __Host-occ_session=.\{40\}')" 0
is "a wrong password is refused" "$(fetch -u opencode:wrong -o /dev/null -w '%{http_code}' "https://occ.test:$port/session")" 401
code=$(fetch -u opencode:canary-of-the-edge -o /dev/null -w '%{http_code}' --max-time 2 "https://occ.test:$port/session" 2>/dev/null)
is "the right one is held or told that opencode is away, not refused" "$([ "$code" = 401 ] && echo refused)" ""

# ---- what changes while it runs ------------------------------------------------------------------------

printf 'canary-another-one' | occ password set --stdin >/dev/null 2>&1
refused() { [ "$(fetch -u opencode:canary-of-the-edge -o /dev/null -w '%{http_code}' --max-time 1 "https://occ.test:$port/session" 2>/dev/null)" = 401 ]; }
is "a new password is taken over by itself" "$(soon refused && echo yes)" yes
occ config set edge.port "$other" >/dev/null
is "a new port, too, by another worker" "$(soon shows '.ports[0]' "$other" && soon serves && soon curl -sSk "https://127.0.0.1:$other/readyz" && echo yes)" yes
is "... and the old one is closed" "$(soon eval '! curl -sk "https://127.0.0.1:$port/readyz"' && echo yes)" yes
occ config set edge.port "$port" >/dev/null
soon shows '.ports[0]' "$port"
occ config add edge.names more.test >/dev/null
is "a new name is in the certificate" "$(soon eval 'status .certificate.names[] | grep -q "^more.test$"' && echo yes)" yes
soon shows .trouble null
kill -HUP "$keeper"
soon grep -q "reloading" "$tmp/keeper.err"
is "SIGHUP: it goes on" "$(serves && echo yes)" yes
stop_keeper
is "SIGTERM: it ends, exit 0" "$rc" 0
is "... and takes its socket away" "$(find "$XDG_RUNTIME_DIR" /run/user -name 'default.edge.sock' 2>/dev/null)" ""
is "neither password nor key is told" "$(grep -c 'canary\|PRIVATE' "$tmp/keeper.err" "$tmp/keeper.out" | tr '\n' ' ')" \
	"$tmp/keeper.err:0 $tmp/keeper.out:0 "

# ---- files ----------------------------------------------------------------------------------------------

pair() { # NAME CN DAYS
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tmp/$1.key" -out "$tmp/$1.pem" -days "$3" \
		-subj "/CN=$2" -addext "subjectAltName=DNS:$2" 2>/dev/null
}
pair good own.test 30
pair second own.test 60
pair foreign foreign.test 30
occ config remove edge.names more.test >/dev/null
occ config remove edge.names occ.test >/dev/null
occ config add edge.names own.test >/dev/null
set_all edge.certificate "$tmp/good.pem" edge.key "$tmp/good.key" edge.mode files

bad() { # WHAT PART CERTIFICATE KEY: refused with that part, and with a way out
	set_all edge.certificate "$3" edge.key "$4"
	ended_keeper
	has "$1: exit 13" "$rc:$err" "13:occ: "
	has "... says why" "$err" "$2"
	has "... and what to do" "$err" "  try "
}
bad "a missing key" "edge.key: " "$tmp/good.pem" "$tmp/none.key"
bad "a missing certificate" "edge.certificate: " "$tmp/none.pem" "$tmp/good.key"
bad "a key of another certificate" "good.pem with $tmp/second.key" "$tmp/good.pem" "$tmp/second.key"
bad "a certificate for another name" "is not for own.test" "$tmp/foreign.pem" "$tmp/foreign.key"
printf 'no certificate\n' >"$tmp/junk.pem"
bad "no certificate at all" "junk.pem" "$tmp/junk.pem" "$tmp/good.key"
cp "$tmp/good.key" "$tmp/old.key"
python3 - "$tmp" <<'PY'
import subprocess, sys, os
d = sys.argv[1]
open(d + "/ca.cnf", "w").write("""[ca]
default_ca = c
[c]
database = %s/index.txt
serial = %s/serial
new_certs_dir = %s
default_md = sha256
policy = p
[p]
commonName = supplied
""" % (d, d, d))
open(d + "/index.txt", "w").close()
open(d + "/serial", "w").write("01\n")
subprocess.run(["openssl", "req", "-new", "-key", d + "/old.key", "-subj", "/CN=own.test", "-out", d + "/old.csr"], check=True, capture_output=True)
subprocess.run(["openssl", "ca", "-batch", "-config", d + "/ca.cnf", "-selfsign", "-keyfile", d + "/old.key", "-in", d + "/old.csr", "-notext",
                "-startdate", "20200101000000Z", "-enddate", "20210101000000Z", "-out", d + "/old.pem"], check=True, capture_output=True)
PY
bad "an expired certificate" "expired at 2021-01-01" "$tmp/old.pem" "$tmp/old.key"
mkdir "$tmp/dir.pem"
bad "a file that cannot be read" "edge.certificate: " "$tmp/dir.pem" "$tmp/good.key"

cp "$tmp/good.pem" "$tmp/live.pem"
cp "$tmp/good.key" "$tmp/live.key"
set_all edge.certificate "$tmp/live.pem" edge.key "$tmp/live.key"
start_keeper
good=$(openssl x509 -in "$tmp/good.pem" -noout -fingerprint -sha256 | cut -d= -f2)
second=$(openssl x509 -in "$tmp/second.pem" -noout -fingerprint -sha256 | cut -d= -f2)
served() { openssl s_client -connect "127.0.0.1:$port" -servername own.test </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 | cut -d= -f2; }
is "files: the certificate is served" "$(served)" "$good"
cp "$tmp/foreign.pem" "$tmp/live.pem"
is "a bad one: told" "$(soon eval '[ "$(status .certificate_trouble)" != null ]' && echo told)" told
is "... and the old one is served" "$(served)" "$good"
run occ tls status
has "... status: exit 13 with the reason" "$rc:$out" "13:Edge       serves"
has "..." "$out" "the old certificate stays in use: "
run occ tls renew
is "... renew: exit 13" "$rc" 13
run occ tls cert
is "... cert: exit 13" "$rc" 13
cp "$tmp/second.key" "$tmp/live.key"
cp "$tmp/second.pem" "$tmp/live.pem"
is "a good pair is taken over by itself" "$(soon eval '[ "$(served)" = "$second" ]' && status .certificate_trouble)" null
stop_keeper

# ---- plain, and a port that redirects -------------------------------------------------------------------

set_all edge.mode plain
start_keeper
is "plain: alive without TLS" "$(curl -sS -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/readyz")" 503
run occ tls renew
is "plain has no certificate" "$rc" 13
set_all edge.redirect_port "$redirect" edge.mode self-signed
soon shows '.ports[1]' "$redirect"
soon curl -sS -o /dev/null "http://127.0.0.1:$redirect/"
has "the other port leads to https" "$(curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' "http://127.0.0.1:$redirect/x")" "https://"
stop_keeper
is "it ends, exit 0" "$rc" 0

# ---- a user who has no right to the port, or to the key -----------------------------------------------------

plain=() user=$HOME
if [ "$(id -u)" -eq 0 ]; then
	user=$tmp/user
	mkdir "$tmp/for-all" && cp "$OCC" "$tmp/for-all/occ"
	chmod 755 "$tmp" "$tmp/for-all" "$tmp/for-all/occ"
	plain=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi
as_user() {
	run timeout 60 ${plain[@]+"${plain[@]}"} env -u XDG_CONFIG_HOME -u XDG_STATE_HOME -u XDG_RUNTIME_DIR HOME="$user" "$tmp/for-all/occ" "$@"
}
if [ -x "$tmp/for-all/occ" ] && [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 443 ]; then
	mkdir -p "$user/.config/opencode-cloud"
	cat >"$user/.config/opencode-cloud/config.json" <<-END
		{ "edge": { "mode": "files", "bind": "127.0.0.1", "port": 443, "certificate": "$tmp/good.pem", "key": "$user/own.key" } }
	END
	cp "$tmp/good.key" "$user/own.key"
	chown -R 65534:65534 "$user"
	as_user tls run
	has "port 443 without the right: exit 13" "$rc:$err" "13:occ: listen on 127.0.0.1:443: Permission denied"
	has "... and what to do" "$err" "occ config set edge.port 8443"
	chown 0:0 "$user/own.key"
	chmod 600 "$user/own.key"
	as_user tls run
	has "a key that is somebody else's: exit 13" "$rc:$err" "13:occ: edge.key: "
	has "... and what to do" "$err" "ls -l $user/own.key"
	as_user tls trust --install
	is "trust --install without an authority" "$rc" 1
fi
finish
