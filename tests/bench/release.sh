#!/usr/bin/env bash
# release - what a person waits for who installs: install.sh from loopback to the first `occ --version`, npm to the first run, the launcher beside the program itself; and the packages'
# sizes. Needs no engine. The program is this checkout's, released with a version of its own.
# shellcheck disable=SC2016 # what the shells expand that are measured
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.." || exit 1
OCC=${OCC:-$PWD/build/opencode-cloud}
# shellcheck source=tests/release.bash
. tests/release.bash
bench=${T_BENCH:-$PWD/build/release/tests/bench}
work=$(mktemp -d)
server='' registry=''
trap 'kill $server $registry 2>/dev/null; rm -rf "$work"' EXIT
failed=0
line() { printf '%-44s %14s %14s %10s   %s\n' "$@"; }
# bar VALUE LIMIT - sets verdict
bar() {
	verdict="PASS bar $2"
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 == a && a <= b) }' || { verdict="FAIL bar $2"; failed=1; }
}
# middle N COMMAND... - median of the seconds that it takes, each time from nothing
middle() {
	local n=$1
	shift
	for _ in $(seq "$n"); do
		rm -rf "$work/prefix" "$work/cache"
		python3 -c 'import subprocess, sys, time
began = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print("%.3f" % (time.monotonic() - began))' "$@" || return
	done | sort -n | sed -n "$(((n + 1) / 2))p"
}

program 0.2.0 || exit 1
stand_in_release "$work/release" 0.2.0 "$made/occ-0.2.0"
RELEASE_KEYS='' scripts/installer "$work/release" 0.2.0
mkdir -p "$work/site/download" && mv "$work/release" "$work/site/download/v0.2.0" && ln -s download/v0.2.0/install.sh "$work/site/install.sh"
scripts/npm "$work/site/download/v0.2.0" "$work/npm" >/dev/null
scripts/cargo "$work/site/download/v0.2.0" "$work/cargo" >/dev/null
scripts/deb "$work/site/download/v0.2.0" "$work/deb" >/dev/null
serve "$work/site" 127.0.0.1
serve_npm "$work/npm"
export npm_config_registry=$registry_url npm_config_cache=$work/cache npm_config_prefix=$work/prefix npm_config_userconfig=$work/none \
	npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false HOME=$work
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
case $target in linux-x86_64) platform=linux-x64 ;; *) platform=linux-arm64 ;; esac

line figure ours peer ratio verdict
s=$(middle 7 sh -c 'curl -q -fsS --noproxy "*" "$1/install.sh" | OCC_BASE_URL=$1 sh -s -- --prefix "$2" && "$2/bin/occ" --version' sh "$site_url" "$work/prefix")
bar "$s" 1
line "install.sh to occ --version, s" "$s" - - "$verdict"
s=$(middle 5 sh -c 'npm install -g opencode-cloud && "$1/bin/occ" --version' sh "$work/prefix")
empty=$(middle 5 npm --version)
bar "$s" 3
line "npm install -g to occ --version, s" "$s" "npm --version $empty" "$(awk -v a="$s" -v b="$empty" 'BEGIN { printf "%.2f", a / b }')" "$verdict"
npm install -g opencode-cloud >/dev/null 2>&1
{ read -r _ launched _ _; read -r _ bare _ _; read -r ratio; } < <("$bench/timed" 31 "$work/prefix/bin/occ" --version --- "$made/occ-0.2.0" --version)
line "npm's launcher, occ --version, ms" "$launched" "bare $bare" "$ratio" "$(node --version 2>/dev/null)"
size=$(wc -c <"$work/npm/opencode-cloud-$platform-0.2.0.tgz")
bar "$size" 1048576
line "npm package of this platform, bytes" "$size" - - "$verdict"
line "the launcher's package, bytes" "$(wc -c <"$work/npm/opencode-cloud-0.2.0.tgz")" - - -
line ".deb, bytes" "$(wc -c <"$work/deb/opencode-cloud_0.2.0_$(dpkg --print-architecture).deb")" - - -
exit $failed
