#!/usr/bin/env bash
# occ service where no service manager can be asked: what it says, what it would do, and that it does nothing.
. "$(dirname "$0")/tap.bash"

# In a mount namespace without systemd's mark, also on a machine that runs it.
if [ "${1-}" = inside ]; then
	shift
	mount -t tmpfs tmpfs /run && "$@"
	exit
fi
if [ -d /run/systemd/system ] && [ -z "${OCC_NO_SYSTEMD-}" ]; then
	if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
		ok "without systemd # skip needs root and a mount namespace"
		finish
	fi
	OCC_NO_SYSTEMD=1 exec unshare -m "$0" inside "$0"
fi
unset XDG_CONFIG_HOME XDG_STATE_HOME

run occ service install
is "install: exit 1" "$rc:$out" "1:"
has "... says why" "$err" "occ: no service can be installed: "
has "... and what to do instead" "$err" "  try         let whatever starts services here run: occ watchdog"
run occ service status
is "status: exit 6" "$rc" 6
has "... says that there is none" "$out" "Unit       none: "
run occ service status --json
is "... as JSON" "$(jq -c '[.installed, .active, .enabled, .unit]' <<<"$out")" '[false,false,false,"opencode-cloud.service"]'
run occ service uninstall
is "uninstall: nothing to do" "$rc:$out" "0:Nothing to do: no service of this instance is installed."

run occ service install --dry-run
is "a dry run shows what would be done: exit 0" "$rc" 0
has "... the unit's place" "$out" "$HOME/.config/systemd/user/opencode-cloud.service:"
has "... its text" "$out" "ExecStart=$HOME/.local/lib/opencode-cloud/opencode-cloud watchdog --user"
has "... the copy" "$out" "Program: copied to ~/.local/lib/opencode-cloud/opencode-cloud"
has "... the commands" "$out" "systemctl --user enable opencode-cloud.service"
run occ --instance work service install --dry-run --json
is "... as JSON" "$(jq -r '.unit, .changed, (.text | test("watchdog --user --instance work\n")), .steps[-1].command' <<<"$out" | tr '\n' ' ')" \
	"opencode-cloud-work.service false true systemctl --user enable opencode-cloud-work.service "
run env XDG_STATE_HOME=/srv/state DOCKER_HOST=unix:///srv/docker.sock occ service install -n
has "what finds the files again is kept" "$out" "Environment=XDG_STATE_HOME=/srv/state"
has "... and what finds the engine" "$out" "Environment=DOCKER_HOST=unix:///srv/docker.sock"
is "nothing was made" "$(find "$HOME" "$tmp/state" "$tmp/config" -type f)" ""

run env DOCKER_HOST=ssh://me@example.org occ service install -n
is "an engine elsewhere: exit 14" "$rc" 14
has "... says where to do it" "$err" "occ service install on example.org"
run occ --engine unix:///x.sock service install -n
is "--engine: exit 2" "$rc" 2
has "... names the key" "$err" "occ config set engine.url"
run occ --config /x.json service install -n
is "--config: exit 2" "$rc" 2
run occ service install --run-as daemon -n
is "--run-as without --system: exit 2" "$rc" 2
run occ --system service install --run-as nobody-here -n
is "--run-as a user who is not there: exit 2" "$rc" 2

mkdir -p "$HOME/.local/bin"
cp "$OCC" "$HOME/.local/bin/opencode-cloud"
run "$HOME/.local/bin/opencode-cloud" service install -n
has "a program in a stable place is not copied" "$out" "ExecStart=$HOME/.local/bin/opencode-cloud watchdog --user"
is "... at all" "$(grep -c 'Program:' <<<"$out")" 0

mkdir -p "$HOME/.config/systemd/user"
printf '[Service]\n' >"$HOME/.config/systemd/user/opencode-cloud.service"
run occ service install
is "a unit of somebody else: exit 14" "$rc" 14
run occ service uninstall
is "... also for uninstall" "$rc" 14
run occ service status
has "... and told" "$out" "was not made by this program"
occ --instance work service install -n --json | jq -j .text >"$HOME/.config/systemd/user/opencode-cloud-work.service"
run occ --instance work service uninstall
is "without a manager the files can still be taken away" "$rc:$(ls "$HOME/.config/systemd/user")" "0:opencode-cloud.service"
finish
