# local.sh - sourced by scenario/service on a local engine: what needs this machine's ports, signals and files.
# shellcheck shell=bash disable=SC2016,SC2154

refused_exposure() {
	exits "every address is refused" 14 occ start --bind 0.0.0.0
	like "and the ways out are named" "$out" "ssh -N -L"
	exits "a public address is refused" 14 occ start --bind 203.0.113.7
	is "nothing was saved" "$(occ config get server.bind)" 127.0.0.1
	runs "an empty password on loopback is a choice" occ password set --empty --now
	is "then it is open" "$(status_of /global/health)" 200
	exits "an empty password beyond loopback" 14 occ start --bind 10.9.8.7
	runs "a password again" occ password rotate --now
	mapfile -t auth < <(with_password)
	exits "an address that is not ours" 3 occ start --bind 10.9.8.7
	like "is named" "$out" "10.9.8.7 is not an address of this machine"
	is "and not saved" "$(occ config get server.bind)" 127.0.0.1
	is "closed again" "$(status_of /global/health)" 401
}

# Holds a port until its standard input ends.
listener='import socket,sys
s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen()
print("listening", flush=True); sys.stdin.read()'

busy_port() {
	local was
	runs "stop before a busy port" occ stop --remove --now
	coproc HOLDER { python3 -c "$listener" 3000; }
	read -r -u "${HOLDER[0]}" _
	exits "a start on a taken default port that does not come to its end" 15 occ start -t 0s
	like "keeps its container" "$out" "the new container is stopped; occ logs"
	was=$(inspect opencode-cloud-e2e '.Id+.HostConfig.PortBindings["3000/tcp"][0].HostPort')
	runs "start on a taken default port" occ start
	is "goes on with that container and its port" "$(inspect opencode-cloud-e2e '.Id+.HostConfig.PortBindings["3000/tcp"][0].HostPort')" "$was"
	like "takes the next free one and says so" "$out" "3000 is taken: 300[1-9] is used"
	url=$(occ status --json | jq -r .url)
	like "and answers there" "$(ask /global/health "${auth[@]}")" healthy
	exits "a chosen port is never changed silently" 8 occ start --port 3000
	like "who has it" "$out" "taken by python3? \(pid [0-9]+, user"
	like "what is free" "$out" "occ start --port 300[0-9]"
	like "the old one still answers" "$(ask /global/health "${auth[@]}")" healthy
	eval "exec ${HOLDER[1]}>&-"
	until_true 10 not_listening 3000
	runs "start --port" occ start --port 3000 --now
	is "saved" "$(occ config get server.port)" 3000
	url=$(occ status --json | jq -r .url)
	is "and used" "$url" http://127.0.0.1:3000
	is "one container" "$(containers_of)" 1
}
not_listening() { ! curl -q -s -m 1 -o /dev/null "http://127.0.0.1:$1"; }

