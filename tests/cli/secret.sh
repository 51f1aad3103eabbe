#!/usr/bin/env bash
# secret set, list, unset: names are shown, values never.
. "$(dirname "$0")/tap.bash"

file=$XDG_CONFIG_HOME/opencode-cloud/credentials.json

run occ secret list
is "list of none" "$rc:$out" 0:
run occ secret list --json
is "list --json of none" "$rc:$out" "0:[]"

given $'sk-canary-1\n' occ secret set OPENAI_API_KEY --stdin
is "set --stdin" "$rc:$out" "0:Secret     OPENAI_API_KEY is set; applies at the next \`occ restart\`"
silent "set does not show it"
is "the file is 0600" "$(stat -c %a "$file")" 600
printf 'sk-canary-2' >"$tmp/key"
chmod 600 "$tmp/key"
run occ secret set ANTHROPIC_API_KEY --file "$tmp/key"
is "set --file" "$rc" 0
is "what is kept" "$(jq -c .secrets "$file")" '{"ANTHROPIC_API_KEY":"sk-canary-2","OPENAI_API_KEY":"sk-canary-1"}'
run occ secret list
is "list: names, sorted" "$rc:$out" "0:ANTHROPIC_API_KEY
OPENAI_API_KEY"
run occ secret list --json
is "list --json" "$(jq -c . <<<"$out")" '["ANTHROPIC_API_KEY","OPENAI_API_KEY"]'
given $'sk-canary-3' occ secret set OPENAI_API_KEY --stdin
is "set again" "$rc:$(jq -r .secrets.OPENAI_API_KEY "$file")" 0:sk-canary-3
is "no other file holds it" "$(grep -rl canary "$HOME" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME")" "$file"

run occ secret set A_KEY sk-canary-4
is "a value as an operand: exit 2" "$rc:$(jq -r '.secrets.A_KEY' "$file")" 2:null
has "... and why not" "$err" "never taken from the command line"
silent "... without showing it"
run occ secret set A_KEY=sk-canary-4
is "NAME=VALUE: exit 2" "$rc" 2
silent "... without showing it, too"
while read -r name; do
	given sk-canary-5 occ secret set "$name" --stdin
	is "the name $name: exit 2" "$rc" 2
	silent "the name $name: the value is not shown"
done <<'ROWS'
lower_case
1A
A-B
PATH
LD_PRELOAD
OCC_PORT
OPENCODE_SERVER_PASSWORD
ROWS
given '' occ secret set A_KEY --stdin
is "an empty value: exit 2" "$rc" 2
given $'canary\ncanary' occ secret set A_KEY --stdin
is "two lines: exit 2" "$rc" 2
silent "two lines are not shown"
given "$(head -c 9000 /dev/zero | tr '\0' c)" occ secret set A_KEY --stdin
is "a long value: exit 2" "$rc" 2
given "$(head -c 20000 /dev/zero | tr '\0' c)" occ secret set A_KEY --stdin
is "a very long value: exit 1" "$rc" 1
given "$(head -c 8192 /dev/zero | tr '\0' c)" occ secret set LONG --stdin
is "the longest value" "$rc:$(jq -r .secrets.LONG "$file" | wc -c)" 0:8193
run occ secret set A_KEY
has "no terminal to ask on" "$rc:$err" "2:occ: there is no terminal to ask on"

run occ secret unset OPENAI_API_KEY
is "unset" "$rc:$out" "0:Secret     OPENAI_API_KEY is removed; applies at the next \`occ restart\`"
run occ secret unset OPENAI_API_KEY
is "unset again: exit 1" "$rc:$err" "1:occ: there is no secret OPENAI_API_KEY
  try         occ secret list"
run occ secret list
is "list after unset" "$out" "ANTHROPIC_API_KEY
LONG"

# A secret and a password do not lose one another.
given 'canary password' occ password set --stdin
given sk-canary-6 occ secret set LAST --stdin
is "password and secrets side by side" "$(occ password show):$(jq -r .secrets.LAST "$file")" "canary password:sk-canary-6"

# The instance's lock: who holds it, and that nothing changed.
state=$XDG_STATE_HOME/opencode-cloud
exec 9>>"$state/lock"
flock 9
printf '{"pid":4121,"since":%s,"verb":"update"}' "$(date +%s)" >"$state/lock"
given sk-canary-7 occ secret set LAST --stdin
is "locked: exit 12" "$rc:$(jq -r .secrets.LAST "$file")" "12:sk-canary-6"
has "locked: by whom" "$err" "occ update (pid 4121) since "
exec 9>&-
given sk-canary-7 occ secret set LAST --stdin
is "free again" "$rc:$(jq -r .secrets.LAST "$file")" "0:sk-canary-7"

finish
