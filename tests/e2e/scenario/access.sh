# access.sh - to be sourced on a running service: the scripts of access/ that E2E_ACCESS names (all of them without it), their rows become ours.
# shellcheck shell=bash

access_script() {
	local script=$1 log status
	log=$work/$(basename "$script").log
	OCC=$occ_binary OCC_ARGS="--instance e2e" timeout 300 "$script" >"$log" 2>&1
	status=$?
	grep -v '^1\.\.' "$log"
	rows=$((rows + $(grep -cE '^(not )?ok ' "$log")))
	bad=$((bad + $(grep -c '^not ok ' "$log")))
	[ "$status" = 0 ] || grep -q '^not ok ' "$log" || row 1 "$(basename "$script") ended with $status"
}

for script in "$top"/tests/e2e/access/*.sh; do
	name=$(basename "$script" .sh)
	[ "$name" != lib ] || continue
	[[ " ${E2E_ACCESS:-$name} " != *" $name "* ]] || access_script "$script"
done
