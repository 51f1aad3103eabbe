#!/usr/bin/env bash
# --user, --system, sudo: whose files are read and written, and what a normal user is told.
#
# The machine's own /etc and /var/lib are not touched: the cases run in a mount namespace with fresh ones.
. "$(dirname "$0")/tap.bash"

# --- a user's own ------------------------------------------------------------------------------

own() {
	run env -u XDG_CONFIG_HOME -u XDG_STATE_HOME occ config set server.port 4000
	is "without XDG variables below HOME" "$rc:$out" "0:server.port: 3000 (default) -> 4000, in ~/.config/opencode-cloud/config.json
applies at the next \`occ start\` (the container is recreated; data stays)"
	is "... and state, too" "$(stat -c %a "$HOME/.local/state/opencode-cloud")" 700
	run env XDG_CONFIG_HOME=relative occ config get server.port
	is "a relative XDG variable does not count" "$rc:$out" "0:4000"
	run env -u HOME -u XDG_CONFIG_HOME occ config show --schema
	is "without HOME" "$rc" 0
	run occ --system --user config show
	is "--system and --user: exit 2" "$rc:$err" "2:occ: --system and --user exclude each other"
	for name in Work -x a/b .. ''; do
		run occ "--instance=$name" config show
		is "--instance '$name': exit 2" "$rc:${err:0:20}" "2:occ: instance name '"
	done
}

# --- the machine's -----------------------------------------------------------------------------

# In a mount namespace of its own: an /etc with three files, an empty /var/lib, a root and an alice who live in $tmp.
inside() {
	mkdir "$tmp/etc"
	trap 'umount -l /etc "$tmp/etc"; rm -rf "$tmp"' EXIT
	mount -t tmpfs -o mode=755 tmpfs "$tmp/etc" && cp /etc/passwd /etc/group "$tmp/etc/" && cp -P /etc/localtime "$tmp/etc/" 2>/dev/null
	sed -i "s|^root:.*|root:x:0:0::$tmp/root:/bin/sh|" "$tmp/etc/passwd"
	printf 'alice:x:4242:4242::%s/alice:/bin/sh\n' "$tmp" >>"$tmp/etc/passwd"
	mount --bind "$tmp/etc" /etc && mount -t tmpfs -o mode=755 tmpfs /var/lib || return 1
	chmod 755 "$tmp"
	mkdir -p "$tmp/alice" "$tmp/root"
	chown 4242:4242 "$tmp/alice"
	chmod 755 "$tmp/alice"
	unset XDG_CONFIG_HOME XDG_STATE_HOME
	export HOME=$tmp/root
}

# alice COMMAND...: as a normal user of the machine
alice() {
	run setpriv --reuid 4242 --regid 4242 --clear-groups env HOME="$tmp/alice" "$@"
}

# sudo_of COMMAND...: as root, called by alice through sudo
sudo_of() {
	run env SUDO_USER=alice SUDO_UID=4242 "$@"
}

machine() {
	alice occ config set server.port 4100
	is "alice's own" "$rc" 0
	sudo_of occ config show
	is "sudo with alice's files only: exit 14" "$rc:$(head -1 <<<"$err")" \
		"14:occ: called with sudo, but the only deployment here is the one of alice ($tmp/alice/.config/opencode-cloud)"
	has "... one choice" "$err" "without sudo"
	has "... the other choice" "$err" "occ --system"
	sudo_of occ --user config get server.port
	is "sudo --user: root's own" "$rc:$out" 0:3000
	run env SUDO_USER=alice HOME="$tmp/alice" occ --user config set server.port 4200
	is "sudo that keeps HOME does not write into it" "$(HOME=$tmp/alice occ --user config get server.port)" 4100
	is "... nothing of root's lies there" "$(find "$tmp/alice" -user root)" ""
	is "... but in root's home" "$(occ --user config get server.port)" 4200
	rm -rf "$tmp/root/.config"
	run occ config get server.port
	is "root of itself: root's own" "$rc:$out" 0:3000

	sudo_of occ --system config set server.port 4300
	is "sudo --system makes the machine's" "$rc" 0
	is "... readable for all, but not the state" "$(stat -c %a /etc/opencode-cloud /etc/opencode-cloud/config.json /var/lib/opencode-cloud | tr '\n' ' ')" \
		"755 644 711 "
	sudo_of occ config get server.port
	is "then sudo means the machine's" "$rc:$out" 0:4300
	printf 'canary password' | occ password set --stdin >/dev/null 2>&1
	is "its credentials" "$(stat -c %a /etc/opencode-cloud/credentials.json)" 600

	alice occ config get server.port
	is "then alice, too, means the machine's" "$rc:$out" 0:4300
	alice occ --user config get server.port
	is "alice --user: her own" "$rc:$out" 0:4100
	alice occ config set server.port 4400
	is "alice cannot change it: exit 5" "$rc" 5
	has "... and is told how" "$err" "try         run it with sudo"
	is "... and it is as it was" "$(occ config get server.port)" 4300
	alice occ password show
	is "alice cannot read its password: exit 5" "$rc:$out" "5:"
	has "... and is told how, too" "$err" "run it with sudo"
	alice occ secret set A_KEY --stdin
	is "alice cannot set its secrets: exit 5" "$rc" 5
	alice occ password rotate
	is "alice cannot change its password: exit 5" "$rc:$(occ password show)" "5:canary password"
	alice occ --instance work config get server.port
	is "another instance is alice's own" "$rc:$out" 0:3000
	alice occ --instance work config set server.port 4500
	is "... and hers to change" "$rc:$out" "0:server.port: 3000 (default) -> 4500, in ~/.config/opencode-cloud/instances/work/config.json
applies at the next \`occ start\` (the container is recreated; data stays)"
}

if [ "${1-}" = inside ]; then
	inside || { not_ok "a namespace with its own /etc" "mount failed"; finish; }
	machine
	finish
fi
own
if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
	ok "the machine's deployment # skip needs root and a mount namespace"
else
	OCC=$OCC unshare -m "$0" inside >"$tmp/inside" 2>&1
	grep -v '^1\.\.' "$tmp/inside"
	n_tests=$((n_tests + $(grep -cE '^(not )?ok ' "$tmp/inside")))
	n_bad=$((n_bad + $(grep -c '^not ok ' "$tmp/inside")))
	has "the machine's part ran to its end" "$(tail -1 "$tmp/inside")" "1.."
fi
finish
