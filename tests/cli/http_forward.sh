#!/usr/bin/env bash
# What is forwarded is read alike by three parsers: ours, Python's http.server and Node's http. Requests are mutated from a fixed seed; OCC_LONG: 100,000.
is_long=${OCC_LONG:-} seed=${OCC_SEED:-1}
. "$(dirname "$0")/tap.bash"

rounds=${is_long:+100000}
rounds=${rounds:-3000}
driver=${T_DRIVERS:-${T_OUT:-$PWD/build/tests}/../release/tests/e2e/driver}/http_forward
# what a parser may not know without reading it otherwise: methods, and bytes beyond ASCII in a target
may_refuse='^- (HPE_INVALID_METHOD|HPE_INVALID_URL|400 Bad request syntax|400 Bad request version|400 Bad HTTP)'

run "$driver" "$rounds" "$seed"
is "forward $rounds mutated requests" "$rc:$err" "0:"
[ "$rc" -eq 0 ] || finish
mv "$tmp/out" "$tmp/records"
n=$(tail -n 1 "$tmp/records" | cut -d' ' -f3)
if [ "${n:-0}" -ge $((rounds / 4)) ]; then ok "enough of them are forwarded"; else not_ok "enough of them are forwarded" "$n of $rounds"; fi
LC_ALL=C grep -aoE '^[0-9]+ [0-9a-f]{64}$' "$tmp/records" | cut -d' ' -f2 >"$tmp/ours"
is "every one has a record" "$(wc -l <"$tmp/ours")" "$n"

# compare NAME FILE: nothing is read otherwise, and hardly anything is refused
compare() {
	local differ refused
	is "$1 has read them all" "$(wc -l <"$2")" "$n"
	differ=$(paste -d' ' "$tmp/ours" "$2" | awk '$2 != "-" && $1 != $2 { print NR }' | head -n 5 | tr '\n' ' ')
	is "$1 reads none otherwise (seed $seed)" "$differ" ""
	is "$1 refuses none for a reason that is not its own" "$(grep '^-' "$2" | grep -vE "$may_refuse" | sort | uniq -c | head -n 5)" ""
	refused=$(grep -c '^-' "$2")
	if [ "$refused" -le $((n / 10)) ]; then ok "$1 reads nine in ten"; else not_ok "$1 reads nine in ten" "$refused of $n refused"; fi
	echo "# $1: $n forwarded of $rounds, $refused refused"
}
python3 tests/cli/http_reader.py "$tmp/records" >"$tmp/python"
compare Python "$tmp/python"
node tests/cli/http_reader.js "$tmp/records" >"$tmp/node"
compare Node "$tmp/node"
finish
