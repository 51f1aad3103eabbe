# load.sh - sourced by 58-edge.sh while the watchdog runs the edge (OCC_LONG): restarts of opencode, new certificates, ends of the edge, under load.
# shellcheck shell=bash disable=SC2154

rm -f "$work/enough"
occ password show | python3 "$here/scenario/load.py" "$port" "$state/ca.pem" occ.test "$work/enough" >"$work/load" 2>&1 &
loader=$!
until_true 30 grep -q 'under way' "$work/load"
row $? "load: requests and 50 streams are under way" "$(tail -n 5 "$work/load")"
for n in {1..20}; do
	occ restart --now >/dev/null 2>&1 || row 1 "load: restart $n"
done
row 0 "load: 20 restarts of opencode"
for n in {1..100}; do
	occ tls renew >/dev/null 2>&1 || row 1 "load: certificate $n"
done
row 0 "load: 100 certificates"
edge_pid() { tls .pid | grep -xE '[0-9]+'; }
for n in {1..10}; do
	until_true 30 edge_pid
	before=$(edge_pid) && kill "$before"
	until_true 30 is_another || row 1 "load: end $n of the edge" "$(tail -n 5 "$work/watchdog.log")"
done
row 0 "load: 10 ends of the edge"
touch "$work/enough"
wait $loader
is "load: nothing failed" "$(grep -vE '^(under way|asked )' "$work/load" | sort | uniq -c | head -n 20)" ""
like "load: every stream came again" "$(tail -n 1 "$work/load")" '^asked [0-9]{3,}, streams that came again: 50 of 50,'
printf '# load: %s\n' "$(tail -n 1 "$work/load")"
