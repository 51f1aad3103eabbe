# boot.sh - sourced by 55-setup.sh: on a machine with systemd and no engine, one command installs one, sets everything up, and a reboot brings it back.
# shellcheck shell=bash disable=SC2154

inside() { "$machine" exec "$@"; }
on_machine() { inside /opt/occ/opencode-cloud --system "$@"; }
is_healthy() { on_machine status -q; }
is_gone() { ! inside pgrep -x dockerd; }

from_nothing() {
	wait "$machine_job" || { row 1 "a machine with systemd" "$(tail -n 20 "$work/machine.log")"; return 1; }
	inside sh -c 'apt-get -qq remove -y docker.io && systemctl stop docker.socket' >/dev/null 2>&1
	until_true 30 is_gone
	row $? "the machine has no engine"
	printf '{ "image": "pull", "image_ref": "%s", "port": 3190, "git_name": "Boot" }' "$e2e_ref" | inside sh -c 'cat >/root/answers.json'
	exits "without leave nothing is installed" 4 on_machine setup --answers /root/answers.json
	like "the system's own commands are shown" "$out" "apt-get install -y docker.io"
	is "nothing was written" "$(inside find /etc/opencode-cloud /var/lib/opencode-cloud -type f 2>/dev/null)" ""
	runs "with --install-engine everything is done" on_machine setup --answers /root/answers.json --install-engine
	like "the engine's start is one of the commands" "$out" '^\+ systemctl enable --now docker'
	like "the summary names the unit" "$out" "service: .*opencode-cloud.service"
	like "it ends as start does" "$out" "URL +http://127.0.0.1:3190"
	is "the unit is enabled" "$(inside systemctl is-enabled opencode-cloud.service)" enabled
	until_true 60 is_healthy
	row $? "it is healthy" "$(on_machine status 2>&1)"
}