# A model server that never finishes its answer: the session stays busy.
busy_session() {
	local id port=8898
	mapfile -t auth < <(with_password)
	occ exec -- sh -c 'cat >/tmp/llm' <"$top/tests/e2e/llm/server"
	runs "a model that stalls" occ exec -- sh -c "sed -i s,127.0.0.1:[0-9]*,127.0.0.1:$port, ~/.config/opencode/opencode.json"
	runs "restart to read it" occ restart --now
	occ exec -- sh -c 'cat >/tmp/llm' <"$top/tests/e2e/llm/server"
	runs "stalling server" occ exec -- sh -c "LLM_KEY=key-of-the-agent setsid python3 /tmp/llm --port $port --stall /tmp/go >/tmp/llm.log 2>&1 & until grep -q listening /tmp/llm.log; do :; done"
	id=$(ask "/session?directory=$workspace" "${auth[@]}" -X POST -H 'Content-Type: application/json' -d '{}' | jq -r .id)
	ask "/session/$id/prompt_async?directory=$workspace" "${auth[@]}" -X POST -H 'Content-Type: application/json' \
		-d '{"parts":[{"type":"text","text":"take your time"}]}' >/dev/null
	until_true 30 is_busy
	row $? "status --sessions sees the busy session" "$(occ status --sessions 2>&1)"
	exits "restart waits, then gives up" 15 occ restart --wait-idle 1s
	like "says what is at work" "$out" "1 session busy"
	exits "stop as well" 15 occ stop --wait-idle 1s
	is "it still runs" "$(inspect opencode-cloud-e2e .State.Running)" true
	paused_busy_session
	left_over_busy_session
	occ exec -- touch /tmp/go
	runs "restart once it is idle" occ restart --wait-idle 60s
}
# A paused one is asked as well, and stays paused when it is not to be stopped.
paused_busy_session() {
	local verb
	for verb in "stop" "restart" "password rotate"; do
		until_true 20 pause
		# shellcheck disable=SC2086 # a command of two words
		exits "$verb of a paused one asks, too" 15 occ $verb --wait-idle 1s
		like "and says that it is paused again ($verb)" "$out" "nothing; the container is paused again"
		is "which is true ($verb)" "$(inspect opencode-cloud-e2e .State.Status)" paused
		engine /containers/opencode-cloud-e2e/unpause -X POST -o /dev/null
	done
	runs "a drift while it is paused" occ config set container.pids 2047
	until_true 20 pause
	exits "a replacement of a paused one asks, too" 15 occ start --wait-idle 1s
	like "and it is paused again" "$out" "nothing; the container is paused again"
	is "with nothing left over" "$(containers_of)" 1
	engine /containers/opencode-cloud-e2e/unpause -X POST -o /dev/null
	runs "no drift" occ config set container.pids 2048
}

# What a replacement that was cut left running is what serves: it is asked, too.
left_over_busy_session() {
	engine "/containers/opencode-cloud-e2e/rename?name=opencode-cloud-e2e.next" -X POST -o /dev/null
	exits "stop of a left-over that is busy" 15 occ stop --wait-idle 1s
	is "left it running" "$(inspect opencode-cloud-e2e.next .State.Running)" true
	exits "a new password is refused meanwhile" 1 occ password rotate --now
	like "with the way out" "$out" "try +occ start"
	engine "/containers/opencode-cloud-e2e.next/rename?name=opencode-cloud-e2e" -X POST -o /dev/null
}
is_busy() { occ status --sessions | grep -q '1 session busy'; }

