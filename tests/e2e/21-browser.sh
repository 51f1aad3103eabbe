#!/usr/bin/env bash
# 21-browser - the real web UI of a started service in Chromium: a message, a session, a terminal in which `id` answers.
#
# Chromium is started by `occ open` of a normal user, through the desktop's xdg-open and what that user has chosen as browser.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
e2e_init browser
e2e_cleanup
runs "base" occ config set image.base "$e2e_base"
runs "start" occ start
url=$(occ status --json | jq -r .url)

# A person with the same deployment, since root starts no browser; what they run has to be theirs to read.
person=$work/person
uid=12321
settle() {
	local cache=opencode-cloud modules=${XDG_CACHE_HOME:-$HOME/.cache}
	command -v xdg-open >/dev/null || "$top/scripts/apt-install" xdg-utils >/dev/null
	"$top/tests/browser/run" >/dev/null 2>&1		# without words it only gets what it needs
	mkdir -p "$person/.cache" && cp -r "$modules/$cache" "$person/.cache" && cp -r "$top/tests/browser" "$person/rig" &&
		cp -r "$HOME/.config" "$HOME/.local" "$person" && cp "$occ_binary" "$person/opencode-cloud" || return
	cat >"$person/browser" <<-END
		#!/bin/sh
		export OCC_PASSWORD="\$($person/opencode-cloud --instance e2e password show)" XDG_CACHE_HOME=$person/.cache
		$person/rig/run "\$1" opencode $person/browser.png >$person/seen.part 2>&1
		mv $person/seen.part $person/seen
	END
	chmod +x "$person/browser"
	mkdir -p "$person/.local/share/applications"
	printf '[Desktop Entry]\nType=Application\nName=Browser\nExec=%s %%u\nMimeType=x-scheme-handler/http;\n' "$person/browser" \
		>"$person/.local/share/applications/person.desktop"
	printf '[Default Applications]\nx-scheme-handler/http=person.desktop\n' >"$person/.config/mimeapps.list"
	chown -R "$uid:$uid" "$person"
	chmod 0755 "$rig_base" "$work"
}
as_person() {
	setpriv --reuid "$uid" --regid "$uid" --groups "$(stat -c %g "$E2E_SOCKET")" \
		env -u SSH_CONNECTION -u SSH_TTY -u XDG_CACHE_HOME -u BROWSER HOME="$person" DISPLAY=:99 "$person/opencode-cloud" --instance e2e "$@"
}
settle
row $? "a person at a screen"
runs "open" as_person open
is "says the address, and nothing else" "$out" "$url"
until_true 240 test -s "$person/seen"
out=$(cat "$person/seen" 2>/dev/null || cat "$person/seen.part" 2>/dev/null)
is "the browser of that screen: page, session and terminal" "$(printf '%s' "$out" | jq -c '[.ok, .status]' 2>&1)" "[true,200]" || printf '# %s\n' "$out"
like "id answers as the normal user" "$out" 'uid=1000\(opencode\)'
[ -s "$person/browser.png" ]
row $? "a picture of it"
mkdir -p "${T_OUT:-$rig_base}" && cp "$person/browser.png" "${T_OUT:-$rig_base}/browser.png"
runs "the terminal wrote into the workspace" occ exec -- cat id.txt
like "as that user" "$out" 'uid=1000\(opencode\)'
exits "without a screen" 0 env -u SSH_CONNECTION -u SSH_TTY DISPLAY= WAYLAND_DISPLAY= "$occ_binary" --instance e2e open
like "no browser is started" "$out" "no browser was started: there is no screen here"
occ stop --remove --now >/dev/null 2>&1
e2e_cleanup
e2e_done
