#!/usr/bin/env bash
# release - scripts/release in a repository of its own, whose make has the same targets: what it refuses, what it leaves when something fails, and what it makes.
# The real targets are made by tests/long/release.sh.
# shellcheck source=tests/cli/tap.bash
. "$(dirname "$0")/tap.bash"
case $OCC in */san/*) ok "one build is enough"; finish ;; esac
repo=$tmp/repo
mkdir -p "$repo/scripts" && cp scripts/release "$repo/scripts"
export GIT_CONFIG_GLOBAL=$tmp/gitconfig GIT_CONFIG_SYSTEM=/dev/null
git config --file "$GIT_CONFIG_GLOBAL" user.name tester
git config --file "$GIT_CONFIG_GLOBAL" user.email tester@localhost
cd "$repo" || exit 1
# shellcheck disable=SC2016 # make's own
printf '%s\n' 'VERSION := 0.1.0' 'check:' '	@echo checked >>build/log' 'dist npm cargo deb:' '	@mkdir -p build && git status --porcelain >>build/dirty' \
	'	@[ ! -e build/fail-$@ ]' '	@echo "$@ $(VERSION)" >>build/log' '.PHONY: check dist npm cargo deb' >Makefile
echo /build/ >.gitignore
git init -q -b main . && git add -A && git commit -qm "The beginning"
mkdir build
state() { git rev-parse HEAD; git status --porcelain; git tag; cat Makefile; }
# refused NAME STATUS:STDERR WORD... - and nothing is changed
refused() {
	local name=$1 want=$2 before
	before=$(state)
	shift 2
	run scripts/release "$@"
	has "$name" "$rc:$err" "$want"
	is "$name: nothing is changed" "$(state)" "$before"
}
refused "no version" "2:usage"
refused "no version such as ours" "1:release: 'v1' is no version" v1
refused "nor one with a zero before" "1:release: '01.2.3' is no version" 01.2.3
refused "an unknown word" "2:usage" 0.2.0 --chekc true
refused "a red tree" "1:release: the tree is red: false" 0.2.0 --check false
echo x >left
refused "a dirty tree" "1:release: there are changes that are not committed: ?? left" 0.2.0 --check true
rm left
run scripts/release 0.2.0 --check "touch left"
is "a tree that its own check changes" "$rc:$err:$(git tag)" "1:release: the tree has changed while it was checked
  try  again:"
rm left
for what in dist npm cargo deb; do
	touch build/fail-$what
	refused "a failure of $what" "release: taken back: main is at" 0.2.0 --check true
	rm build/fail-$what
done
rm -f build/log build/dirty
run scripts/release 0.1.0
is "the first one, of the version that the Makefile has" "$rc:$(git tag):$(git log --format=%s | head -n 1)" "0:v0.1.0:The beginning"
is "checked as the README says, then everything is made" "$(cat build/log)" "checked
dist 0.1.0
npm 0.1.0
cargo 0.1.0
deb 0.1.0"
refused "the same again" "1:release: v0.1.0 is there already" 0.1.0 --check true
refused "of nothing new" "1:release: nothing has changed since v0.1.0" 0.2.0 --check true
git commit -q --allow-empty -m "One thing" && git commit -q --allow-empty -m "Another, with 'words' and \$signs"
refused "an older one" "1:release: 0.0.9 is older than the last release, 0.1.0" 0.0.9 --check true
run scripts/release 0.10.0 --check true
is "a newer one" "$rc:$(git describe):$(sed 1q Makefile)" "0:v0.10.0:VERSION := 0.10.0"
is "its changelog" "$(git tag -l --format='%(contents)' v0.10.0)" "# 0.10.0

- Another, with 'words' and \$signs
- One thing"
is "the same as a file" "$(cat build/dist/0.10.0.md)" "$(git tag -l --format='%(contents)' v0.10.0)"
is "made of what is committed" "$(cat build/dirty)" ""
git commit -q --allow-empty -m "More"
refused "0.9.0 is older than 0.10.0" "1:release: 0.9.0 is older than the last release, 0.10.0" 0.9.0 --check true
git checkout -q --detach
refused "no branch" "1:release: HEAD is no branch" 0.11.0 --check true
finish