# asked COUNT - so many requests one after another by TLS; those that were not answered well
asked() { inside sh -c "for n in \$(seq $1); do curl -q -ksS -m 30 -o /dev/null -w '%{http_code}\n' --resolve occ.test:443:127.0.0.1 https://occ.test/healthz; done 2>&1" | grep -vx 200; }
is_served() { [ -z "$(asked 1)" ]; }
to_the_internet() {
	local pid n
	printf '{ "reach": "internet", "name": "occ.test" }' | inside sh -c 'cat >/root/answers.json'
	runs "onto the internet" on_machine setup --answers /root/answers.json --now
	like "the summary names the edge's units" "$out" "service: .*opencode-cloud-edge.socket"
	like "it ends with the new address" "$out" "URL +https://occ.test"
	is "the edge's socket is enabled" "$(inside systemctl is-enabled opencode-cloud-edge.socket)" enabled
	is "port 80 leads to https" "$(inside curl -q -sS -o /dev/null -w '%{redirect_url}' -H 'Host: occ.test' http://127.0.0.1/)" https://occ.test/
	until_true 60 is_served
	pid=$(inside systemctl show --value -p MainPID opencode-cloud-edge.service)
	asked 60 >"$work/asked" &
	for n in 1 2 3; do
		runs "restart $n of the edge under requests" inside systemctl restart opencode-cloud-edge.service
	done
	wait $!
	is "fails none of them" "$(cat "$work/asked")" ""
	asked 20 >"$work/asked" &
	runs "and a kill of it" inside systemctl kill -s KILL opencode-cloud-edge.service
	wait $!
	is "refuses no connection, though it cuts those it had" "$(grep -F 'curl: (7)' "$work/asked")" ""
	[ "$(inside systemctl show --value -p MainPID opencode-cloud-edge.service)" != "$pid" ]
	row $? "it is another one"
	trusts_authority
	[ -z "${OCC_LONG:-}" ] || under_load
}
believed() { inside curl -q -sS -m 30 -o /dev/null -w '%{http_code}' --resolve occ.test:443:127.0.0.1 https://occ.test/healthz 2>&1; }
trusts_authority() {
	unlike "nobody believes the local authority" "$(believed)" '^200$'
	runs "trust --install" on_machine tls trust --install
	is "this machine's programs do then" "$(believed)" 200
	runs "trust --install again" on_machine tls trust --install
	like "has nothing to do" "$out" "nothing to do"
	runs "trust --remove" on_machine tls trust --remove
	unlike "and nobody believes it any more" "$(believed)" '^200$'
}
# The listeners are systemd's: neither the edge's restart nor the watchdog's refuses a connection.
under_load() {
	local host
	host=$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$RIG_SYSTEMD_NAME")
	on_machine tls cert --ca --pem >"$work/ca.pem"
	load_begin "load with systemd" "$host" 443 "$work/ca.pem" "$(on_machine password show)"
	load_times 20 "restarts of opencode" load_everybody on_machine restart --now
	load_times 100 "certificates" on_machine tls renew
	load_times 10 "restarts of the edge" inside systemctl restart opencode-cloud-edge.service
	load_times 10 "restarts of the watchdog" inside systemctl restart opencode-cloud.service
	load_end
}
# listens PORT - who listens there (proc(5), /proc/net/tcp: 0A)
listens() { inside cat /proc/net/tcp /proc/net/tcp6 | awk -v port="$(printf ':%04X' "$1")" '$4 == "0A" && substr($2, length($2) - 4) == port'; }
# is_asked STATUS PATH [OPTION...] - as the load balancer asks, and as it passes a browser's question on
is_asked() { [ "$(inside curl -q -sS -m 30 -o /dev/null -w '%{http_code}' -H 'Host: code.example.org' -H 'X-Forwarded-For: 198.51.100.7' -H 'X-Forwarded-Proto: https' "${@:3}" "http://127.0.0.1:8080$2" 2>/dev/null)" = "$1" ]; }
behind_a_balancer() {
	printf '{ "reach": "load-balancer", "public_url": "https://code.example.org", "trusted_proxies": ["127.0.0.0/8"] }' | inside sh -c 'cat >/root/answers.json'
	runs "behind a load balancer" on_machine setup --answers /root/answers.json --now
	like "with the edge in front" "$out" 'edge.mode +.* -> "plain"'
	like "it ends with the address in the browser" "$out" "URL +https://code.example.org"
	until_true 60 is_asked 200 /healthz
	row $? "its health check is answered without a password" "$(inside curl -q -sS -i -m 30 http://127.0.0.1:8080/healthz 2>&1)"
	is_asked 401 / -H 'Accept: text/html'
	row $? "a browser gets the login page"
	is_asked 303 /_occ/login -H 'Origin: https://code.example.org' --data-urlencode user=opencode --data-urlencode "password=$(on_machine password show)" --data next=/
	row $? "and is let in by the name it knows" "$(inside curl -q -sS -i -m 30 http://127.0.0.1:8080/_occ/login 2>&1 | head -n 5)"
	is "nothing listens on 443" "$(listens 443)" ""
}
no_edge_is_left() { is "and nothing of the edge is left" "$(inside sh -c 'ls /etc/systemd/system | grep edge'; listens 443; listens 80; listens 8080)" ""; }

comes_back() {
	local secret
	secret=$(on_machine password show)
	runs "a second setup beside the watchdog" on_machine setup --defaults
	like "keeps the configuration" "$out" "stays as it is"
	like "and has nothing to do" "$out" "it is as it should be"
	like "which the start says, too" "$out" "Nothing to do: running since"
	inside sh -c 'cd /etc/systemd/system && cp -p opencode-cloud.service /root && sed -i "s/^\[Service\]/&\nUser=nobody/" opencode-cloud.service'
	runs "an instance that could not be a service beside another user's" on_machine --instance second setup --defaults --dry-run
	like "is told before the summary" "${out%%Summary*}" "opencode-cloud.service runs as nobody"
	unlike "and plans none" "${out##*Summary}" "opencode-cloud-second.service"
	inside mv /root/opencode-cloud.service /etc/systemd/system/
	"$machine" reboot
	until_true 120 is_healthy
	row $? "after a reboot it is healthy again" "$(on_machine status 2>&1)" "$(inside journalctl --no-pager -n 20 -u opencode-cloud.service)"
	is "with the same password" "$(on_machine password show)" "$secret"
	is "and the same data" "$(on_machine exec -- git config --global user.name)" Boot
	to_the_internet
	behind_a_balancer
	printf '{ "reach": "local", "start_on_boot": false }' | inside sh -c 'cat >/root/answers.json'
	runs "not on boot any more" on_machine setup --answers /root/answers.json
	exits "takes the service away" 6 on_machine service status
	no_edge_is_left
	is "and tells the engine" "$(inside docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' opencode-cloud)" on-failure
}
from_nothing && comes_back
"$machine" down --purge >/dev/null 2>&1
unset RIG_SYSTEMD_NAME
