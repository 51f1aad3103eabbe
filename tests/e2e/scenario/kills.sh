# kills.sh - kill -9 of the command before each of its steps: the next start finds its way, and one container serves.
#
# Sourced by scenario/service (E2E_MORE) and local.sh. E2E_KILLS: the steps of the normal run, a regular expression over "first STEP" and "next STEP"; with
# OCC_LONG all of them.
# shellcheck shell=bash disable=SC2034,SC2154

killed_at() {
	local step=$1 log=$work/killed.log pid
	shift
	: >"$log"
	env "$occ_binary" --instance e2e -v "$@" >"$log" 2>&1 &
	pid=$!
	until_true 60 grep -qE "step: $step" "$log"
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
	runs "start after kill -9 at '$step'" occ start --now
	is "one container serves" "$(containers_of)" 1
	url=$(occ status --json | jq -r .url)
	mapfile -t auth < <(with_password)
	is "healthy" "$(status_of /global/health "${auth[@]}")" 200
}

is_wanted() { [ -n "${OCC_LONG:-}" ] || [[ $1 =~ ^(${E2E_KILLS:-first start|next start|next the}) ]]; }

kills() {
	local pids=3000 step
	for step in "create container" "start container" "wait until"; do
		is_wanted "first $step" || continue
		occ stop --remove --now >/dev/null 2>&1
		killed_at "$step" start
	done
	for step in "create the new" "stop container" "put the secret" "start container" "wait until" "the new container takes"; do
		is_wanted "next $step" || continue
		pids=$((pids + 1))
		occ config set container.pids "$pids" >/dev/null
		killed_at "$step" start --now
		is "with what was asked for" "$(inspect opencode-cloud-e2e .HostConfig.PidsLimit)" "$pids"
	done
}
kills