keys() {
	local dir=$work/shared
	mkdir -p "$dir" && chown 1000 "$dir" && echo from-host >"$dir/file"
	runs "mount add" occ mount add "$dir:$workspace/shared"
	runs "env" occ config add container.env GREETING=hello
	runs "cpus" occ config set container.cpus 1.5
	runs "memory" occ config set container.memory 2g
	runs "extra host" occ config add container.extra_hosts db.example:10.1.2.3
	runs "port" occ config add container.ports 18080:8080
	runs "cors" occ config add server.cors https://a.example
	runs "log size" occ config set log.max_size 1m
	runs "log files" occ config set log.max_files 2
	runs "user name" occ config set auth.username somebody
	runs "sudo" occ config set container.sudo true
	runs "restart policy" occ config set container.restart on-failure
	runs "start with all of it" occ start --now
	is "cpus arrived" "$(inspect opencode-cloud-e2e .HostConfig.NanoCpus)" 1500000000
	is "memory arrived" "$(inspect opencode-cloud-e2e .HostConfig.Memory)" 2147483648
	is "restart policy arrived" "$(inspect opencode-cloud-e2e .HostConfig.RestartPolicy.Name)" on-failure
	is "log limits arrived" "$(inspect opencode-cloud-e2e '.HostConfig.LogConfig.Config|."max-size"+" "+."max-file"')" "1048576 2"
	runs "mount is seen inside" occ exec -- sh -c "cat $workspace/shared/file && echo from-inside >$workspace/shared/back"
	is "both ways" "$(cat "$dir/back" 2>&1)" from-inside
	runs "environment" occ exec -- sh -c 'echo $GREETING; getent hosts db.example; sudo -n id -u'
	is "env, host and sudo" "$(printf '%s' "$out" | tr -s ' \n' '  ')" "hello 10.1.2.3 db.example 0"
	like "status calls sudo what it is" "$(occ status)" "isolation +reduced"
	is "old user name refused" "$(status_of /global/health -u "opencode:$(occ password show)")" 401
	is "new user name let in" "$(status_of /global/health -u "somebody:$(occ password show)")" 200
	like "cors" "$(ask /global/health -D - -o /dev/null -u "somebody:$(occ password show)" -H 'Origin: https://a.example')" "[Aa]ccess-[Cc]ontrol-[Aa]llow-[Oo]rigin: https://a.example"
	occ exec -- sh -c 'cd /tmp && setsid python3 -m http.server 8080 >/dev/null 2>&1 &'
	until_true 20 curl -q -fsS -o /dev/null http://127.0.0.1:18080/
	row $? "published port"
	runs "public url" occ config set server.public_url "$url"
	like "is asked from here" "$(occ status --public)" "public +$url answers"
	runs "a wrong public url" occ config set server.public_url http://127.0.0.1:9
	like "is told" "$(occ status --public)" "public +http://127.0.0.1:9 .*Failed to connect"
	for key in container.env container.cpus container.memory container.extra_hosts container.ports server.cors log.max_size log.max_files \
		auth.username container.sudo container.restart container.mounts server.public_url; do
		runs "unset $key" occ config unset "$key"
	done
	runs "start as before" occ start --now
	is "the policy, too" "$(inspect opencode-cloud-e2e .HostConfig.RestartPolicy.Name)" always
}

# Images that are not what they should be, derived from the real one
wrong_images() {
	local ref
	ref=$(inspect opencode-cloud-e2e .Config.Image)
	runs "stop before other images" occ stop --remove --now
	runs "pull as source" occ config set image.ref opencode-cloud-test:open
	runs "source" occ config set image.source pull
	printf 'FROM %s\nUSER 0\nRUN mv /usr/local/bin/opencode /usr/local/bin/real && printf "#!/bin/sh\\nunset OPENCODE_SERVER_PASSWORD\\nexec real \\"\\$@\\"\\n" >/usr/local/bin/opencode && chmod 755 /usr/local/bin/opencode\nUSER 1000:1000\n' "$ref" |
		DOCKER_BUILDKIT=0 docker build -q -t opencode-cloud-test:open - >/dev/null
	exits "an image that answers without credentials" 14 occ start
	is "does not stay up" "$(inspect opencode-cloud-e2e .State.Running)" false
	runs "removed" occ stop --remove
	runs "an image of something else" occ config set image.ref "$e2e_base_image"
	exits "is refused by the contract" 9 occ start
	like "which says what it lacks" "$out" "io.opencode-cloud.contract"
	runs "an image that nobody has" occ config set image.ref 127.0.0.1:9/nobody/nothing:1
	exits "is an error of the registry" 9 occ start
	is "nothing was left" "$(containers_of)" 0
	runs "source back" occ config unset image.source
	runs "ref back" occ config unset image.ref
	engine /images/opencode-cloud-test:open -X DELETE -o /dev/null
	runs "the own image again" occ start
}

# interrupted REGEX COMMAND... - sends SIGINT once the output matches; exit status in $got
interrupted() {
	local want=$1 log=$work/interrupted.log pid
	shift
	: >"$log"
	# A shell's background job ignores SIGINT, and so would the program.
	env --default-signal=INT "$@" >"$log" 2>&1 &
	pid=$!
	until_true 60 grep -qE "$want" "$log"
	kill -INT "$pid"
	wait "$pid"
	got=$?
}

