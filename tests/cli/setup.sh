#!/usr/bin/env bash
# `occ setup` as far as it goes without an engine: its words, what is missing, answers that are wrong, an engine that is not there. With one:
# tests/e2e/55-setup.sh.
. "$(dirname "$0")/tap.bash"

answers() { printf '%s' "$1" >"$tmp/answers.json"; }
files() { find "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" -type f | sort; }

# --- three names of one command -----------------------------------------------------

ln -s "$OCC" "$tmp/bin/occ-setup"
run occ setup --help
help=$out
has "it explains itself" "$help" "Usage: occ setup [OPTIONS]"
run occ-setup --help
is "occ-setup is the same" "$rc $out" "0 $help"
run opencode-cloud setup --help
is "opencode-cloud setup is the same, by that name" "$rc $(sed 's/opencode-cloud setup/occ setup/; s/opencode-cloud help/occ help/' <<<"$out" | head -3)" \
	"0 $(head -3 <<<"$help")"
run occ-setup
is "occ-setup without a terminal: exit 2" "$rc" 2
has "hints are commands of occ" "$err" "try         occ setup --answers FILE"
run occ-setup --instance other --frobnicate
is "global options behind the applet's name" "$rc:${err%%$'\n'*}" "2:occ: setup has no option --frobnicate"
has "the overview knows it" "$(occ --help)" "  setup "
for shell in bash zsh fish; do
	has "completion of $shell knows it" "$(occ completion $shell)" "save-answers"
done
run occ init
has "init is setup" "$err" "try         occ setup"

# --- without a terminal -----------------------------------------------------------------

run timeout 20 occ setup
is "nothing to go by: exit 2" "$rc:$out" "2:"
has "... names what is missing" "$err" "the answers are missing"
has "... and the ways" "$err" "or          occ setup --defaults"
run timeout 20 occ setup --yes
is "--yes is no answer" "$rc" 2
run occ setup --defaults --password-stdin --password-file x
is "two passwords" "$rc:$err" "2:occ: --password-stdin and --password-file exclude each other"
run timeout 20 occ setup --defaults --password-stdin
is "an empty one" "$rc:$err" "2:occ: the password is empty"
printf 'short\n' >"$tmp/password"
run timeout 20 occ setup --defaults --password-file "$tmp/password"
is "a short one" "$rc" 2
case $out$err in *short*shorter*) not_ok "it is not shown" "$err" ;; *) ok "it is not shown" ;; esac

while IFS='|' read -r name want text part; do
	answers "$text"
	run timeout 20 occ setup --answers "$tmp/answers.json"
	is "$name: exit $want" "$rc" "$want"
	has "$name: said" "$err" "$part"
done <<'ROWS'
out of range|3|{ "port": 70000 }|answers.json:1:11: port: 70000 is out of range
an unknown name|3|{ "prot": 1 }|answers.json:1:3: 'prot' is not an answer
no JSON|3|{ "port": |answers.json: line 1
a password that is not given|2|{ "password": "given" }|--password-file FILE
a load balancer without its name|2|{ "reach": "load-balancer" }|the answer public_url is missing
an image to pull without its name|2|{ "image": "pull" }|the answer image_ref is missing
what excludes each other|2|{ "reach": "local", "bind": "10.0.0.1" }|bind 10.0.0.1 does not go with reach local
ROWS
run timeout 20 occ setup --answers "$tmp/none.json"
has "no such file" "$rc:$err" "1:occ: --answers: open $tmp/none.json: No such file"
mkfifo "$tmp/fifo"
run timeout 20 occ setup --answers "$tmp/fifo"
is "a pipe that nobody writes to does not hang: exit 3" "$rc" 3

# --- a terminal whose output goes elsewhere ------------------------------------------

# at_terminal COMMAND: standard input and error on a terminal, nobody types; $out is all of it, at most 20 s
at_terminal() {
	timeout 20 python3 -c 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(["bash", "-c", sys.argv[1]])))' "$1" >"$tmp/out" 2>&1 </dev/null
	rc=$? out=$(cat "$tmp/out")
}
for words in "" --defaults --yes; do
	at_terminal "occ setup $words >$tmp/shown"
	is "into a file ${words:-without words}: exit 2" "$rc" 2
	has "... says why" "$out" "the summary would be agreed to unseen"
