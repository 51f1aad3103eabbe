#!/usr/bin/env bash
# A whole release, by scripts/release, for every target; and the same made again from its tag in another place, by another user, umask, clock and language: every file is the same.
. "$(dirname "$0")/../cli/tap.bash"
export GIT_CONFIG_GLOBAL=$tmp/gitconfig GIT_CONFIG_SYSTEM=/dev/null
git config --file "$GIT_CONFIG_GLOBAL" user.name tester
git config --file "$GIT_CONFIG_GLOBAL" user.email tester@localhost
git config --file "$GIT_CONFIG_GLOBAL" safe.directory '*'
unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES T_ROOT T_OUT
version=9.9.9
uid=12322
cache=$tmp/sources
real_home=$(getent passwd "$(id -u)" | cut -d: -f6)
mkdir "$cache" && cp -r "$real_home/.cache/opencode-cloud/sources/." "$cache" 2>/dev/null
export OCC_SOURCES=$cache
first=$tmp/first second=$tmp/elsewhere/second
git clone -q . "$first"
is "a clone" $? 0
openssl ecparam -name prime256v1 -genkey -noout -out "$tmp/release.key" 2>/dev/null && openssl ec -in "$tmp/release.key" -pubout -out "$tmp/release.pub" 2>/dev/null
chmod 755 "$tmp" && chmod 644 "$tmp/release.key"
settings="RELEASE_URL=https://releases.test RELEASE_KEYS=$tmp/release.pub RELEASE_KEY=$tmp/release.key"
# shellcheck disable=SC2086 # words
run env -C "$first" $settings scripts/release $version --check true
is "a release is made" "$rc" 0 || printf '%s\n' "$out" "$err" | tail -n 30 | sed 's/^/# /'
is "it is tagged" "$(git -C "$first" describe)" v$version
is "what is in it" "$(cd "$first/build/dist/$version" && printf '%s ' *)" \
	"SHA256SUMS SHA256SUMS.sig cloud-init.yaml cloudformation.yaml install.sh opencode-cloud-$version-linux-arm64 opencode-cloud-$version-linux-x86_64 opencode-cloud-$version-macos-arm64 opencode-cloud-$version-macos-x86_64 opencode-cloud-$version.cdx.json opencode-cloud-$version.provenance.json "
(cd "$first/build/dist/$version" && sha256sum --check --quiet --strict SHA256SUMS && openssl dgst -sha256 -verify "$tmp/release.pub" -signature SHA256SUMS.sig SHA256SUMS) >/dev/null
is "checksums and signature hold" $? 0
for one in "$first/build/dist/$version/opencode-cloud-$version"-{linux,macos}-*; do
	size=$(wc -c <"$one")
	echo "# ${one##*-}: $one: $size bytes" | sed "s|$first/build/dist/$version/||"
	[ "$size" -le 1677721 ]
	is "at most 1.6 MiB: ${one#"$first/build/dist/$version/opencode-cloud-$version-"}" $? 0
done
for one in cdx provenance; do
	jq -e . "$first/build/dist/$version/opencode-cloud-$version.$one.json" >/dev/null
	is "the $one is JSON" $? 0
done

# ---- again ----
mkdir -p "${second%/*}" && chown -R "$uid" "$cache" "${second%/*}" && mkdir "$tmp/person" && chown "$uid" "$tmp/person"
as_person() { setpriv --reuid "$uid" --regid "$uid" --clear-groups env HOME="$tmp/person" TMPDIR="$tmp/person" TZ=Asia/Kathmandu LANG=tr_TR.UTF-8 LC_ALL= "$@"; }
as_person git clone -q "$first" "$second"
# shellcheck disable=SC2086,SC2016 # words
as_person sh -c 'umask 077 && cd "$1" && shift && exec env "$@"' sh "$second" $settings make dist npm cargo deb >"$tmp/second.log" 2>&1
is "by another user, in another place" $? 0 || tail -n 30 "$tmp/second.log" | sed 's/^/# /'
for what in dist npm cargo deb; do
	# An ECDSA signature is another one each time.
	is "the same bytes: $what" "$(diff -r -x SHA256SUMS.sig "$first/build/$what/$version" "$second/build/$what/$version" 2>&1)" ""
	is "and the same files: $what" "$(cd "$first/build/$what/$version" && find . | sort)" "$(cd "$second/build/$what/$version" && find . | sort)"
done
finish