interruption() {
	runs "stop before an interruption" occ stop --remove --now
	e2e_cleanup
	interrupted "Container +opencode-cloud-e2e created|starting" occ start
	is "Ctrl-C while it starts: 130" "$got" 130
	is "no container is left" "$(containers_of)" 0
	# Not --rebuild: of two layers that are alike the engine takes the newer one, and nothing would be cached behind that of a cut build for those who build next.
	runs "a package more" occ config add image.packages hello
	interrupted "Image +building" occ start
	is "Ctrl-C while it builds: 130" "$got" 130
	is "no container is left" "$(containers_of)" 0
	runs "a package less" occ config unset image.packages
	runs "start after both" occ start
	mapfile -t auth < <(with_password)
	is "healthy" "$(status_of /global/health "${auth[@]}")" 200
}

lock_and_owner() {
	local id
	id=$(inspect opencode-cloud-e2e '.Config.Labels["io.opencode-cloud.deployment"]')
	coproc LOCKER { flock "$HOME/.local/state/opencode-cloud/instances/e2e/lock" sh -c 'echo held; read -r _'; }
	read -r -u "${LOCKER[0]}" _
	exits "another command is at work" 12 occ restart --now
	eval "exec ${LOCKER[1]}>&-"
	mkdir -p "$work/other"
	HOME=$work/other exits "somebody else's deployment" 14 occ start
	like "whose it is" "$out" "owner +[a-z]+ on .*config.json"
	rm "$HOME/.local/state/opencode-cloud/instances/e2e/state.json"
	runs "a lost state file is no lost deployment" occ start
	is "the same one" "$(inspect opencode-cloud-e2e '.Config.Labels["io.opencode-cloud.deployment"]')" "$id"
	runs "gone with its container" occ stop --remove --now
	rm "$HOME/.local/state/opencode-cloud/instances/e2e/state.json"
	exits "volumes of a deployment that nobody remembers" 14 occ start
	like "can be taken over by name" "$out" "start --adopt $id"
	runs "as said" occ start --adopt "$id"
}

# Minutes without the builder's cache: in the long run only. The wish outlives the round that ends a cut replacement.
rebuilt() {
	local before
	before=$(inspect opencode-cloud-e2e .Image)
	engine "/containers/opencode-cloud-e2e/rename?name=opencode-cloud-e2e.next" -X POST -o /dev/null
	runs "start --rebuild" occ start --rebuild --now
	unlike "another image" "$(inspect opencode-cloud-e2e .Image)" "$before"
	still_there "after --rebuild"
}

# After a failure the account of what changed is true.
told_truth() {
	local image deployment
	image=$(inspect opencode-cloud-e2e .Config.Image)
	deployment=$(inspect opencode-cloud-e2e '.Config.Labels["io.opencode-cloud.deployment"]')
	until_true 20 pause
	exits "a paused one that does not answer in time" 15 occ start -t 0s
	like "is not paused any more" "$out" "changed +the container is no longer paused"
	is "as said" "$(inspect opencode-cloud-e2e .State.Status)" running
	engine '/containers/create?name=opencode-cloud-e2e.next' -X POST -H 'Content-Type: application/json' -o /dev/null \
		-d "{\"Image\":\"$image\",\"Labels\":{\"io.opencode-cloud.deployment\":\"$deployment\"}}"
	runs "a drift" occ config set container.pids 2047
	exits "a replacement that does not answer in time" 15 occ start --now -t 0s
	like "what is gone and what is back" "$out" "opencode-cloud-e2e.next was removed, data stays; the old container runs again"
	exits "again" 15 occ start --now -t 0s
	like "with nothing gone" "$out" "changed +nothing; the old container runs again"
	is "one container" "$(containers_of)" 1
	runs "no drift" occ config set container.pids 2048
	runs "nothing to do" occ start
}

refused_exposure
[ -z "${OCC_LONG:-}" ] || rebuilt
busy_session
told_truth
keys
busy_port
wrong_images
interruption
lock_and_owner

# shellcheck source=/dev/null
. "$top/tests/e2e/scenario/kills.sh"