done
at_terminal "occ setup >/dev/null"
is "into nothing: exit 2" "$rc" 2
at_terminal "occ setup --defaults --yes >$tmp/shown"
is "into a file, with nothing to ask: on to the engine" "$rc" 4
at_terminal "occ setup 2>&1 | cat; exit \${PIPESTATUS[0]}"
is "through a pipe: not a terminal for the questions" "$rc" 2
at_terminal "occ setup | cat; exit \${PIPESTATUS[0]}"
is "the output alone through a pipe: on to the engine" "$rc" 4

# --- what refuses comes before the engine -----------------------------------------------

mkdir -p "$XDG_CONFIG_HOME/opencode-cloud" && chmod 700 "$XDG_CONFIG_HOME/opencode-cloud"
printf 'no credentials' >"$XDG_CONFIG_HOME/opencode-cloud/credentials.json" && chmod 600 "$XDG_CONFIG_HOME/opencode-cloud/credentials.json"
run timeout 20 occ setup --defaults
is "credentials that cannot be read: exit 3, not the engine's" "$rc" 3
rm -r "$XDG_CONFIG_HOME/opencode-cloud"
printf '{"server":{"bind":"192.168.7.7"}}' | { mkdir -p "$XDG_CONFIG_HOME/opencode-cloud" && cat >"$XDG_CONFIG_HOME/opencode-cloud/config.json"; }
run timeout 20 occ setup --defaults
is "an address of the network without a name: on to the engine" "$rc" 4
rm -r "$XDG_CONFIG_HOME/opencode-cloud"

# --- an engine that is not there ------------------------------------------------------------

answers '{ "port": 4000 }'
run timeout 20 occ setup --answers "$tmp/answers.json"
is "a named engine that is not there: exit 4" "$rc" 4
run timeout 20 occ setup --defaults --install-engine
is "... is not ours to install" "$rc" 4
is "nothing was written by any of these" "$(files)" ""

# A root directory of another system, without an engine: its own commands are shown and nothing is run.
if [ "$(id -u)" -eq 0 ] && [ "${OCC#*/san/}" = "$OCC" ]; then
	chroot=$(command -v chroot)
	mkdir -p "$tmp/root/etc" && cp "$OCC" "$tmp/root/occ"
	for row in 'fedora|dnf install -y moby-engine' 'arch|pacman -S --needed --noconfirm docker' 'alpine|apk add docker' 'debian|apt-get install -y docker.io' \
		'amzn|yum install -y docker' 'opensuse-leap" ID_LIKE="suse opensuse|zypper --non-interactive install docker'; do
		printf 'ID="%s"\n' "${row%%|*}" | sed 's/ ID_LIKE/\nID_LIKE/' >"$tmp/root/etc/os-release"
		run env -i HOME=/ PATH=/bin "$chroot" "$tmp/root" /occ setup --defaults --dry-run
		is "${row%%[\"|]*}: dry run: exit 0" "$rc" 0
		has "... shows the command" "$out" "  ${row#*|}"
		run env -i HOME=/ PATH=/bin "$chroot" "$tmp/root" /occ setup --defaults
		is "... without --install-engine: exit 4" "$rc" 4
		has "... which is named" "$err" "occ setup --install-engine"
		run env -i HOME=/ PATH=/bin "$chroot" "$tmp/root" /occ setup --defaults --install-engine
		has "... with it the command is run" "$out" "+ "
		is "... and its absence told: exit 1" "$rc" 1
	done
	mkdir -p "$tmp/root/home/u" && chown 65534:65534 "$tmp/root/home/u"
	run env -i HOME=/home/u PATH=/bin "$chroot" --userspec=65534:65534 "$tmp/root" /occ setup --defaults --dry-run
	has "not root: sudo runs them" "$out" "  sudo zypper --non-interactive install docker"
	has "... and that a group lets in is said beforehand" "$out" "sudo usermod -aG docker"
	run env -i HOME=/ PATH=/bin "$chroot" --userspec=65534:65534 "$tmp/root" /occ setup --defaults --install-engine
	has "where nothing may be written" "$err" "is not writable for you"
	case $out in *"+ "*) not_ok "... no engine is installed" "$out" ;; *) ok "... no engine is installed" ;; esac
	is "nothing was written there" "$(find "$tmp/root" -type f | sort | tr '\n' ' ')" "$tmp/root/etc/os-release $tmp/root/occ "
fi
finish
