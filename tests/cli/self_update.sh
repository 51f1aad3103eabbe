#!/usr/bin/env bash
# self_update - `occ update --self` against signed releases served from loopback: replaced when all is right, and nothing changed when anything is not.
# shellcheck source=tests/cli/tap.bash
. "$(dirname "$0")/tap.bash"
case $OCC in */san/*) ok "one build is enough"; finish ;; esac
# shellcheck source=tests/release.bash
. tests/release.bash
program 0.1.5 && program 0.2.0
is "two versions are built" "$("$made/occ-0.1.5" --version | cut -d' ' -f2) $("$made/occ-0.2.0" --version | cut -d' ' -f2)" "0.1.5 0.2.0"

site=$tmp/site
mkdir -p "$site"
serve "$site" 127.0.0.1
trap 'kill $server; rm -rf "$tmp"' EXIT
export OCC_UPDATE_RELEASES=$site_url/

mkdir "$tmp/place"
place=$tmp/place/opencode-cloud
fresh() { rm -f "$tmp/place"/* && install -m 0750 "$made/occ-0.1.5" "$place"; }
self() { run "$place" update --self "$@"; }
# unchanged NAME - nothing but the old program is there
unchanged() { is "$1" "$(cd "$tmp/place" && ls -A) $(cmp "$made/occ-0.1.5" "$place" && echo same)" "opencode-cloud same"; }
fresh
publish "$site/latest/download" 0.2.0 "$made/occ-0.2.0"
publish "$site/download/v0.2.0" 0.2.0 "$made/occ-0.2.0" second
publish "$site/download/v0.1.5" 0.1.5 "$made/occ-0.1.5"

self --check
has "--check tells of it" "$rc:$out" "0:Program"
has "with both versions" "$out" "opencode-cloud 0.2.0 is there, this is 0.1.5: opencode-cloud update --self"
self --check --json
is "for programs" "$(jq -c '[.program, .newest, .is_newer, .changed]' <<<"$out")" '["0.1.5","0.2.0",true,false]'
self --dry-run --yes
has "--dry-run tells it too" "$rc:$out" "0:Program"
self
is "without a terminal it is not done unasked" $rc 2
unchanged "and none of these changed anything"
self --now --yes
is "what is opencode's does not go with it" $rc 2
self 0.2 --yes
is "no version" $rc 2

self --yes
has "it is replaced" "$rc:$out" "0:Program"
has "which is told with both versions" "$out" "opencode-cloud 0.2.0, before that 0.1.5, in $place"
is "the new one is there, with the old one's mode" "$(stat -c %a "$place") $("$place" --version | cut -d' ' -f2)" "750 0.2.0"
is "the old one beside it, and nothing else" "$(find "$tmp/place" -type f -printf "%f\n" | sort | tr "\n" " ")$("$place.previous" --version | cut -d' ' -f2)" "opencode-cloud opencode-cloud.previous 0.1.5"
self --yes
has "again: nothing to do" "$rc:$out" "0:Program    nothing to do: this is opencode-cloud 0.2.0"
publish "$site/latest/download" 0.1.5 "$made/occ-0.1.5"
self --yes
has "an older one that is called the latest is not taken" "$rc:$out" "0:Program    nothing to do"
self 0.1.5 --yes
is "unless it was asked for by its number" "$rc:$("$place" --version | cut -d' ' -f2)" 0:0.1.5
self 0.2.0 --yes
is "a certain version, signed with the second key" "$rc:$("$place" --version | cut -d' ' -f2)" 0:0.2.0

# refused NAME PART [STATUS] - the next try changes nothing, and says why
refused() {
	fresh
	self --yes
	is "$1: refused" "$rc" "${3:-14}"
	has "$1: which is said" "$err" "$2"
	unchanged "$1: nothing is changed"
}
publish "$site/latest/download" 0.2.0 "$made/occ-0.2.0" foreign
refused "signed by a foreign key" "not by a key that this program knows"
publish "$site/latest/download" 0.2.0 "$made/occ-0.2.0"
sed -i '1{s/^0/1/;t;s/^./0/}' "$site/latest/download/SHA256SUMS"
refused "a list that was changed" "not by a key"
publish "$site/latest/download" 0.2.0 "$made/occ-0.2.0"
printf X | dd of="$site/latest/download/opencode-cloud-0.2.0-$target" bs=1 seek=5000 conv=notrunc 2>/dev/null
refused "a program that was changed" "is not what the signed list says"
publish "$site/latest/download" 0.2.0 "$made/occ-0.2.0"
head -c 1000 "$made/occ-0.2.0" >"$site/latest/download/opencode-cloud-0.2.0-$target"
refused "a program that was cut" "is not what the signed list says"
publish "$site/latest/download" 0.3.0 "$made/occ-0.2.0"
refused "a program that is of another version" "does not say that it is 0.3.0"
printf '#!/bin/sh\nexit 3\n' >"$tmp/broken"
publish "$site/latest/download" 0.3.0 "$tmp/broken"
refused "a program that does not run" "ended with status 3"
publish "$site/latest/download" 0.2.0 "$made/occ-0.2.0"
rm "$site/latest/download/SHA256SUMS.sig"
refused "no signature" "SHA256SUMS.sig" 1
publish "$site/latest/download" 0.2.0 "$made/occ-0.2.0"
rm "$site/latest/download/opencode-cloud-0.2.0-$target"
refused "a program that is not there" "the answer is 404" 1
sed -i "/$target/d" "$site/latest/download/SHA256SUMS" && (cd "$site/latest/download" && openssl dgst -sha256 -sign "$made/first.key" -out SHA256SUMS.sig SHA256SUMS)
refused "none for this machine" "no program for $target" 1
publish "$site/latest/download" 0.2.0 "$made/occ-0.2.0"
publish "$site/download/v0.2.0" 0.1.5 "$made/occ-0.1.5"
fresh
self 0.2.0 --yes
has "another version than the one asked for" "$rc:$err" "14:"
unchanged "is not taken"

# ---- where it is not ours to replace ----
mkdir -p "$tmp/lib/node_modules/x" && cp "$made/occ-0.1.5" "$tmp/lib/node_modules/x/opencode-cloud"
run "$tmp/lib/node_modules/x/opencode-cloud" update --self --yes
has "npm's own" "$rc:$err" "14:"
has "is left to npm" "$err" "npm install -g opencode-cloud@latest"
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$tmp" "$tmp/place" && chmod 755 "$place"
	run setpriv --reuid 65534 --clear-groups env HOME=/nonexistent "$place" update --self --yes
	has "in a place that is another's" "$rc:$err" "5:"
	has "what helps is said" "$err" "sudo"
fi
run "$OCC" update --self --check
[ "$rc" -ne 0 ]
is "a build without keys believes nobody" $? 0

# ---- killed at each step of taking the name ----
for n in 1 2 3; do
	fresh
	run strace -f -qq -e trace=rename,renameat,renameat2 -e "inject=rename,renameat,renameat2:signal=KILL:when=$n" "$place" update --self --yes
	has "killed at rename $n: a whole program is there" " 0.1.5 0.2.0 " " $("$place" --version | cut -d' ' -f2) "
	self --yes
	is "... and another try ends it" "$("$place" --version | cut -d' ' -f2)$(find "$tmp/place" -name '*.new')" 0.2.0
done
finish
