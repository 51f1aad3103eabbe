# answers.sh - sourced by 55-setup.sh: a first setup with another answer than the default to every question, and each one's effect.
# shellcheck shell=bash disable=SC2154,SC2016

password=Canary-Typed-91c4e7
mkdir -p "$work/src" && chown 1000:1000 "$work/src"

first_setup() {
	typed "a first setup" 0 occ setup --save-answers "$work/saved.json" <<-END
		Choice [1]:	7
		from 1 to	1
		User name [opencode]:	no good name
		letters, digits	anna
		Choice [1]:	2
		New password:	short
		New password:	$password
		again:	Canary-Other-12345
		New password:	$password
		again:	$password
		boots [yes]:	maybe
		yes or no	n
		2) change	2
		when done:	1
		port to listen on [	70000
		out of range	3177
		when done:	4
		image to build on [	$e2e_base
		when done:	6
		mount in the workspace	$work/none
		when done:	6
		mount in the workspace	~/src
		when done:	7
		memory limit	2g
		when done:	8
		CPUs it may use	1.5
		when done:	9
		processes	512
		when done:	10
		restart policy (	on-failure
		when done:	11
		name in the agent	Anna Example
		when done:	12
		mail address	nothing
		no mail address	anna@example.org
		when done:	13
		ssh key	yes
		when done:	
		1) do it	1
	END
	first=$out
	screen_is_plain "a first setup"
	like "two passwords that differ are told" "$first" "the two are not the same"
	unlike "nothing typed at a password is shown" "$first" "Canary-"
	like "the summary names the change of a key" "$first" 'server.port +3000 \(default\) -> 3177'
	like "the summary names a command in the container" "$first" "git config --global user.name 'Anna Example'"
	like "the summary names what is not touched" "$first" "the data in the volumes $container-home"
	like "a missing directory is refused with the remedy" "$first" "mkdir -p $work/none"
}

# What the answers are in the container, as the engine tells it
effects() {
	url=http://127.0.0.1:3177
	is "name and password let in" "$(status_of /global/health -u "anna:$password")" 200
	is "another name does not" "$(status_of /global/health -u "opencode:$password")" 401
	is "address and port" "$(inspect "$container" '.HostConfig.PortBindings["3000/tcp"][0]|.HostIp+":"+.HostPort')" 127.0.0.1:3177
	is "memory" "$(inspect "$container" .HostConfig.Memory)" 2147483648
	is "cpus" "$(inspect "$container" .HostConfig.NanoCpus)" 1500000000
	is "pids" "$(inspect "$container" .HostConfig.PidsLimit)" 512
	is "not at boot: restart policy" "$(inspect "$container" .HostConfig.RestartPolicy.Name)" on-failure
	is "workspace" "$(inspect "$container" '.HostConfig.Mounts[]|select(.Type=="bind")|.Source+":"+.Target')" "$work/src:/home/opencode/workspace/src"
	runs "the agent writes there" occ exec -- touch src/of-the-agent
	is "and the host sees it" "$(ls "$work/src")" of-the-agent
	is "image built on the answer" "$(occ config get image.base)" "$e2e_base"
	runs "git name" occ exec -- git config --global user.name
	is "git name" "$out" "Anna Example"
	runs "git mail" occ exec -- git config --global user.email
	is "git mail" "$out" anna@example.org
	runs "ssh key" occ exec -- cat /home/opencode/.ssh/id_ed25519.pub
	like "an ed25519 key" "$out" '^ssh-ed25519 [A-Za-z0-9+/]+ opencode-cloud-setup-e2e$'
	is "its public half was shown" "$(printf '%s\n' "$first" | grep -cF "$out")" 1
	runs "its private half" occ exec -- stat -c '%a %U' /home/opencode/.ssh/id_ed25519
	is "its private half is the agent's own" "$out" "600 opencode"
}

no_trace_of_the_password() {
	is "nothing in inspect" "$(engine "/containers/$container/json" | grep -c "$password")" 0
	is "in one file only" "$(grep -rl "$password" "$HOME/.config" "$HOME/.local" "$work/saved.json")" "${config%/*}/credentials.json"
	like "the answers say only that there was one" "$(cat "$work/saved.json")" '"password": "given"'
}
first_setup
effects
no_trace_of_the_password
