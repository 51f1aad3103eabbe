# lib.sh - for the parts of 55-setup.sh: an instance of its own, a person who types, and what must not change.
# shellcheck shell=bash disable=SC2154 # here, work, occ_binary, e2e_base, e2e_ref: from those who source this

container=opencode-cloud-setup-e2e
config=$HOME/.config/opencode-cloud/instances/setup-e2e/config.json
printf '#!/usr/bin/env bash\nexec -a occ %q --instance setup-e2e "$@"\n' "$occ_binary" >"$work/bin/occ"
# Questions read alike without colours; the screen reader's case.
export TERM=dumb

# The machine with systemd of boot.sh, the image in its engine
export RIG_SYSTEMD_NAME=occ-rig-setup
machine=$here/rig/systemd
machine_up() { OCC=$occ_binary "$machine" up && "$machine" load "$e2e_ref"; }

setup_clean() {
	local v
	engine "/containers/$container?force=1" -X DELETE -o /dev/null
	engine "/containers/$container.next?force=1" -X DELETE -o /dev/null
	for v in home workspace; do engine "/volumes/$container-$v" -X DELETE -o /dev/null; done
	kept_of "$container"
	engine "/networks/$container" -X DELETE -o /dev/null
	rm -rf "$HOME/.config/opencode-cloud" "$HOME/.local/state/opencode-cloud"
}

# bridge_address - a private address of this machine: the bridge's, whose gateway an engine names only from its second start on
bridge_address() { engine /networks/bridge | jq -r '.IPAM.Config[0] | .Gateway // (.Subnet | sub("\\.0/.*"; ".1"))'; }

# typed NAME STATUS COMMAND... - lines "what the screen shows, a tab, what is typed" on standard input; $out is all that was shown
typed() {
	local name=$1 want=$2 got
	shift 2
	cat >"$work/script"
	out=$("$here/setup/talk" "$work/script" "$@" 2>&1)
	got=$?
	[ "$got" = "$want" ]
	row $? "$name" "exit status $got, want $want" "$(printf '%s' "$out" | tail -n 30)"
}

# Every file of ours with mode, time and contents, and every object on the engine with its id
everything() {
	find "$HOME/.config" "$HOME/.local" -printf '%p %m %T@\n' 2>/dev/null | sort
	find "$HOME/.config" "$HOME/.local" -type f -exec sha256sum {} + 2>/dev/null | sort
	engine "/containers/json?all=1" | jq -r '.[]|select(.Labels["io.opencode-cloud.instance"]=="setup-e2e")|.Id + .State'
	engine "/volumes" | jq -r '.Volumes//[]|.[]|select(.Name|startswith("opencode-cloud-setup-e2e"))|.Name + .CreatedAt' | sort
}

# The lines of the questions: 80 columns, no escape sequence
screen_is_plain() {
	unlike "$1: no escape sequence" "$out" $'\033'
	is "$1: questions fit 80 columns" "$(printf '%s\n' "$out" | sed -n '/^1\. How/,/^Summary/p' | awk 'length > 80 && !/^occ: /')" ""
}
