# forwarding.sh - opencode answers inside its container, and its port on the host leads nowhere: told as that, soon, and with a way out.
#
# As Podman leaves it behind when the end of a container is cut: a rule for the port, before that of the next container. Sourced where this host's rules count.
# shellcheck shell=bash disable=SC2154

dead_rule=(OUTPUT -p tcp -d 127.0.0.1 --dport 3456 -j DNAT --to-destination 127.0.0.1:9)
not_forwarded() {
	runs "stop before a dead rule" occ stop --remove --now
	iptables -w -t nat -I "${dead_rule[@]}"
	exits "a port that leads nowhere" 7 occ start --port 3456
	like "is told from an opencode that does not answer" "$out" "answers inside its container, but not at 127.0.0.1 port 3456"
	like "with a way out" "$out" "try +occ start --port"
	iptables -w -t nat -D "${dead_rule[@]}"
	runs "another one" occ start --port 3457
	url=$(occ status --json | jq -r .url)
	mapfile -t auth < <(with_password)
	is "leads there" "$(status_of /global/health "${auth[@]}")" 200
}
not_forwarded
