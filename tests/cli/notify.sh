#!/usr/bin/env bash
# notify add, list, remove, test: addresses are secrets, hosts are not.
. "$(dirname "$0")/tap.bash"

file=$XDG_CONFIG_HOME/opencode-cloud/credentials.json

run occ notify list --json
is "list --json of none" "$rc:$out" "0:[]"
run occ notify test
is "test without an address: exit 1" "$rc" 1
has "... with the way to one" "$err" "occ notify add"

given $'https://ntfy.example/canary-topic\n' occ notify add ntfy --stdin
is "add --stdin" "$rc:$out" "0:Notify     ntfy at https://ntfy.example is added; try it: \`occ notify test ntfy\`"
is "the file is 0600" "$(stat -c %a "$file")" 600
given https://ntfy.example/canary-2 occ notify add ntfy --stdin
is "a second one gets a name of its own" "$rc:$(jq -r '.notify[1].name' "$file")" 0:ntfy-2
printf 'https://hooks.example/canary' >"$tmp/url" && chmod 600 "$tmp/url"
run occ notify add slack --name team --file "$tmp/url"
is "add --file --name" "$rc" 0
silent "none of it is shown"
is "what is kept" "$(jq -c '.notify[2]' "$file")" '{"kind":"slack","name":"team","url":"https://hooks.example/canary"}'
is "no other file holds it" "$(grep -rl canary "$HOME" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME")" "$file"
run occ notify list
is "list" "$rc:$out" "0:ntfy             ntfy     https://ntfy.example/...
ntfy-2           ntfy     https://ntfy.example/...
team             slack    https://hooks.example/..."
run occ notify list --json
is "list --json" "$(jq -c '.[2]' <<<"$out")" '{"name":"team","kind":"slack","origin":"https://hooks.example"}'

given https://x.example/canary occ notify add webhook --name team --stdin
is "a name that is taken: refused" "$((rc > 0))" 1
silent "... silently about the address"
run occ notify add webhook https://x.example/canary
is "an address as an operand: exit 2" "$rc" 2
silent "... without showing it"
given http://10.0.0.2/canary occ notify add webhook --stdin
is "without TLS: exit 14" "$rc" 14
has "... with the way out" "$err" "occ config set notify.allow_http true"
silent "... without showing it, too"
run occ config set notify.allow_http true
given http://127.0.0.1:9/canary occ notify add webhook --stdin
is "allowed in the own network" "$rc" 0
given https://user:canary@host/x occ notify add webhook --stdin
is "credentials in the address: exit 2" "$rc" 2
silent "... not shown"
given https://ntfy.example occ notify add ntfy --stdin
is "ntfy without a topic: exit 2" "$rc" 2
given x occ notify add pager --stdin
is "a kind that there is none of: exit 2" "$rc" 2
has "... and those there are" "$err" "notify add webhook"

run occ notify test webhook
is "nobody listens: fails" "$((rc > 0))" 1
has "... by name and host" "$err" "webhook: post to http://127.0.0.1:9"
silent "... and no more of it"
run occ notify test absent
is "test of a name that is not there" "$rc" 1

run occ notify remove ntfy-2
is "remove" "$rc:$(jq -c '[.notify[].name]' "$file")" '0:["ntfy","team","webhook"]'
run occ notify remove ntfy-2
is "remove again: exit 1" "$rc" 1
given sk-key occ secret set A_KEY --stdin
is "a secret leaves the addresses alone" "$(jq -c '[(.notify|length), .secrets.A_KEY]' "$file")" '[3,"sk-key"]'
for name in ntfy team webhook; do run occ notify remove $name; done
is "the last one takes the section with it" "$(jq -c 'has("notify")' "$file")" false

run occ config set notify.events '["failed","session-finished"]'
is "the kinds" "$rc" 0
run occ config set notify.events '["fail"]'
is "a kind that is none: exit 3" "$rc" 3
finish
