#!/usr/bin/env bash
# 36-readme - what a newcomer does: every command that the README shows, in its order, on a machine with a real systemd and an engine of its own.
#
# A command of the README that has no line here fails, and so does a line whose command the README has no more. What builds a release is run by the test named.
# lane: cloud
# shellcheck disable=SC2016 # what a shell inside expands
. "$(dirname "$0")/own_machine.sh" readme

# ---- what the README shows ----
mapfile -t shown < <(awk '/^```/ { is_in = !is_in; next } is_in && (sub(/^\$ /, "") || /^make /) { sub(/  +.*/, ""); print }' "$top/README.md")
at=0
# What was typed and shown, in $T_OUT/transcript: a newcomer's first hour
transcript=${T_OUT:-$work}/transcript
: >"$transcript"
shows() { printf '$ %s\n%s\n' "$1" "$out" >>"$transcript"; }
next() { is "the README goes on" "${shown[at]:-(its end)}" "$1"; at=$((at + 1)); }
# The newcomer is root, in a home of root's.
as_typed() { inside timeout 240 sh -c "cd /root && $1"; }
# reads COMMAND STATUS REGEX [TYPED] - the README's next command, typed so where a word of it stands for something, ends so and says that
reads() {
	next "$1"
	exits "$1" "$2" as_typed "${4:-$1}"
	shows "${4:-$1}"
	like "$1: says" "$out" "$3"
}
# asks COMMAND STATUS REGEX <<TALK - one that asks, at a terminal
asks() {
	local got
	next "$1"
	cat >"$work/talk"
	out=$("$here/setup/talk" "$work/talk" docker -H "unix://$E2E_SOCKET" exec -it -w /root -e TERM=xterm "$RIG_SYSTEMD_NAME" sh -c "$1" 2>&1)
	got=$?
	out=$(sed 's/\x1b\[[0-9;?]*[a-ln-zA-Z]/\n/g; s/\x1b\[[0-9;]*m//g; s/\r/\n/g' <<<"$out")
	shows "$1"
	[ "$got" = "$2" ]
	row $? "$1: at a terminal" "exit status $got, want $2" "$(tail -n 60 <<<"$out")"
	like "$1: says" "$out" "$3"
}
# elsewhere COMMAND TEST - run there: that file has its words
elsewhere() {
	next "$1"
	grep -qF -- "${3:-$1}" "$top/$2"
	row $? "$1: is run by $2"
}
is_up() { inside occ status -q; }
up_row() { until_true 60 is_up; row $? "$1" "$(inside occ status 2>&1)"; }

# ---- Two commands ----
elsewhere "make run" tests/e2e/11-make-run.sh "make run"
elsewhere "make check" .ci/run

# ---- Set up: the base is the one that make run makes where none can be pulled, and the image is there already ----
prepared() {
	own_image && inside occ config set image.base "$e2e_base" >/dev/null
	row $? "$1"
}
inside /opt/occ/opencode-cloud --install-links /usr/local/bin >/dev/null
prepared "its engine has base and image"
asks "occ setup" 0 "Ready +opencode" <<-END
	Choice [1]:	
	User name [opencode]:	
	Choice [1]:	
	boots [	
	1) do it	
END
while IFS= read -r line; do
	holds "the question is the README's" "$out" "$line"
done < <(sed -n '/^1\. How will you reach it/,/^Choice/p' "$top/README.md")
for word in Engine Container Ready URL User Password "From your laptop" "Connect a model"; do
	like "it ends as the README shows: $word" "$out" "^ *$word  "
