#!/usr/bin/env bash
# Wrong words: exit 2, nothing on standard output, and a hint that is a command of this program.
. "$(dirname "$0")/tap.bash"

# wrong NAME WORDS...: exit 2, silent output, the program's name before the message
wrong() {
	local name=$1
	shift
	run occ "$@"
	if [ $rc -ne 2 ]; then
		not_ok "$name" "exit status $rc: $err"
	elif [ -n "$out" ]; then
		not_ok "$name" "standard output has \"$out\""
	elif [ "${err#occ: }" = "$err" ]; then
		not_ok "$name" "standard error has \"$err\""
	else
		ok "$name"
	fi
}

# tries: the commands that the last error said to try, without remarks in brackets
tries() {
	sed -n 's/^  try  *\(.*\)$/\1/p' "$tmp/err" | sed 's/   (.*)$//'
}

# Every hint parses: with --help behind it it explains a command.
check_tries() { # NAME
	local name=$1 line words n=0
	while read -r line; do
		n=$((n + 1))
		read -ra words <<<"$line"
		"${words[@]}" --help >"$tmp/out" 2>"$tmp/err2" </dev/null || {
			not_ok "$name" "\"$line\" is no command: $(cat "$tmp/err2")"
			return
		}
		if [ "${words[1]}" != help ] && ! grep -q '^Usage: ' "$tmp/out"; then
			not_ok "$name" "\"$line\" has no help"
			return
		fi
	done < <(tries)
	if [ $n -eq 0 ]; then not_ok "$name" "no hint: $(cat "$tmp/err")"; else ok "$name"; fi
}

# Habits, and what each is answered with.
while read -r word want; do
	wrong "habit $word: exit 2" "$word"
	has "habit $word: occ $want" "$err" "  try         occ $want"
	check_tries "habit $word: the hint is a command"
done <<'ROWS'
up start
down stop
run start
deploy start
install start
init setup
enable service install --now
disable service uninstall
rm stop --remove
ps status
top status
ls list
ssh shell
bash shell
sh shell
upgrade update
downgrade rollback
undo rollback
versions history
passwd password set
env secret list
env config get container.env
login auth login
logout auth logout
web open
ROWS

# All habits of the table, also those not listed above, name commands that exist.
while read -r -a words; do
	run occ "${words[@]}"
	check_tries "habit of the table: ${words[*]}"
done < <(sed -n '/^static const struct cli_habit/,/^};/s/^\t{ "\([^"]*\)".*/\1/p' applets/occ.c | sort -u)

# Misspellings.
while read -r word want; do
	wrong "misspelt $word" "$word"
	has "misspelt $word: occ $want" "$err" "occ $want"
done <<'ROWS'
strat start
stauts status
stat status
resart restart
lgos logs
confg config --help
rotate password rotate
ROWS

wrong "nothing like it" frobnicate
has "nothing like it: help" "$err" "try         occ help"
wrong "a group alone" config
has "a group alone: names its commands" "$err" "set"
has "a group alone: help" "$err" "try         occ config --help"
wrong "a group and a wrong word" config frobnicate
wrong "an unknown option" start --frobnicate
wrong "a misspelt option" start --prot 3001
has "a misspelt option: the right one" "$err" "try         occ start --port PORT"
wrong "a value that is missing" start --port
wrong "a value out of range" start --port 65536
has "a value out of range: option, value and range" "$err" 'option --port takes a number from 1 to 65535, not "65536"'
wrong "a flag with a value" start --dry-run=yes
wrong "an operand too many" start here
wrong "an operand too few" config set server.port
wrong "an option before its command" --dry-run start
has "an option before its command: where it belongs" "$err" "occ start --dry-run"
wrong "a secret where none is asked for" password set hunter2
case $err in *hunter2*) not_ok "the secret is not repeated" "$err" ;; *) ok "the secret is not repeated" ;; esac

# Escape sequences of the person's own words do not come back raw.
run occ $'\033]0;title\007'
case $err in *$'\033'*) not_ok "no escape sequence in an error" "it is there" ;; *) ok "no escape sequence in an error" ;; esac

# The name in hints is the one the program was called by.
run opencode-cloud up
has "as opencode-cloud" "$err" "opencode-cloud: \"up\" is not a command"
has "as opencode-cloud: hint" "$err" "try         opencode-cloud start"

# A full disk is a failure, a reader that goes away is not.
occ help >/dev/full 2>"$tmp/err"
is "a full disk: exit 1" $? 1
has "a full disk: said" "$(cat "$tmp/err")" "write to standard output: No space left on device"
{ until [ -e "$tmp/gone" ]; do sleep 0.01; done; occ --help 2>"$tmp/err"; echo $? >"$tmp/rc"; } | { exec <&-; touch "$tmp/gone"; }
is "a reader that goes away: nothing said" "$(cat "$tmp/err")" ""
is "a reader that goes away: exit 0" "$(cat "$tmp/rc")" 0
finish
