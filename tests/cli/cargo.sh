#!/usr/bin/env bash
# cargo - the crate that scripts/cargo makes, installed by the real cargo: what cargo puts there becomes the released program at its first call.
# The program for this machine is the real one. Of the other targets only the packing is tested: theirs is a script of one line.
# shellcheck source=tests/cli/tap.bash
. "$(dirname "$0")/tap.bash"
case $OCC in */san/*) ok "one build is enough"; finish ;; esac
# shellcheck source=tests/release.bash
. tests/release.bash
program 0.2.0
is "a version is built" $? 0
OCC=$made/occ-0.2.0
PATH=${PATH#"$tmp/bin:"}		# ours are not to be found there
root=$PWD
real_home=$(getent passwd "$(id -u)" | cut -d: -f6)
export RUSTUP_HOME=${RUSTUP_HOME:-$real_home/.rustup} CARGO_HOME=$tmp/cargo-home CARGO_TARGET_DIR=$tmp/target CARGO_NET_OFFLINE=true
unset CARGO_INSTALL_ROOT

# ---- packing ----
stand_in_release "$tmp/release" 0.2.0 "$OCC"
run scripts/cargo "$tmp/release" "$tmp/packed"
is "a release is packed" "$rc:$err" 0:
touch "$tmp/release"/*
(umask 077 && cd / && TZ=Asia/Tokyo LC_ALL=C "$root/scripts/cargo" "$tmp/release" "$tmp/again") >/dev/null
cmp "$tmp/packed/opencode-cloud-0.2.0.crate" "$tmp/again/opencode-cloud-0.2.0.crate"
is "again, by another umask and clock: the same bytes" $? 0
is "what is in it" "$(tar -tzf "$tmp/packed/opencode-cloud-0.2.0.crate" | sed 's|^opencode-cloud-0.2.0/||' | tr '\n' ' ')" \
	"Cargo.toml LICENSE README.md program/linux-arm64 program/linux-x86_64 program/macos-arm64 program/macos-x86_64 src/bin/occ.rs src/bin/opencode-cloud.rs src/lib.rs "
crate=$tmp/packed/opencode-cloud-0.2.0
is "the directory beside it is the same" "$(tar -dzf "$crate.crate" -C "$tmp/packed" 2>&1 | grep -v 'Uid\|Gid')" ""
is "it depends on nothing" "$(cargo metadata --offline --format-version 1 --manifest-path "$crate/Cargo.toml" 2>/dev/null | jq -c '[.packages[].name]')" '["opencode-cloud"]'
rm -f "$crate/Cargo.lock"
size=$(wc -c <"$crate.crate")
[ "$size" -le 10485760 ]
is "small enough for the registry: 10 MiB" "$?" 0
echo x >>"$tmp/release/opencode-cloud-0.2.0-linux-arm64"
run scripts/cargo "$tmp/release" "$tmp/broken"
has "a release that is not what its checksums say is not packed" "$rc:$err" "1:"
stand_in_release "$tmp/release" 0.2.0 "$OCC"
rm "$tmp/release"/*-macos-arm64 && (cd "$tmp/release" && sha256sum opencode-cloud-* >SHA256SUMS)
run scripts/cargo "$tmp/release" "$tmp/broken"
is "nor one that lacks a target" "$rc:$err" "1:cargo: $tmp/release has no opencode-cloud-0.2.0-macos-arm64"

# ---- installing ----
bin=$tmp/root/bin
reinstall() { cargo install --quiet --offline --force --path "$crate" --root "$tmp/root" >"$tmp/install.log" 2>&1; }
run cargo install --offline --path "$crate" --root "$tmp/root"
is "cargo install --path" "$rc:$(cd "$bin" && echo *)" "0:occ opencode-cloud" || printf '%s\n' "$err"
is "without a warning of the compiler" "$(grep -c 'generated .* warning' <<<"$err")" 0
cmp -s "$bin/occ" "$OCC"
is "what cargo has made is another program" $? 1
run "$bin/occ" up
is "its first call: the arguments, the name, the end" "$rc:$out:$err" "2::occ: \"up\" is not a command
  try         occ start"
cmp "$bin/occ" "$OCC"
is "is by then the program of the release" $? 0
is "with the rights of what was there" "$(stat -c %a "$bin/occ")" 755
is "and nothing beside it" "$(ls -A "$bin")" "occ
opencode-cloud"
run "$bin/opencode-cloud" --version
is "by the other name" "$rc:$out" "0:$("$OCC" --version)"
given "canary-secret-1" "$bin/occ" secret set WORD --stdin
is "standard input" "$rc:$(jq -r '..|strings' "$XDG_CONFIG_HOME/opencode-cloud/credentials.json" 2>/dev/null | grep -c canary-secret-1)" 0:1
run env OCC_UPDATE_RELEASES=http://127.0.0.1:9/ "$bin/occ" update --self --yes
has "update --self leaves it to cargo" "$err" "cargo install opencode-cloud"

reinstall
is "installed over it" $? 0
ln -s "$bin/occ" "$tmp/occ-watchdog"
run "$tmp/occ-watchdog" --help
has "an applet, by a link to it" "$rc:$out" "0:"
has "and its help" "$out" "watchdog"
cmp "$bin/occ" "$OCC"
is "the program is put where the link points" $? 0
reinstall
for n in 1 2 3 4 5 6 7 8; do "$bin/occ" --version >"$tmp/said.$n" 2>&1 & done
wait
is "called eight times at once" "$(sort -u "$tmp"/said.*)" "$("$OCC" --version)"
is "all of it in its place" "$(cd "$bin" && echo .[!.]* * "$XDG_CACHE_HOME"/*)" ".[!.]* occ opencode-cloud $XDG_CACHE_HOME/*"

# ---- where the place may not be written ----
reinstall
chmod 555 "$bin"
chmod 755 "$tmp"
chown -R 12321 "$HOME"
as_person() { run setpriv --reuid 12321 --regid 12321 --clear-groups env -u XDG_CACHE_HOME "$@"; }
cp "$bin/occ" "$tmp/compiled"
as_person "$bin/occ" --version
is "somebody else's: called all the same" "$rc:$out:$err" "0:$("$OCC" --version):"
cmp -s "$bin/occ" "$tmp/compiled"
is "and left alone" $? 0
kept=$HOME/.cache/opencode-cloud/cargo/0.2.0
cmp "$kept/opencode-cloud" "$OCC"
is "kept in a cache" $? 0
is "of that person alone" "$(stat -c '%a %u' "$kept")" "700 12321"
echo x >>"$kept/opencode-cloud"
as_person "$bin/occ" --version
is "one that is not the program is replaced" "$rc:$(cmp "$kept/opencode-cloud" "$OCC")" 0:
chmod 777 "$kept"
as_person "$bin/occ" --version
has "a cache that others may write is not used" "$rc:$err" "can be written to by others"
has "and there is a remedy" "$err" "  try         call it once as who has installed it"
chmod 700 "$kept"
as_person env -u HOME "$bin/occ" --version
has "without a home neither" "$rc:$err" "1:occ: the program cannot be put into its place"
chmod 755 "$bin"
chown 12321 "$bin/occ"
HOME=$tmp/home-of-root run "$bin/occ" --version
is "called by root, what belongs to a person" "$rc:$err:$(stat -c %u "$bin/occ")" 0::12321

run cargo uninstall --root "$tmp/root" opencode-cloud
is "cargo uninstall leaves nothing" "$rc:$(ls -A "$bin")" 0:
finish
