# load.sh - sourced: people at an edge while things are done to it and to opencode. load_begin, load_times for each thing, load_end.
# shellcheck shell=bash disable=SC2154

# load_begin NAME HOST PORT CA-FILE PASSWORD - requests, 50 event streams and 20 terminals
load_begin() {
	load_name=$1
	rm -f "$work/enough" "$work/enough.came"
	printf '%s\n' "$5" | python3 "$here/scenario/load.py" "$2" "$3" "$4" occ.test "$work/enough" >"$work/load" 2>&1 &
	loader=$!
	until_true 90 grep -q 'under way' "$work/load"
	row $? "$load_name: requests, 50 streams and 20 terminals are under way" "$(tail -n 5 "$work/load")"
}
# load_everybody COMMAND... - and does not end before every stream and every terminal has come again: a terminal that finds opencode gone each time it asks is told so after
# edge.hold_seconds.
load_everybody() {
	local before
	before=$(cat "$work/enough.came") && "$@" && until_true 60 more_came "$before"
}
more_came() { [ "$(cat "$work/enough.came")" -gt "$1" ]; }
# load_times COUNT WHAT COMMAND...
load_times() {
	local n said
	for n in $(seq "$1"); do
		said=$("${@:3}" 2>&1) || row 1 "$load_name: $2 $n" "$said"
	done
	row 0 "$load_name: $1 $2"
}
load_end() {
	touch "$work/enough"
	wait "$loader"
	is "$load_name: nothing failed" "$(grep -vE '^(under way|asked )' "$work/load" | sort | uniq -c | head -n 20)" ""
	like "$load_name: every stream and every terminal came again" "$(tail -n 1 "$work/load")" '^asked [0-9]{3,}, streams and terminals that came again: 70 of 70,'
	printf '# %s: %s\n' "$load_name" "$(tail -n 1 "$work/load")"
}
