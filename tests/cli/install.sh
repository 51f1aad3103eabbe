#!/usr/bin/env bash
# install - the install.sh of a release, served from loopback: put where it belongs, taken away, and nothing changed by one that arrived in part or was tampered with.
# shellcheck source=tests/cli/tap.bash
. "$(dirname "$0")/tap.bash"
case $OCC in */san/*) ok "one build is enough"; finish ;; esac
# shellcheck source=tests/release.bash
. tests/release.bash
program 0.1.5 && program 0.2.0
row=$?
is "two releases are built" $row 0

site=$tmp/site
mkdir -p "$site"
serve "$site" 127.0.0.1
trap 'kill $server; rm -rf "$tmp"' EXIT
export OCC_BASE_URL=$site_url/
PATH=${PATH#"$tmp/bin:"}		# ours are not to be found there
# release VERSION [KEY] - as scripts/dist makes it
release() {
	local dir=$site/download/v$1 key=${2:-first}
	publish "$dir" "$1" "$made/occ-$1"
	RELEASE_KEYS="$made/first.pub $made/second.pub" scripts/installer "$dir" "$1"
	(cd "$dir" && rm -f SHA256SUMS* && sha256sum -- * >"$tmp/sums" && mv "$tmp/sums" SHA256SUMS && openssl dgst -sha256 -sign "$made/$key.key" -out SHA256SUMS.sig SHA256SUMS)
}
release 0.1.5
release 0.2.0 second
script=$site/download/v0.2.0/install.sh
older=$site/download/v0.1.5/install.sh
at=$HOME/.local/bin
# How it runs: as a person without rights, whose shell is $shell
shell=dash
# shellcheck disable=SC2086 # words
sh_as() { run env -u XDG_CONFIG_HOME HOME="$HOME" PATH="$at:$PATH" $shell "$@"; }
there() { find "$HOME" ! -type d | sort; }
nothing() { is "$1" "$(there)" ""; }
prefix=(--prefix "$HOME/.local")

sh_as "$script" --help
has "--help" "$rc:$out" "0:install.sh - installs opencode-cloud 0.2.0"
sh_as "$script" --dry-run "${prefix[@]}"
has "--dry-run says what it would do" "$rc:$out" "0:Would       get opencode-cloud 0.2.0 for $target from $site_url/download/v0.2.0"
for words in "--frob" "--prefix" "--version 1;2" "--prefix relative"; do
	# shellcheck disable=SC2086
	sh_as "$script" $words
	is "bad words: $words" "$rc:$(wc -l <<<"$err" | tr -d ' ' | sed 's/[1-3]/few/')" "1:few"
done
nothing "and none of that changed anything"

for shell in dash "busybox sh" "bash --posix"; do
	sh_as "$script" "${prefix[@]}"
	has "$shell: installed" "$rc:$out" "0:Installed   opencode-cloud 0.2.0 in $at"
	has "$shell: checked twice" "$out" "Checked     SHA-256 by this script's own list, and by the signed one"
	has "$shell: what is next" "$out" "Next        occ setup"
	run "$at/occ" --version
	has "$shell: it runs, and its applets too" "$out" "opencode-cloud 0.2.0"
	sh_as "$script" "${prefix[@]}" --uninstall
	has "$shell: taken away" "$rc:$out" "0:Removed"
	nothing "$shell: nothing is left"
done
shell=dash
curl -fsS "$site_url/download/v0.2.0/install.sh" | sh -s -- "${prefix[@]}" >"$tmp/out" 2>&1
is "curl | sh" "$?:$("$at/occ" --version | cut -d' ' -f2)" 0:0.2.0
is "completions, manual and a list of all" "$(cd "$HOME/.local" && find share -type f | sort | tr '\n' ' ')" \
	"share/bash-completion/completions/occ share/bash-completion/completions/opencode-cloud share/fish/vendor_completions.d/occ.fish share/man/man1/occ.1 share/opencode-cloud/installed share/zsh/site-functions/_occ "
sh_as "$older" "${prefix[@]}"
has "an older one does not replace it" "$rc:$err" "1:install: $at/opencode-cloud is 0.2.0, which is newer than 0.1.5"
sh_as "$older" --version 0.1.5 "${prefix[@]}"
has "unless it is asked for" "$rc:$out" "0:Installed   opencode-cloud 0.1.5 in $at, before that 0.2.0"
sh_as "$older" --version 0.2.0 "${prefix[@]}"
has "another release than its own, by the signed list" "$rc:$out" "Checked     SHA-256 by the signed list"
sh_as "$script" "${prefix[@]}" --uninstall
rm -f "$HOME/.local/bin/occ"

mkdir -p "$at" && echo 'echo nextcloud' >"$at/occ" && chmod 755 "$at/occ"
sh_as "$script" "${prefix[@]}"
has "a foreign occ is left alone" "$out" "Left alone  $at/occ is another program"
has "and the next command is called by its long name" "$out" "Next        opencode-cloud setup"
is "it is what it was" "$(cat "$at/occ")" "echo nextcloud"
sh_as "$script" "${prefix[@]}" --uninstall
is "and stays" "$(there)" "$at/occ"
rm -f "$at/occ"
sh_as "$script" --from "$site/download/v0.2.0" "${prefix[@]}"
has "from a directory, without a network" "$rc:$out" "0:Installed"
sh_as "$script" "${prefix[@]}" --uninstall
sh_as "$script" "${prefix[@]}"
rm "$at/occ-tls" && echo other >"$at/occ-tls"
sh_as "$script" --uninstall --prefix "$HOME/.local//"
is "the prefix in another spelling; a name that is somebody else's by now stays" "$(there)" "$at/occ-tls"
rm -rf "$HOME/.local"
mkdir -p "$HOME/.local/share/man"
sh_as "$script" "${prefix[@]}"
sh_as "$script" "${prefix[@]}" --uninstall
is "directories that were there before stay, others do not" "$(cd "$HOME/.local" && find . -mindepth 1 | sort | tr '\n' ' ')" "./share ./share/man "
if [ "$(id -u)" -eq 0 ] && mkdir -p "$tmp/small" && mount -t tmpfs -o size=1m tmpfs "$tmp/small"; then
	sh_as "$script" --prefix "$tmp/small"
	has "a full disk" "$rc:$err" "1:install: $tmp/small/bin/opencode-cloud cannot be written"
	is "leaves no piece of the program" "$(find "$tmp/small/bin" -type f)" ""
	sh_as "$script" --prefix "$tmp/small" --uninstall
	is "and what it left can be taken away" "$rc:$(find "$tmp/small" -mindepth 1)" "0:"
	umount "$tmp/small"
	mkdir "$tmp/noexec" && mount -t tmpfs -o noexec,size=8m tmpfs "$tmp/noexec"
	export TMPDIR=$tmp/noexec
	sh_as "$script" "${prefix[@]}"
	unset TMPDIR
	umount "$tmp/noexec"
	has "a temporary directory where nothing runs" "$rc:$err" "1:install: nothing can be run in"
	has "what helps there" "$err" "TMPDIR=DIR"
fi
rm -rf "$HOME/.local"
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$tmp"
	run setpriv --reuid 65534 --clear-groups dash "$script" --prefix /usr/local
	has "no right to that place" "$rc:$err" "1:install: /usr/local"
	has "what helps" "$err" "--prefix"
fi

# ---- tampered with ----
# refused NAME PART SCRIPT [WORD...]
refused() {
	local name=$1 part=$2
	shift 2
	sh_as "$@" "${prefix[@]}"
	is "$name: refused" "$rc:$(grep -c '^install: ' <<<"$err")" 1:1
	has "$name: which is said" "$err" "$part"
	nothing "$name: nothing is changed"
}
program_at=$site/download/v0.2.0/opencode-cloud-0.2.0-$target
printf X | dd of="$program_at" bs=1 seek=70000 conv=notrunc 2>/dev/null
refused "a flipped byte" "is not what it should be" "$script"
release 0.2.0
head -c 100000 "$made/occ-0.2.0" >"$program_at"
refused "a cut program" "is not what it should be" "$script"
release 0.2.0
sed "s/$(sha256sum "$program_at" | cut -d' ' -f1)/$(sha256sum "$made/occ-0.1.5" | cut -d' ' -f1)/" "$script" >"$tmp/swapped.sh"
refused "a swapped checksum in the script" "this script's list and the signed one disagree" "$tmp/swapped.sh"
release 0.2.0 foreign
refused "a foreign signature" "is not by a key of this project" "$script"
release 0.2.0
cp "$made/occ-0.1.5" "$program_at"
(cd "$site/download/v0.2.0" && RELEASE_KEYS='' "$OLDPWD/scripts/installer" . 0.2.0 && rm SHA256SUMS SHA256SUMS.sig)
refused "an older program under the new name" "says that it is 'opencode-cloud 0.1.5" "$script"
release 0.2.0
rm "$site/download/v0.1.5/SHA256SUMS.sig"
refused "another release without its signature" "only when its signature can be checked" "$script" --version 0.1.5
refused "a release that is not there" "only when its signature can be checked" "$script" --version 9.9.9
rm "$program_at"
refused "a program that is not there" "cannot get" "$script"
release 0.2.0

# ---- in part: as a pipe that broke would give it ----
n=$(wc -c <"$script") bad='' step=61
[ -z "${OCC_LONG:-}" ] || step=1
for ((i = 0; i < n - 2; i += step)); do
	head -c "$i" "$script" | HOME=$HOME dash -s -- "${prefix[@]}" >/dev/null 2>&1
	[ ! -e "$at/opencode-cloud" ] || { bad="$bad $i" && rm -f "$at/opencode-cloud"; }
done
is "cut at any byte: nothing is changed" "$bad$(there)" ""
finish
