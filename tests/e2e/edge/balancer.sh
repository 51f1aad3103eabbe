# balancer.sh - sourced by 58-edge.sh: the edge without TLS, behind a load balancer with an idle timeout of 60 s. The terminal's silence of 150 s is for OCC_LONG.
# shellcheck shell=bash disable=SC2154

front=$((port + 2))
by_front() { curl -q -sS -k --noproxy '*' -m 60 "${@:2}" "https://127.0.0.1:$front$1"; }
front_serves() { [ "$(by_front /healthz -o /dev/null -w '%{http_code}' 2>/dev/null)" = 200 ]; }

for setting in "edge.mode plain" "server.public_url https://127.0.0.1:$front" "edge.access_log text"; do
	# shellcheck disable=SC2086 # key and value
	runs "balancer: config set $setting" occ config set $setting
done
runs "balancer: its network" occ config add edge.trusted_proxies 127.0.0.1/32
runs "balancer: start" occ start --now
edge_up
row $? "balancer: the edge serves" "$(tail "$work/edge.log")"
"$here/rig/balancer" up "$front" "$port" "$work" &
balancer=$!
until_true 60 front_serves
row $? "balancer: finds the edge healthy, without a password" "$(tail "$work/balancer.log")"
out=$(by_front / -H 'Accept: text/html' -D "$work/head")
like "balancer: the login page" "$out" '<input[^>]*type="password"'
unlike "balancer: HSTS is the balancer's own" "$(cat "$work/head")" '[Ss]trict-[Tt]ransport'
by_front /_occ/login -c "$work/front.jar" -H "Origin: https://127.0.0.1:$front" --data-urlencode user=opencode --data-urlencode "password=$(occ password show)" -o /dev/null -D "$work/head"
like "balancer: the cookie is for https only" "$(header set-cookie <"$work/head")" '; Secure'
is "balancer: and leads on by its own name" "$(header location <"$work/head")" /
is "balancer: lets in" "$(by_front /global/health -b "$work/front.jar" -o /dev/null -w '%{http_code}')" 200
by_front /global/health -u "opencode:$(occ password show)" --interface 127.0.0.2 -H 'X-Forwarded-For: 203.0.113.66' -o /dev/null
until_true 20 grep -q '127\.0\.0\.2.*/global/health' "$work/edge.log"
row $? "balancer: the log has the address that the balancer saw" "$(tail -n 3 "$work/edge.log")"
unlike "balancer: not one that a client claims" "$(cat "$work/edge.log")" '203\.0\.113\.66'
# Containers of other tests come and go beside this one, and so do their interfaces: what the browser makes of that must not be what is seen here.
interfaces_come_and_go() {
	while [ ! -e "$work/seen.ready" ]; do
		ip link add occ-edge-a type veth peer name occ-edge-b && ip address add 198.51.100.1/32 dev occ-edge-a && ip link set occ-edge-a up && ip link set occ-edge-b up
		sleep 0.5
		ip link del occ-edge-a
		sleep 0.5
	done
}
interfaces_come_and_go >"$work/interfaces.log" 2>&1 &
interfaces=$!
OCC_PASSWORD=$(occ password show) OCC_LOGIN=page OCC_INSECURE=1 OCC_SILENCE_S=${OCC_LONG:+150} OCC_RESTART="occ restart --now" \
	"$top/tests/browser/run" "https://127.0.0.1:$front" opencode "$work/front.png" >"$work/seen" 2>"$work/seen.err"
is "balancer: in Chromium, through a restart" "$(jq -c '[.ok, .status, .loads]' "$work/seen")" "[true,200,2]" || tail -n 60 "$work/seen" "$work/seen.err" "$work/edge.log" "$work/balancer.log" | sed 's/^/# /'
touch "$work/seen.ready"
wait $interfaces
is "balancer: interfaces came and went" "$(cat "$work/interfaces.log")" ""
edge_down
kill $balancer
wait $balancer 2>/dev/null
for setting in server.public_url edge.access_log edge.trusted_proxies; do
	runs "balancer: config unset $setting" occ config unset $setting
done
