# again.sh - sourced by 55-setup.sh: on an existing deployment the answers proposed are what is; only what is answered otherwise changes.
# shellcheck shell=bash disable=SC2154

kept() {
	local before id
	before=$(sha256sum "$config" "${config%/*}/credentials.json") id=$(inspect "$container" .Id)
	typed "a second setup, Enter everywhere" 0 occ setup <<-END
		Choice [1]:	
		User name [anna]:	
		Choice [1]:	
		boots [no]:	
		1) do it	
	END
	like "keeps the configuration" "$out" "stays as it is"
	like "has nothing to do" "$out" "Nothing to do: running since"
	runs "--defaults keeps everything, too" occ setup --defaults
	is "configuration and password are the same bytes" "$(sha256sum "$config" "${config%/*}/credentials.json")" "$before"
	is "the container is the same" "$(inspect "$container" .Id)" "$id"
}

round_trip() {
	runs "answers of what is" occ setup --defaults --dry-run --save-answers "$work/a.json"
	runs "the same answers again" occ setup --answers "$work/a.json" --dry-run --save-answers "$work/b.json"
	is "they are the same file" "$(cat "$work/b.json")" "$(cat "$work/a.json")"
	like "and mean no change" "$out" "stays as it is"
	like "nor anything to do" "$out" "it is as it should be"
	like "git name is among them" "$(cat "$work/a.json")" '"git_name": "Anna Example"'
}

# Behind a load balancer on a private address, with a new password, coming back at boot
by_proxy() {
	local bridge old=$password
	bridge=$(bridge_address)
	typed "behind a load balancer" 0 occ setup <<-END
		Choice [1]:	2
		User name [anna]:	
		unseen restarts	no
		Address to listen on	203.0.113.9
		public address	no
		Address to listen on	$bridge
		Address in the browser	ftp://x
		has to begin with	https://code.example.org
		Choice [1]:	2
		boots [no]:	yes
		1) do it	1
	END
	is "the address" "$(inspect "$container" '.HostConfig.PortBindings["3000/tcp"][0].HostIp')" "$bridge"
	is "the public URL" "$(occ config get server.public_url)" https://code.example.org
	is "no plain HTTP was allowed" "$(occ config get server.allow_plain_http)" false
	is "at boot: restart policy" "$(inspect "$container" .HostConfig.RestartPolicy.Name)" always
	password=$(occ password show)
	like "a generated password, shown once" "$out" "Password +$password +shown once"
	url=http://$bridge:3177
	is "it lets in" "$(status_of /global/health -u "anna:$password")" 200
	is "the old one does not" "$(status_of /global/health -u "anna:$old")" 401
	typed "an address of everybody, when something protects it" 0 occ setup --dry-run <<-END
		Choice [2]:	
		User name	
		unseen restarts	
		Address to listen on	0.0.0.0
		public address	yes
		Address in the browser	
		Choice [1]:	
		boots [yes]:	
	END
	like "needs plain HTTP" "$out" 'server.allow_plain_http +false \(default\) -> true'
}

# Only looked at: the units that it takes are proved on a machine of their own (boot.sh)
by_edge() {
	typed "behind a load balancer, with a login page" 0 occ setup --dry-run <<-END
		Choice [2]:	
		User name	
		unseen restarts	yes
		Address to listen on	
		Networks of the load balancer	10.0.1.0/24, ten
		Networks of the load balancer	10.0.1.0/24, 10.0.2.0/24
		Address in the browser	
		Choice [1]:	
		boots [yes]:	
	END
	like "the target is told" "$out" "target is port 8080, plain HTTP, its health check /healthz"
	like "the edge is what listens there" "$out" "edge.bind +.* -> \"$(bridge_address)\""
	like "without a certificate" "$out" 'edge.mode +"off" \(default\) -> "plain"'
	like "what the load balancer says is believed" "$out" 'edge.trusted_proxies .*"10.0.1.0/24", "10.0.2.0/24"'
	like "opencode itself is closed" "$out" 'server.bind +.* -> "127.0.0.1"'
}

by_internet() {
	typed "directly from the internet" 0 occ setup --dry-run <<-END
		Choice [2]:	3
		User name	
		Name in the browser	two words
		Name in the browser	code.example.org
		File of a certificate	
		Choice [1]:	
		boots [yes]:	
	END
	like "the port is told, and why" "$out" "listens on port 8443: lower ones are"
	like "the name is checked" "$out" "two words"
	like "TLS by a local authority" "$out" 'edge.mode +"off" \(default\) -> "self-signed"'
	like "for that name" "$out" 'edge.names .*"code.example.org"'
	like "opencode itself is closed" "$out" 'server.bind +.* -> "127.0.0.1"'
}

# A stand-in for the tailscale command: whether it is asked for and called is what is proved, not Tailscale
by_tailscale() {
	local by='{"reach":"tailscale","git_email":"other@example.org"}'
	cat >"$work/bin/tailscale" <<-'END'
		#!/bin/sh
		case "$*" in
		"status --json") echo '{"BackendState":"Running","Self":{"DNSName":"box.tail1234.ts.net."}}' ;;
		"serve --bg "*) . "$HOME/serve" ;;
		"serve status --json") echo "{\"Web\":{\"box.tail1234.ts.net:443\":{\"Handlers\":{\"/\":{\"Proxy\":\"http://127.0.0.1:$(cat "$HOME/port")\"}}}}}" ;;
		esac
	END
	chmod +x "$work/bin/tailscale"
	echo 1 >"$HOME/port"
	echo 'echo "Serve is not enabled on your tailnet." >&2; echo "To enable, visit: https://login.example.org/f/serve"; exit 1' >"$HOME/serve"
	exits "Tailscale that refuses" 1 occ setup --answers <(printf '%s' "$by")
	like "its own words are told" "$out" "not enabled on your tailnet. +To enable, visit: https://login.example.org/f/serve"
	like "the rest is done" "$out" "URL +https://box"
	echo 'echo accepted' >"$HOME/serve"
	exits "Tailscale that says yes and does not" 1 occ setup --answers <(printf '%s' "$by")
	like "is not believed" "$out" "does not serve port 3177"
	like "what it said is told" "$out" "said +accepted"
	# shellcheck disable=SC2016 # the stand-in's own parent
	echo 'kill -INT $PPID; exec sleep 60' >"$HOME/serve"
	exits "Ctrl-C after the start" 130 occ setup --answers <(printf '%s' "$by")
	like "tells what is done" "$out" "changed +the configuration is saved and opencode runs"
	unlike "and ends the setup there" "$out" "URL +https://box"
	# shellcheck disable=SC2016
	echo 'echo "$3" >"$HOME/port"; echo "$*" >>"$HOME/served"' >"$HOME/serve"
	typed "through Tailscale" 0 occ setup <<-END
		Choice [2]:	
		User name	
		Choice [1]:	
		boots [yes]:	
		1) do it	
	END
	like "is shown before" "$out" "tailscale serve --bg 3177"
	is "is run" "$(cat "$HOME/served")" "serve --bg 3177"
	is "the public URL" "$(occ config get server.public_url)" https://box.tail1234.ts.net
	is "nothing else is open" "$(inspect "$container" '.HostConfig.PortBindings["3000/tcp"][0].HostIp')" 127.0.0.1
	typed "back to this machine only" 0 occ setup <<-END
		Choice [2]:	1
		User name	
		Choice [1]:	
		boots [yes]:	
		1) do it	
	END
	like "what Tailscale serves is named" "$out" "tailscale serve reset"
	is "no public URL any more" "$(occ config get server.public_url)" ""
	rm "$work/bin/tailscale"
	exits "Tailscale without tailscaled" 1 occ setup --answers <(printf '{"reach":"tailscale"}') --dry-run
	like "is said" "$out" "tailscaled does not run"
}

# A deployment on an address of the network without a name is valid, and Enter keeps it
by_network() {
	local bridge
	bridge=$(bridge_address)
	printf '{"server":{"bind":"%s","port":3179}}' "$bridge" >"$work/network.json"
	typed "on this network" 0 occ --config "$work/network.json" setup --dry-run <<-END
		Choice [4]:	
		User name	
		Address to listen on [$bridge]	
		Choice [1]:	
		boots	
	END
	like "is one of the ways" "$out" "from this network, by its own address, not encrypted"
	like "stays as it is" "$out" "stays as it is"
	runs "on this network without a question" occ --config "$work/network.json" setup --defaults --dry-run
}

# An image that is there already is what pull needs no registry for
by_image() {
	printf '{"image":"pull","image_ref":"%s","ssh_key":true}' "$e2e_ref" >"$work/pull.json"
	runs "an image of one's own" occ setup --answers "$work/pull.json"
	is "is used" "$(inspect "$container" .Config.Image)" "$e2e_ref"
	holds "the agent's key stays and is shown" "$out" "$(occ exec -- cat /home/opencode/.ssh/id_ed25519.pub)"
	printf '{"image":"build","opencode":"1.18.32"}' >"$work/version.json"
	runs "another version" occ setup --answers "$work/version.json" --dry-run
	like "is what would be built" "$out" "$container:1\.18\.32"
	is "data is where it was" "$(inspect "$container" '[.Mounts[]|select(.Type=="volume").Name]|sort|join(" ")')" "$container-home $container-workspace"
}
kept
round_trip
leave_everywhere 3
by_proxy
by_edge
by_internet
by_tailscale
by_network
by_image
