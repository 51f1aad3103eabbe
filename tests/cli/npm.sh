#!/usr/bin/env bash
# npm - the packages that scripts/npm makes, installed by the real npm from a registry on loopback, and the launcher in every layout that package managers make.
# The program of linux-x64 is the real one. Of the other platforms only the packing is tested: theirs is a script of one line.
# shellcheck source=tests/cli/tap.bash
. "$(dirname "$0")/tap.bash"
case $OCC in */san/*) ok "one build is enough"; finish ;; esac
# shellcheck source=tests/release.bash
. tests/release.bash
program 0.1.5 && program 0.2.0
is "two versions are built" $? 0
PATH=${PATH#"$tmp/bin:"}		# ours are not to be found there
case $target in linux-x86_64) here=linux-x64 ;; *) here=linux-arm64 ;; esac

# ---- packing ----
release() { stand_in_release "$tmp/release-$1" "$1" "$made/occ-$1"; }
release 0.1.5
release 0.2.0
run scripts/npm "$tmp/release-0.2.0" "$tmp/packed"
is "a release is packed" "$rc:$err" 0:
chmod 700 "$tmp/release-0.2.0"/opencode-cloud-*
touch "$tmp/release-0.2.0"/*
(umask 077 && cd / && TZ=Asia/Tokyo LC_ALL=C "$OLDPWD/scripts/npm" "$tmp/release-0.2.0" "$tmp/again") >/dev/null
is "again, by another umask and clock: the same bytes" "$(cd "$tmp/packed" && sha256sum -- *)" "$(cd "$tmp/again" && sha256sum -- *)"
is "what there is" "$(cd "$tmp/packed" && printf '%s ' *)" \
	"opencode-cloud-0.2.0.tgz opencode-cloud-darwin-arm64-0.2.0.tgz opencode-cloud-darwin-x64-0.2.0.tgz opencode-cloud-linux-arm64-0.2.0.tgz opencode-cloud-linux-x64-0.2.0.tgz "
listing() { tar -tvzf "$tmp/packed/$1-0.2.0.tgz" | awk '{ printf "%s %s ", $1, $NF }'; }
is "the launcher's package" "$(listing opencode-cloud)" \
	"-rw-r--r-- package/LICENSE -rw-r--r-- package/README.md -rwxr-xr-x package/bin/occ.js -rwxr-xr-x package/bin/opencode-cloud.js -rw-r--r-- package/package.json "
manifest() { tar -xOzf "$tmp/packed/$1-0.2.0.tgz" package/package.json | jq -c "$2"; }
is "names the others by exactly its version" "$(manifest opencode-cloud '[.version, .optionalDependencies]')" \
	'["0.2.0",{"opencode-cloud-linux-x64":"0.2.0","opencode-cloud-linux-arm64":"0.2.0","opencode-cloud-darwin-arm64":"0.2.0","opencode-cloud-darwin-x64":"0.2.0"}]'
for one in linux-x64 linux-arm64 darwin-arm64 darwin-x64; do
	is "the package for $one" "$(listing opencode-cloud-$one)" "-rw-r--r-- package/LICENSE -rw-r--r-- package/README.md -rwxr-xr-x package/bin/opencode-cloud -rw-r--r-- package/package.json "
	is "is for $one only, and brings no command of its own" "$(manifest opencode-cloud-$one '[.os[], .cpu[], .bin]')" "[\"${one%-*}\",\"${one#*-}\",null]"
	is "and $one has the program of that name" "$(tar -xOzf "$tmp/packed/opencode-cloud-$one-0.2.0.tgz" package/bin/opencode-cloud | sha256sum | cut -d' ' -f1)" \
		"$(sed -n "s/ .*-$(sed 's/darwin/macos/; s/x64/x86_64/' <<<$one)\$//p" "$tmp/release-0.2.0/SHA256SUMS")"
done
is "nothing is run by an install" "$(for one in "$tmp/packed"/*; do tar -xOzf "$one" package/package.json | jq -r '.scripts'; done | sort -u)" null
size=$(wc -c <"$tmp/packed/opencode-cloud-$here-0.2.0.tgz")
echo "# packed: $size bytes for $here, $(wc -c <"$tmp/packed/opencode-cloud-0.2.0.tgz") the launcher"
[ "$size" -le 1048576 ]
is "packed at most 1 MiB" $? 0
echo x >>"$tmp/release-0.1.5/opencode-cloud-0.1.5-linux-arm64"
run scripts/npm "$tmp/release-0.1.5" "$tmp/broken"
has "a release that is not what its checksums say is not packed" "$rc:$err" "1:"
rm "$tmp/release-0.1.5"/*-macos-arm64 && (cd "$tmp/release-0.1.5" && sha256sum opencode-cloud-* >SHA256SUMS)
run scripts/npm "$tmp/release-0.1.5" "$tmp/broken"
is "nor one that lacks a platform" "$rc:$err" "1:npm: $tmp/release-0.1.5 has no opencode-cloud-0.1.5-macos-arm64"
release 0.1.5
scripts/npm "$tmp/release-0.1.5" "$tmp/older" >/dev/null

# ---- installing ----
site=$tmp/site
mkdir "$site" && cp "$tmp/older"/* "$site"
serve_npm "$site"
trap 'kill $registry; rm -rf "$tmp"' EXIT
# shellcheck disable=SC2086 # names
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY NODE_OPTIONS ${!npm_*}
export npm_config_registry=$registry_url npm_config_cache=$tmp/npm-cache npm_config_prefix=$tmp/prefix \
	npm_config_userconfig=$tmp/none npm_config_globalconfig=$tmp/nor npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false \
	npm_config_prefer_online=true
hint=occ
project() { mkdir -p "$tmp/$1" && echo '{ "name": "project", "version": "1.0.0" }' >"$tmp/$1/package.json" && cd "$tmp/$1" || exit 1; }
root=$PWD
# hinted NAME COMMAND... - a wrong word: its exit status, and a hint that begins with $hint, what one types
hinted() {
	local name=$1
	shift
	run "$@" up
	is "$name: exit status, and a hint of what one types" "$rc:$out:$err" "2::$hint: \"up\" is not a command
  try         $hint start"
}
# works NAME COMMAND... - what one types reaches the program, and its answers come back, whatever stands between
works() {
	local name=$1
	hinted "$@"
	shift
	given "canary-secret-1" "$@" secret set WORD --stdin
	is "$name: standard input" "$rc:$(jq -r '..|strings' "$XDG_CONFIG_HOME/opencode-cloud/credentials.json" 2>/dev/null | grep -c canary-secret-1)" 0:1
	rm -rf "$XDG_CONFIG_HOME/opencode-cloud"
	run "$@" config set server.bind "$words"
	has "$name: words arrive as they are" "$rc:$err" "$words"
	is "$name: and so does the answer" "$rc:$out:${err//$hint/occ}" "$(bare config set server.bind "$words")"
}
bare() {
	run "$tmp/occ" "$@"
	printf '%s' "$rc:$out:$err"
}
ln -s "$made/occ-0.2.0" "$tmp/occ"
words="two  words, a \$HOME and a '*'"

run npm install -g --ignore-scripts opencode-cloud
is "npm install -g --ignore-scripts" "$rc:$err" 0:
global=$tmp/prefix/lib/node_modules/opencode-cloud
is "it gets the package of this platform, and no other" "$(cd "$global/node_modules" && echo opencode-cloud-*)" "opencode-cloud-$here"
is "the program may be run" "$(stat -c %a "$global/node_modules/opencode-cloud-$here/bin/opencode-cloud")" 755
cmp -s "$made/occ-0.1.5" "$global/node_modules/opencode-cloud-$here/bin/opencode-cloud"
is "and is the release's" $? 0
cp "$tmp/packed"/* "$site"
run npm install -g opencode-cloud@latest
is "a newer one" "$rc:$("$tmp/prefix/bin/occ" --version | cut -d' ' -f2)" 0:0.2.0
hint=occ works "global, occ" "$tmp/prefix/bin/occ"
hint=opencode-cloud hinted "global, opencode-cloud" "$tmp/prefix/bin/opencode-cloud"
OCC_CALLED_AS="npx opencode-cloud" hint=occ hinted "global, with a launcher around it" "$tmp/prefix/bin/occ"
run env OCC_UPDATE_RELEASES=http://127.0.0.1:9/ "$tmp/prefix/bin/occ" update --self --yes
has "update --self leaves it to npm" "$err" "npm install -g opencode-cloud@latest"
run npm uninstall -g opencode-cloud
is "taken away" "$rc:$(find "$tmp/prefix" ! -type d)" 0:

project fresh
run npx -y opencode-cloud
with=$rc:$err
run "$tmp/occ"
is "npx without arguments: as occ without arguments" "${with//npx opencode-cloud/occ}" "$rc:$err"
has "npx: whose hints say npx" "$with" "npx opencode-cloud"
hint="npx opencode-cloud" works "npx" npx -y opencode-cloud
run npx -y --package=opencode-cloud -- occ up
has "npx, by the short name" "$err" "try         npx opencode-cloud start"
is "npx leaves the project alone" "$(ls -A)" package.json

project local
run npm install --ignore-scripts opencode-cloud
is "npm install" "$rc:$err:$(cd node_modules && echo opencode-cloud*)" "0::opencode-cloud opencode-cloud-$here"
hint=occ hinted "local" node_modules/.bin/occ
hint="npx opencode-cloud" hinted "local, by npx" npx opencode-cloud
project linked
run npm install --ignore-scripts --install-strategy=linked opencode-cloud
is "npm install, linked: only the launcher is in sight" "$rc:$(cd node_modules && echo opencode-cloud*):$(readlink node_modules/opencode-cloud | cut -d/ -f1)" "0:opencode-cloud:.store"
hint=occ works "linked" node_modules/.bin/occ
project without
run npm install --omit=optional opencode-cloud
run node_modules/.bin/occ start
is "without optional packages: it is said, with a remedy" "$rc:$out:$err" "1::occ: the package opencode-cloud-$here is not installed: optional packages were left out, or this is a copy from another system
  try         npm install -g --include=optional opencode-cloud"
cd "$root" || exit 1
is "the registry was asked for these packages only" "$(awk '$1 != "GET" || $2 !~ /^\/opencode-cloud(-(linux|darwin)-(x64|arm64))?(\/|$)/ || $3 != 200' "$site.requests")" ""

# ---- layouts of others, made by hand ----
# unpack PACKAGE DIRECTORY
unpack() { mkdir -p "$2" && tar -xzf "$tmp/packed/$1-0.2.0.tgz" -C "$2" --strip-components=1; }
store=$tmp/pnpm/node_modules/.pnpm
unpack opencode-cloud "$store/opencode-cloud@0.2.0/node_modules/opencode-cloud"
unpack opencode-cloud-$here "$store/opencode-cloud-$here@0.2.0/node_modules/opencode-cloud-$here"
ln -s "../../opencode-cloud-$here@0.2.0/node_modules/opencode-cloud-$here" "$store/opencode-cloud@0.2.0/node_modules/"
ln -s .pnpm/opencode-cloud@0.2.0/node_modules/opencode-cloud "$tmp/pnpm/node_modules/opencode-cloud"
mkdir "$tmp/pnpm/node_modules/.bin"
printf '#!/bin/sh\nexec node "%s/../opencode-cloud/bin/occ.js" "$@"\n' "\$(dirname \"\$0\")" >"$tmp/pnpm/node_modules/.bin/occ"
chmod 755 "$tmp/pnpm/node_modules/.bin/occ"
hint=occ works "pnpm, by its shim" "$tmp/pnpm/node_modules/.bin/occ"
mkdir -p "$tmp/cache/pnpm/dlx/1" && cp -a "$tmp/pnpm/node_modules" "$tmp/cache/pnpm/dlx/1"
hint="pnpm dlx opencode-cloud" hinted "pnpm dlx" "$tmp/cache/pnpm/dlx/1/node_modules/.bin/occ"
modules=$HOME/.bun/install/global/node_modules
unpack opencode-cloud "$modules/opencode-cloud"
unpack opencode-cloud-$here "$modules/opencode-cloud-$here"
mkdir -p "$HOME/.bun/bin" && ln -s ../install/global/node_modules/opencode-cloud/bin/occ.js "$HOME/.bun/bin/occ"
hint=occ works "bun" "$HOME/.bun/bin/occ"
npm_command=exec npm_lifecycle_event=bunx hint="bunx opencode-cloud" hinted "bunx" "$HOME/.bun/bin/occ"
npm_command=run-script npm_lifecycle_event=npx hint=occ hinted "a script of a project that is called npx" "$HOME/.bun/bin/occ"

# ---- the launcher alone ----
launcher=$modules/opencode-cloud/bin/occ.js binary=$modules/opencode-cloud-$here/bin/opencode-cloud
# as_if WORDS JAVASCRIPT - the launcher with those words, after that
as_if() {
	local words=$1
	echo "$2" >"$tmp/before.js"
	# shellcheck disable=SC2086 # words
	run node -r "$tmp/before.js" "$launcher" $words
}
of_system() { echo "Object.defineProperty(process, 'platform', { value: '$1' }); Object.defineProperty(process, 'arch', { value: '$2' })"; }
as_if status "$(of_system win32 x64)"
is "Windows: one sentence" "$rc:$out:$err" "1::occ: Windows is not one of its systems: install and run it inside WSL2 (wsl --install)."
as_if status "$(of_system freebsd x64)"
is "another system" "$rc:$out:$err" "1::occ: there is no program for freebsd-x64, only for linux-x64, linux-arm64, darwin-arm64, darwin-x64"
as_if "config  get" "process.execve = (file, args, env) => { console.log(JSON.stringify([file, args, env.OCC_CALLED_AS, env.HOME])); process.exit(7) }"
is "where Node can, the program takes its place" "$rc:$out:$err" "7:$(jq -nc --arg p "$binary" --arg h "$HOME" '[$p, [$p, "config", "get"], "occ", $h]'):"
chmod 644 "$binary"
run "$launcher" status
is "a program without its bits" "$rc:$err" "1:occ: $binary cannot be run: EACCES
  try         chmod 755 $binary"

# A program of which one can see what it gets
mv "$binary" "$binary.real"
cat >"$binary" <<'END'
#!/usr/bin/env bash
case $1 in
die) exec dash -c 'kill -s "$1" $$' dash "$2" ;; # bash itself ignores SIGQUIT
exit) exit "$2" ;;
esac
seen=
for s in INT QUIT TERM HUP USR1 USR2; do trap "seen=\${seen}$s,; echo got \$seen" $s; done
trap 'echo "all $seen"; exit 42' USR1
echo "ready"
while [ -e "$2" ]; do read -r -t 0.05 <>"$2"; done
END
chmod 755 "$binary"
mkfifo "$tmp/never"
if [ "$(node -p 'typeof process.execve')" = function ]; then
	"$launcher" wait "$tmp/never" >"$tmp/said" 2>&1 </dev/null &
	launched=$!
	until grep -qs ready "$tmp/said" || ! kill -0 $launched; do sleep 0.02; done
	is "this Node can: no process but the program" "$(tr '\0' ' ' </proc/$launched/cmdline)" "bash $binary wait $tmp/never "
	kill -s USR1 $launched
	wait $launched
	is "whose status it is" $? 42
fi
# From here on it is a child, whatever Node can.
echo 'process.execve = undefined' >"$tmp/older.js"
export NODE_OPTIONS="--require $tmp/older.js"
ended() { python3 -c 'import subprocess, sys; print(subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode)' "$@"; }
for n in 0 1 17 255; do
	is "exit status $n" "$(ended "$launcher" exit $n)" $n
done
for s in TERM:15 KILL:9 INT:2 HUP:1 SEGV:11 ABRT:6 QUIT:3 USR2:12; do
	is "it dies of ${s%:*} when the program does" "$(cd "$tmp" && ulimit -c 0 && ended "$launcher" die "${s%:*}")" "-${s#*:}"
done
is "of one that Node ignores: what a shell would say" "$(ended "$launcher" die PIPE)" $((128 + 13))

# until_says TEXT - in what the launcher's program has said
until_says() { until grep -qs "$1" "$tmp/said" || ! kill -0 $launched 2>/dev/null; do sleep 0.02; done; }
"$launcher" wait "$tmp/never" >"$tmp/said" 2>&1 </dev/null &
launched=$!
until_says ready
for s in TERM HUP INT QUIT USR2; do
	kill -s $s $launched
	until_says "got.*$s"
done
kill -s USR1 $launched
wait $launched
is "signals reach it" "$?:$(tail -n 1 "$tmp/said")" "42:all TERM,HUP,INT,QUIT,USR2,"
# On a terminal: what the launcher passes on is noted, for two of a kind may arrive as one. USR1 comes after everything else.
cat >"$tmp/note.js" <<END
const { prototype } = require('child_process').ChildProcess, kill = prototype.kill
prototype.kill = function (signal) { require('fs').appendFileSync('$tmp/passed', signal + ' '); return kill.call(this, signal) }
END
cat >"$tmp/terminal.py" <<'END'
import os, pty, signal, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
text = b""
def until(part):
    global text
    while part not in text:
        text += os.read(fd, 4096)
until(b"ready")
os.write(fd, b"\x03")
until(b"got INT")
os.kill(pid, signal.SIGTERM)
until(b"TERM,")
os.kill(pid, signal.SIGUSR1)
until(b"all ")
until(b",\r\n")
print(text.decode().replace("\r", "").split("all ")[1].strip(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
is "on a terminal" "$(timeout 20 python3 "$tmp/terminal.py" "$(command -v node)" -r "$tmp/note.js" "$launcher" wait "$tmp/never" 2>&1 | tail -n 1)" "INT,TERM, 42"
is "Ctrl-C, which the program has got, is not passed on" "$(cat "$tmp/passed")" "SIGTERM SIGUSR1 "

# ---- numbers: nothing depends on them ----
mv "$binary.real" "$binary" && chmod 755 "$binary"
unset NODE_OPTIONS
python3 - "$binary" "$launcher" <<'END'
import statistics, subprocess, sys, time
def median(command):
    times = []
    for _ in range(11):
        began = time.monotonic()
        subprocess.run([command, "--version"], stdout=subprocess.DEVNULL)
        times.append((time.monotonic() - began) * 1000)
    return statistics.median(times)
bare, launched = map(median, sys.argv[1:3])
print("# --version, median of 11: %.1f ms bare, %.1f ms by the launcher: %.1f ms more" % (bare, launched, launched - bare))
END
finish
