#!/usr/bin/env bash
# One program, several names: dispatch, --list, --install-links, versions.
. "$(dirname "$0")/tap.bash"

version=$(occ --version)
has "version names the program" "$version" "opencode-cloud "
for call in "occ version" "opencode-cloud version" "opencode-cloud --version" "opencode-cloud occ version" \
	"opencode-cloud occ --version" "$OCC version" "$OCC occ version"; do
	run $call
	is "$call" "$rc $out" "0 $version"
done
run occ version --json
has "version as JSON" "$out" '"version": "'
run bash -c 'exec -a "" "$0" --version' "$OCC"
is "called without a name" "$rc $out" "0 $version"
cp "$OCC" "$tmp/renamed"
run "$tmp/renamed" up
has "under another name" "$err" "renamed: \"up\" is not a command"

# What a launcher says it was called by, where argv[0] is no applet's name: hints, and `occ` is all that `occ` is.
for called in "npx opencode-cloud" "bunx opencode-cloud" "pnpm dlx opencode-cloud" occ opencode-cloud; do
	run env OCC_CALLED_AS="$called" "$OCC" up
	is "launched as $called" "$rc:$err" "2:$called: \"up\" is not a command
  try         $called start"
done
run env OCC_CALLED_AS=occ "$OCC" --list
is "launched as occ: --list is not occ's" $rc 2
for called in "rm -rf /;" "npx" "occ-tls" "npx opencode-cloud " ""; do
	run env OCC_CALLED_AS="$called" "$OCC" up
	has "not believed: $called" "$rc:$err" "2:opencode-cloud: \"up\""
done
run env OCC_CALLED_AS="npx opencode-cloud" occ up
has "called by an applet's name, it is that" "$err" "occ: \"up\""
run env OCC_CALLED_AS="npx opencode-cloud" "$OCC" config validate
is "it is no key of the configuration" "$rc:$err" "0:"
run env OCC_CALLED_AS="npx opencode-cloud" EDITOR='env | grep -c ^OCC_CALLED_AS >&2; false' "$OCC" config edit
has "what the program starts does not get it" "$err" "0
npx opencode-cloud: "
run env OCC_CALLED_AS="npx opencode-cloud" "$OCC" doctor
has "doctor's remedies are called so, too" "$out" "mend it  npx opencode-cloud "

# --list names the applets, each of which answers.
run opencode-cloud --list
is "--list: exit 0" $rc 0
for applet in $out; do
	run opencode-cloud "$applet" --help
	is "$applet of --list answers --help" $rc 0
done
run occ --list
is "--list belongs to the program, not to occ" $rc 2

# Links into the program's own directory are relative, elsewhere absolute.
mkdir "$tmp/own" "$tmp/else"
cp "$OCC" "$tmp/own/opencode-cloud"
own=$tmp/own/opencode-cloud
run "$own" --install-links "$tmp/own"
is "links beside the program" "$rc $(readlink "$tmp/own/occ")" "0 opencode-cloud"
run "$own" --install-links="$tmp/else"
is "links elsewhere" "$rc $(readlink "$tmp/else/occ")" "0 $own"
run "$tmp/else/occ" --version
is "the link works" "$rc $out" "0 $version"
run "$own" --install-links "$tmp/else"
is "a second time: fine" "$rc $(readlink "$tmp/else/occ")" "0 $own"
(cd "$tmp/own" && ./opencode-cloud --install-links ../else/. >/dev/null 2>&1)
is "relative names: fine" $? 0
rm "$tmp/else/occ"
(cd "$tmp/else" && PATH=$tmp/own:$PATH opencode-cloud --install-links . >/dev/null 2>&1)
is "found by PATH" "$? $(readlink "$tmp/else/occ")" "0 $own"
mv "$tmp/own" "$tmp/moved"
run "$tmp/moved/occ" --version
is "a directory moved as a whole still works" "$rc $out" "0 $version"
own=$tmp/moved/opencode-cloud

# What is not ours stays as it is, whatever it is.
foreign() { # NAME WHAT
	run "$own" --install-links "$tmp/foreign"
	is "$1: exit 14" $rc 14
	has "$1: named" "$err" "$tmp/foreign/occ is $2"
	has "$1: a remedy" "$err" "  try         $own --install-links DIR"
	rm -rf "$tmp/foreign"
	mkdir "$tmp/foreign"
}
mkdir "$tmp/foreign"
echo "their occ" >"$tmp/foreign/occ"
run "$own" --install-links "$tmp/foreign"
is "a file stays" "$(cat "$tmp/foreign/occ")" "their occ"
foreign "a file" "a file of another program"
mkdir "$tmp/foreign/occ"
foreign "a directory" "a directory"
ln -s /bin/true "$tmp/foreign/occ"
run "$own" --install-links "$tmp/foreign"
is "a link stays" "$(readlink "$tmp/foreign/occ")" /bin/true
foreign "a link" "a link to /bin/true"
ln -s /nowhere/occ "$tmp/foreign/occ"
foreign "a dangling link" "a link to /nowhere/occ"
mkfifo "$tmp/foreign/occ"
foreign "a fifo" "no regular file"

run "$own" --install-links
is "no directory: exit 2" $rc 2
run "$own" --install-links a b
is "two directories: exit 2" $rc 2
run "$own" --install-links "$tmp/none"
is "a directory that is not there: exit 1" $rc 1
has "a directory that is not there: named" "$err" "$tmp/none: No such file or directory"
finish
