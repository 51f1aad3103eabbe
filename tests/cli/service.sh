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

run occ config set edge.mode self-signed
run occ service install --dry-run
has "with the edge on its units as well: the port" "$out" "ListenStream=0.0.0.0:8443"
has "... the process" "$out" "ExecStart=$HOME/.local/lib/opencode-cloud/opencode-cloud --user tls run"
has "... enabled" "$out" "systemctl --user enable opencode-cloud-edge.socket"
run occ service status --json
is "... and told of" "$(jq -c '[.more[] | [.unit, .installed]]' <<<"$out")" '[["opencode-cloud-edge.socket",false],["opencode-cloud-edge.service",false]]'
run occ config unset edge.mode
run occ service install --dry-run --json
is "with the edge off there is one unit" "$(jq -c '.more' <<<"$out")" '[]'
rm -rf "$tmp/state" "$tmp/config" "$HOME/.config/opencode-cloud"

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

run env DOCKER_HOST=$'unix:///tmp/x\nExecStartPre=/bin/true' occ service install -n
is "a line break in the engine's path: exit 3" "$rc:$out" "3:"
run env XDG_STATE_HOME="$tmp/state"$'\nExecStartPre=' occ service install -n
is "... in a directory's" "$rc:$out" "3:"

mkdir -p "$HOME/.config/systemd/user"
printf '[Service]\n' >"$HOME/.config/systemd/user/opencode-cloud.service"
run occ service install
is "a unit of somebody else: exit 14" "$rc" 14
run occ service uninstall
is "... also for uninstall" "$rc" 14
run occ service status
has "... and told" "$out" "was not made by this program"

# What hinders an install hinders neither the question nor the way back.
unit=$HOME/.config/systemd/user/opencode-cloud-work.service
occ --instance work service install -n --json | jq -j .text >"$unit"
for why in DOCKER_HOST=ssh://me@example.org "DOCKER_HOST= DOCKER_CONTEXT=nowhere" OCC_ENGINE_URL=ssh://me@example.org "DOCKER_HOST=tcp://x:1"; do
	# shellcheck disable=SC2086
	run env $why occ --instance work service status --json
	is "$why: status" "$rc:$(jq -c '[.installed, .outdated, (.install_refused | length > 0)]' <<<"$out")" "6:[true,true,true]"
	# shellcheck disable=SC2086
	run env $why occ --instance work service uninstall -n
	is "$why: uninstall" "$rc:$out" "0:1. Unit: removed: ~/.config/systemd/user/opencode-cloud-work.service"
done
printf '[Service]\nEnvironment=DOCKER_HOST=ssh://me@example.org\n' >"$HOME/.config/systemd/user/opencode-cloud-other.service"
run env DOCKER_HOST= occ --instance other service status --json
is "somebody else's unit says nothing of ours" "$rc:$(jq -c '[.foreign, .install_refused]' <<<"$out")" "6:[true,null]"
rm "$HOME/.config/systemd/user/opencode-cloud-other.service"

# A kept engine that is gone, beside one that is there.
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$tmp/here.sock"
id=$(printf here | sha256sum | cut -d' ' -f1)
mkdir -p "$HOME/.docker/contexts/meta/$id"
printf '{"Name":"here","Endpoints":{"docker":{"Host":"unix://%s"}}}' "$tmp/here.sock" >"$HOME/.docker/contexts/meta/$id/meta.json"
printf '{"currentContext":"here"}' >"$HOME/.docker/config.json"
DOCKER_HOST=unix://$tmp/kept.sock occ --instance work service install -n --json | jq -j .text >"$unit"
: >"$tmp/kept.sock"
run env -u DOCKER_HOST occ --instance work service install -n
has "the engine of the unit is kept" "$out" "Environment=DOCKER_HOST=unix://$tmp/kept.sock"
rm "$tmp/kept.sock"
run env -u DOCKER_HOST occ --instance work service install -n
has "... but not one that is gone, beside one that is there" "$out" "Environment=DOCKER_HOST=unix://$tmp/here.sock"
rm -r "$HOME/.docker"

# The copy is what install made; the program that asks is a person's own.
mkdir -p "$HOME/.local/lib/opencode-cloud"
cp "$OCC" "$HOME/.local/lib/opencode-cloud/opencode-cloud"
: >"$HOME/.local/lib/opencode-cloud/.copied-by-service-install"
run "$HOME/.local/bin/opencode-cloud" --instance work service uninstall
is "uninstall takes the copy away" "$rc:$(ls "$HOME/.local/lib")" "0:"
is "... and leaves a person's own program" "$(ls "$HOME/.local/bin")" "opencode-cloud"
occ --instance work service install -n --json | jq -j .text >"$unit"
run occ --instance work service uninstall
is "without a manager the files can still be taken away" "$rc:$(ls "$HOME/.config/systemd/user")" "0:opencode-cloud.service"

# The same for a user who is not root.
if [ "$(id -u)" -eq 0 ]; then
	as=$tmp/plain
	mkdir -p "$as/.config/systemd/user"
	occ --instance work service install -n --json | jq -j .text >"$as/.config/systemd/user/opencode-cloud-work.service"
	chown -R 65534:65534 "$as"
	cp "$OCC" "$tmp/occ-for-all"
	chmod 755 "$tmp" "$tmp/occ-for-all"
	run setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$as" XDG_RUNTIME_DIR= "$tmp/occ-for-all" --instance work service uninstall
	is "... by a plain user as well" "$rc:$(ls "$as/.config/systemd/user")" "0:"
fi
finish