done
up_row "it serves"
asks "occ setup --dry-run --save-answers answers.json" 0 "Summary" <<-END
	Choice [1]:	
	User name [opencode]:	
	Choice [1]:	
	boots [	
END
reads "occ setup --answers answers.json --install-engine" 0 "Nothing to do"
inside sh -c 'umask 077; echo "a password of my own 42" >/root/password'
reads "occ setup --defaults --password-file FILE" 0 "Ready|Nothing" "occ setup --defaults --password-file password"
is "it is the password now" "$(inside occ password show)" "a password of my own 42"

# ---- Use ----
reads "occ start" 0 "Nothing to do|Ready"
reads "occ status" 0 "healthy|up"
asks "occ secret set ANTHROPIC_API_KEY" 0 "" <<-END
	ANTHROPIC_API_KEY	sk-not-a-key
END
asks "occ auth login" 130 "Add credential" <<-END
	Add credential	^C
END
asks "occ shell" 0 "1000" <<-END
	opencode@	id -u; exit
END
inside install -d -o 1000 -g 1000 /root/src
reads "occ mount add ~/src:/home/opencode/workspace/src" 0 "src"
asks "occ logs -f" 130 "listening" <<-END
	listening	^C
END

# ---- The edge ----
reads "occ config set edge.mode self-signed" 0 "edge.mode"
reads "occ config add edge.names code.example.org" 0 "code.example.org"
reads "occ start" 0 "https://code.example.org"
reads "occ service install --now" 0 "edge"

# ---- Keep it running ----
reads "occ service install --now" 0 "Nothing to do"
up_row "it is kept running"

# ---- Notifications: the receiver is of the test ----
cat >"$work/receiver.py" <<'END'
import http.server, sys


class Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()


server = http.server.HTTPServer((sys.argv[1], 0), Answer)
print("port", server.server_port, flush=True)
server.serve_forever()
END
host=$(host_seen_by inside)
python3 "$work/receiver.py" "$host" >"$work/receiver.log" 2>/dev/null &
server=$!
receiver=http://$host:$(port_told "$work/receiver.log" $server)
runs "the receiver is in the own network" inside occ config set notify.allow_http true
for kind in ntfy slack webhook; do
	asks "occ notify add $kind" 0 "$kind at $receiver" <<-END
		:	$receiver/topic
	END
done
reads "occ notify test" 0 "webhook.*204|webhook"

# ---- Update and go back: to what there is; other versions are changed to and back in 25-update ----
reads "occ update --check" 0 "${e2e_ref##*:}"
reads "occ update" 0 "opencode ${e2e_ref##*:}" "occ update ${e2e_ref##*:}"
reads "occ rollback" 1 "there is no update to take back"
reads "occ history" 0 "No update yet"

# ---- Back up ----
reads "occ backup create" 0 "backups/default-[0-9TZ]+.tar.gz"
reads "occ backup verify" 0 "session"
asks "occ backup restore latest" 0 "Ready|answered" <<-END
	[y/N]	y
END
up_row "and it serves"
reads "occ backup list" 0 "tar"
reads "occ backup keygen -o backup.key" 0 "age1"
reads "occ config add backup.recipients age1..." 0 "age1" "occ config add backup.recipients $(grep -oE 'age1[0-9a-z]+' <<<"$out" | head -n 1)"
runs "an encrypted one" as_typed "occ backup create"
reads "occ backup verify -i backup.key" 0 "session"

# ---- Bring an opencode along: the one that is here, as it would lie in a home ----
inside sh -c 'mkdir -p /root/.local/share && docker cp opencode-cloud:/home/opencode/.local/share/opencode /root/.local/share/ && chown -R 0:0 /root/.local/share/opencode' </dev/null >/dev/null 2>&1
row $? "an opencode in the home"
runs "the new instance is to be the default one: the service goes" as_typed "occ service uninstall"
runs "and the one that has data" as_typed "occ reset all --yes"
prepared "which leaves base and image"
reads "occ import --dry-run" 0 "opencode"
asks "occ import" 0 "" <<-END
	[Y/n]	y
END
runs "start it" as_typed "occ start"

# ---- When something is wrong ----
inside docker stop opencode-cloud </dev/null >/dev/null
reads "occ doctor" 1 "WRONG container .*should run"
like "with the command that mends it" "$out" "mend it  occ start"
like "and the sum" "$out" "^[0-9]+ checks passed, [0-9]+ wrong"
runs "which mends it" as_typed "occ start"

# ---- How it is built: releases ----
elsewhere "make dist RELEASE_URL=https://HOST/releases RELEASE_KEYS=release.pub RELEASE_KEY=release.key" tests/long/release.sh "make dist"
elsewhere "scripts/image REGISTRY/opencode-cloud:0.1.0-amd64" tests/e2e/registry/published.sh "scripts/image"
elsewhere "make dist && make npm" tests/cli/npm.sh scripts/npm
elsewhere "make dist && make cargo" tests/cli/cargo.sh scripts/cargo
elsewhere "make dist && make deb" tests/e2e/33-deb.sh scripts/deb
is "the README has no further command" "${shown[*]:at}" ""
e2e_done
