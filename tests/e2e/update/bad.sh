# bad.sh - sourced by 25-update.sh: images that are no good, each taken back with the data as before
# shellcheck shell=bash disable=SC2154

ref=$RIG_REGISTRY/e2e-update:1
# offered [LINE] - an image from ours, in the registry as what image.ref means: with a line more, or with standard input in opencode's place (the real one is opencode.real)
offered() {
	local context=$work/context
	mkdir -p "$context"
	if [ $# = 1 ]; then
		printf 'FROM %s\n%s\n' "$e2e_ref" "$1" >"$context/Dockerfile"
	else
		cat >"$context/opencode" && chmod 755 "$context/opencode"
		printf 'FROM %s\nUSER root\nRUN mv /usr/local/bin/opencode /usr/local/bin/opencode.real\nCOPY opencode /usr/local/bin/opencode\nUSER 1000:1000\n' "$e2e_ref" >"$context/Dockerfile"
	fi
	tar -c -C "$context" . | DOCKER_BUILDKIT=0 docker build -q -t e2e-update:1 - >/dev/null 2>&1 && "$rig/registry" load e2e-update:1 >/dev/null 2>&1
	local done=$?
	docker rmi -f e2e-update:1 >/dev/null 2>&1
	return $done
}

offered "LABEL e2e=good"
row $? "a registry has our image"
occ config set image.ref "$ref" >/dev/null
occ config set image.source pull >/dev/null
watch_s=12 ends_s=8
[ -z "${OCC_LONG:-}" ] || watch_s=30 ends_s=20
occ config set update.watch_seconds $watch_s >/dev/null
runs "from the registry" occ start --now
had=$(sessions)
good=$(inspect "$name" .Image)
# shellcheck disable=SC2016
occ exec -- sh -c 'echo kept >~/.local/share/opencode/mine/changed' >/dev/null
before=$(data)
incidents() { occ incidents list --json | jq -r ".incidents|length"; }

# taken_back WHAT REGEX [OPTION...] - the update to what is offered now
taken_back() {
	local records
	records=$(incidents)
	exits "$1: taken back" 10 occ update --yes --now "${@:3}"
	like "$1: says why" "$out" "$2"
	is "$1: the image of before" "$(inspect "$name" .Image)" "$good"
	is "$1: its sessions" "$(sessions)" "$had"
	is "$1: its files" "$(data)" "$before"
	is "$1: an incident more" "$(incidents)" "$((records + 1))"
	like "$1: in the history" "$(occ history | head -n 1)" "taken back: "
	runs "$1: start" occ start
	like "$1: has nothing to do" "$out" "Nothing to do: running since"
	all_is_kept "$1"
}
offered <<<'#!/bin/sh
exec sleep 600'
taken_back "never listens" "no healthy answer in time" --timeout 5s

offered <<<'#!/bin/sh
exit 3'
taken_back "ends at once" "exit code 3|ended"

offered <<<'#!/bin/sh
unset OPENCODE_SERVER_PASSWORD
exec /usr/local/bin/opencode.real "$@"'
taken_back "answers without a password" "without"

offered "LABEL io.opencode-cloud.opencode-version=1.18.99"
taken_back "whose version lies" "labelled opencode 1\.18\.99, and what runs in it says"

offered <<'END'
#!/usr/bin/python3
import http.server
import os
import shutil

at = "/home/opencode/.local/share/opencode"
shutil.rmtree(at + "/mine")
for name in os.listdir(at):
    if ".db" in name:
        os.remove(at + "/" + name)


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.headers.get("Authorization") else 401)
        self.end_headers()
        self.wfile.write(b"{}")


http.server.HTTPServer(("", 3000), Answer).serve_forever()
END
taken_back "removes the data and answers wrongly" "no healthy answer in time" --timeout 8s

offered <<<"#!/bin/sh
timeout -s KILL $ends_s /usr/local/bin/opencode.real \"\$@\"
exit 1"
taken_back "ends after a while" "ended|exit code"

# ---- killed while it is taken back, after people were let in ----
killed_at "update [0-9]+: failed" update --yes --now
runs "killed while it is taken back: start" occ start --now
is "it is taken back all the same" "$(sessions)" "$had"
is "its files" "$(data)" "$before"
is "and is in the history" "$(occ history --json | jq -r '.[0].state')" undone
all_is_kept "killed while it is taken back"
occ config set update.watch_seconds 2 >/dev/null
