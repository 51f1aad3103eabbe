#!/usr/bin/env bash
# password show, set, rotate before the first start: the file is all there is. With a service: tests/e2e.
. "$(dirname "$0")/tap.bash"

file=$XDG_CONFIG_HOME/opencode-cloud/credentials.json

fresh() {
	rm -rf "$XDG_CONFIG_HOME/opencode-cloud" "$XDG_STATE_HOME/opencode-cloud"
}

fresh
run occ password show
is "show before there is one" "$rc:$out:$err" "1::occ: there is no password yet: the first start makes one
  try         occ start"

printf 'canary battery\n' | occ password set --stdin >"$tmp/out" 2>"$tmp/err"
rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
is "set --stdin" "$rc:$out" "0:Password   saved; opencode is not running, the next \`occ start\` uses it"
silent "set --stdin does not show it"
is "the file is 0600 in 0700" "$(stat -c %a "$file" "${file%/*}" | tr '\n' ' ')" "600 700 "
occ password show >"$tmp/out"
is "show prints it and a line feed" "$(od -An -c "$tmp/out" | tr -d ' \n')" 'canarybattery\n'
printf 'canary two lines\nof them\n' | occ password set --stdin >"$tmp/out" 2>"$tmp/err"
rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
is "two lines: exit 2" "$rc:$(occ password show)" "2:canary battery"
silent "two lines are not shown"
printf '%s' 'canary67890' | occ password set --stdin >"$tmp/out" 2>"$tmp/err"
rc=$? out=$(cat "$tmp/out") err=$(cat "$tmp/err")
has "a short one: exit 2" "$rc:$err" "2:occ: the password is shorter than 12 characters"
silent "a short one is not shown"
printf '' | occ password set --stdin 2>"$tmp/err"
has "an empty one is asked for by name" "$?:$(cat "$tmp/err")" "2:occ: the password is empty
  try         occ password set --empty"

printf 'canary-from-file\r\n' >"$tmp/password"
chmod 600 "$tmp/password"
run occ password set --file "$tmp/password"
is "set --file" "$rc:$err:$(occ password show)" "0:Password   changing it:canary-from-file"
chmod 644 "$tmp/password"
run occ password set --file "$tmp/password"
has "a file that all can read is warned of" "$err" "every user of this machine can read $tmp/password"
run occ password set --file <(echo canary-from-a-pipe)
is "set --file of a pipe" "$rc:$(occ password show)" "0:canary-from-a-pipe"
run occ password set --file "$tmp/none"
is "set --file of nothing" "$rc:$(occ password show)" "1:canary-from-a-pipe"
run occ password set --file "$tmp/password" --stdin
is "--file and --stdin" "$rc:$err" "2:occ: --stdin and --file exclude each other"
run occ password set canary-on-the-command-line
is "an operand: exit 2" "$rc:$(occ password show)" "2:canary-from-a-pipe"
has "an operand: why not" "$err" "never taken from the command line"
silent "an operand is not shown"
run occ password set
has "no terminal to ask on" "$rc:$err" "2:occ: there is no terminal to ask on"
has "... and the way without one" "$err" "try         occ password set --stdin"

run occ password rotate
one=$(occ password show)
is "rotate" "$rc:$out" "0:Password   saved; opencode is not running, the next \`occ start\` uses it
Next       occ password show"
run occ password rotate
two=$(occ password show)
is "rotate makes 24 characters in groups" "$(grep -cE '^([A-Za-z0-9]{4}-){5}[A-Za-z0-9]{4}$' <<<"$one")" 1
is "rotate makes another one" "$([ "$one" = "$two" ] && echo "$one")" ""

run occ password set --empty
is "--empty on this machine only" "$rc" 0
run occ password show
is "show of an empty one" "$rc:$out:$err" "1::occ: the password is empty: whoever reaches opencode is let in"
run occ config set server.allow_plain_http true
run occ config set server.bind 0.0.0.0
run occ password rotate
is "a password beyond this machine" "$rc" 0
run occ password set --empty
is "--empty beyond this machine: exit 14" "$rc" 14
is "... and the old one stays" "$(occ password show | wc -c)" 30

# --- rights -------------------------------------------------------------------------

chmod 640 "$file"
run occ password show
is "a file that others can read: exit 14" "$rc:$out:$err" "14::occ: $file holds secrets, and others may read it (mode 0640)
  try         chmod 600 $file"
run occ password rotate
is "... nothing is written either" "$rc:$(stat -c %a "$file")" 14:640
chmod 600 "$file"
chmod 777 "${file%/*}"
run occ password show
has "a directory that others can write: exit 14" "$rc:$err" "14:occ: ${file%/*} holds secrets"
chmod 700 "${file%/*}"
run occ password show
is "put right again" "$rc" 0
printf '{"format":1,"password":"canary canary"' >"$file"
run occ password show
is "half a file: exit 3" "$rc:$out" "3:"
silent "half a file is not shown"

# --- on a terminal ---------------------------------------------------------------------

# A person at a terminal of their own: types after each question, and everything the screen shows is in $out.
typed() { # COMMAND LINE...
	local command=$1
	shift
	printf '%s\n' "$@" >"$tmp/lines"
	python3 - "$command" "$tmp/lines" >"$tmp/out" 2>&1 <<'PY'
import os, pty, select, sys, time

lines = open(sys.argv[2]).read().split("\n")[:-1]
pid, fd = pty.fork()
if pid == 0:
    os.execvp("bash", ["bash", "-c", sys.argv[1]])
seen, asked, due = b"", 0, time.monotonic() + 30
while time.monotonic() < due:
    if select.select([fd], [], [], 0.1)[0]:
        try:
            data = os.read(fd, 4096)
        except OSError:
            break
        if not data:
            break
        seen += data
    if lines and len(seen) > asked and seen.endswith(b": "):
        asked = len(seen)
        os.write(fd, lines.pop(0).encode() + b"\n")
status = os.waitpid(pid, 0)[1]
sys.stdout.write(seen.decode(errors="replace"))
sys.exit(os.waitstatus_to_exitcode(status))
PY
	rc=$? out=$(cat "$tmp/out") err=
}

fresh
typed "TERM=dumb occ password set" "canary at the prompt" "canary at the prompt"
is "the prompt asks twice" "$rc:$(occ password show)" "0:canary at the prompt"
silent "the prompt does not echo"
typed "TERM=dumb occ password set" "canary one canary" "canary two canary"
is "two that differ: exit 2" "$rc:$(occ password show)" "2:canary at the prompt"
silent "two that differ are not shown"
typed "TERM=dumb occ password rotate"
has "rotate on a terminal shows the new one" "$out" "$(occ password show)"

finish
