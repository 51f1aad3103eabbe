# without.sh - sourced by 55-setup.sh: without a terminal nothing hangs; what is missing is named, and answers come from files.
# shellcheck shell=bash disable=SC2154

without_answers() {
	local before
	before=$(everything)
	exits "no terminal and no answers" 2 timeout 20 occ setup
	like "names what is missing" "$out" "answers are missing"
	like "and both ways" "$out" "setup --answers FILE"
	exits "a password that is not there" 2 timeout 20 occ setup --answers <(printf '{"password":"given"}')
	like "names the options" "$out" "--password-file FILE"
	exits "a load balancer without its address" 2 timeout 20 occ setup --answers <(printf '{"reach":"load-balancer","bind":"10.0.0.5"}')
	like "names the answer" "$out" "public_url is missing"
	exits "a mistake" 3 timeout 20 occ setup --answers <(printf '{\n  "port": 70000\n}')
	like "by line and column" "$out" ":2:11: port: 70000 is out of range"
	exits "an unknown answer" 3 timeout 20 occ setup --answers <(printf '{ "prot": 1 }')
	like "by line and column, too" "$out" ":1:3: 'prot' is not an answer"
	like "with the nearest" "$out" "try +port"
	exits "no file" 1 timeout 20 occ setup --answers "$work/none.json"
	is "nothing changed" "$(everything)" "$before"
}

with_answers() {
	occ stop --remove --now >/dev/null
	setup_clean
	printf '// all of it\n{ "reach": "load-balancer", "bind": "%s", "public_url": "https://code.example.org", "image_base": "%s", "port": 3178, }\n' \
		"$(bridge_address)" "$e2e_base" >"$work/first.json"
	printf 'Canary-File-55aa77\n' >"$work/password" && chmod 600 "$work/password"
	runs "a first setup on a private address, without a terminal" occ setup --answers "$work/first.json" --password-file "$work/password"
	unlike "the password is not shown" "$out" Canary-File
	url=$(occ status --json | jq -r .url)
	is "the public URL is what is told" "$url" https://code.example.org
	url=http://$(inspect "$container" '.HostConfig.PortBindings["3000/tcp"][0]|.HostIp+":"+.HostPort')
	is "it lets in" "$(status_of /global/health -u opencode:Canary-File-55aa77)" 200
	out=$(printf 'Canary-Stdin-11bb33\n' | occ setup --defaults --password-stdin 2>&1)
	row $? "a password from standard input" "$out"
	is "it lets in, too" "$(status_of /global/health -u opencode:Canary-Stdin-11bb33)" 200
	is "and the file's does not" "$(status_of /global/health -u opencode:Canary-File-55aa77)" 401
	exits "another engine's absence is not ours to mend" 4 env DOCKER_HOST=unix:///nowhere/docker.sock timeout 20 occ setup --defaults --install-engine
}
without_answers
with_answers
