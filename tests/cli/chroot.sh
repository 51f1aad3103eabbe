#!/usr/bin/env bash
# The program in a root directory that holds nothing else: no libc, no /etc, no /proc, no engine.
# shellcheck source=tests/cli/tap.bash
. "$(dirname "$0")/tap.bash"
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null && exec sudo -n OCC="$OCC" "$0"
	not_ok "chroot" "needs root"
	finish
fi
case $OCC in */san/*) ok "the sanitized build is not static"; finish ;; esac

root=$tmp/root
mkdir "$root" && cp "$OCC" "$root/opencode-cloud"
inside() { run env -i PATH="$PATH" "$@" chroot "$root" /opencode-cloud "${words[@]}"; }

words=(--version) && inside
has "--version" "$rc:$out" "0:opencode-cloud "
words=(help) && inside
has "help" "$rc:$out" "0:opencode as a"
words=(config show) && inside HOME=/
has "config show" "$rc:$out" "0:Every setting has its default"
words=(config set server.port 4000) && inside HOME=/
is "config set" "$rc" 0
words=(config get server.port) && inside HOME=/
is "config get" "$rc:$out" 0:4000
words=(start --dry-run) && inside HOME=/
is "start --dry-run without an engine: exit 4" "$rc" 4
has "... explains itself" "$err" "no "
has "... and says what to do" "$err" "try"
finish
