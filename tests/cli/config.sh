#!/usr/bin/env bash
# config show, get, set, unset, add, remove, edit, validate: what they print, what they change, how they end.
. "$(dirname "$0")/tap.bash"

file=$XDG_CONFIG_HOME/opencode-cloud/config.json

# fresh [TEXT]: no files of an earlier test; with TEXT a configuration
fresh() {
	rm -rf "$XDG_CONFIG_HOME/opencode-cloud" "$XDG_STATE_HOME/opencode-cloud"
	[ $# -eq 0 ] || { mkdir -p "${file%/*}" && printf '%s' "$1" >"$file"; }
}

# ends NAME WANT-STATUS: of the last run
ends() {
	if [ "$rc" -eq "$2" ]; then ok "$1"; else not_ok "$1" "exit status $rc: $err"; fi
}

# --- without a file --------------------------------------------------------------

fresh
run occ config show
is "show without a file" "$rc:$out" "0:Every setting has its default ($file). All of them: occ config show --all"
run occ config show --all
has "show --all names every key" "$out" "container.extra_hosts"
has "show --all names the origin" "$out" "default"
is "show makes no file" "$(find "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" -name 'opencode*')" ""
run occ config get server.port
is "get a default" "$rc:$out" "0:3000"
run occ config get container.mounts
is "get an empty list" "$rc:$out" "0:"
run occ config get container.mounts --json
is "get an empty list as JSON" "$rc:$out" "0:[]"
run occ config validate
is "validate without a file" "$rc:$out" "0:$file is valid"

# --- set, unset ---------------------------------------------------------------------

run occ config set server.port 4000
is "set says old and new" "$(head -1 <<<"$out")" "server.port: 3000 (default) -> 4000, in $file"
is "set says what it costs" "$(tail -1 <<<"$out")" "applies at the next \`occ start\` (the container is recreated; data stays)"
is "the file is for all to read, its directory is not" "$(stat -c %a "$file" "${file%/*}" | tr '\n' ' ')" "644 700 "
run occ config get server.port
is "get what was set" "$out" 4000
before=$(stat -c %i:%Y:%Z "$file")
run occ config set server.port 4000
is "set the same again" "$rc:$out" "0:server.port is 4000 already; nothing changed"
is "set the same again does not touch the file" "$(stat -c %i:%Y:%Z "$file")" "$before"
run occ config set server.port 3000
is "set to the default is written" "$(head -1 <<<"$out")" "server.port: 4000 -> 3000, in $file"
run occ config unset server.port
is "unset" "$rc:$out" "0:server.port: 3000, now by default (it was written in $file)"
run occ config unset server.port
is "unset again" "$rc:$out" "0:server.port is 3000 already (the default); nothing changed"
run occ config set server.port 3000
is "the default, written" "$rc:$out" "0:server.port: 3000, now written in $file (it was the default)"
run occ -q config set server.port 4001
is "quiet" "$rc:$out$err" "0:"

run occ config set server.port 70000
is "out of range: exit 3" "$rc:$out" "3:"
is "out of range" "$err" "occ: server.port: 70000 is out of range (1 to 65535)"
run occ config get server.port
is "out of range changes nothing" "$out" 4001
run occ config set server.prot 1
is "unknown key: exit 2" "$rc:$out" "2:"
has "unknown key: the nearest" "$err" "try         occ config set server.port"
run occ config get sever.port
has "unknown key of get: a whole command" "$err" "try         occ config get server.port"
run occ config set container.env A_KEY=canary-canary
is "a secret: exit 3" "$rc" 3
has "a secret: what to do instead" "$err" "occ secret set A_KEY"
case $err in *canary*) not_ok "a secret is not told" "$err" ;; *) ok "a secret is not told" ;; esac

run occ config set container.memory 2g --json
is "set --json" "$(jq -c . <<<"$out")" '{"key":"container.memory","changed":true,"before":"auto","after":"2g","costs":"recreate"}'
run occ config set container.memory 2048m --json
is "set --json, the same" "$(jq -c . <<<"$out")" '{"key":"container.memory","changed":false,"before":"2g","after":"2g","costs":"nothing"}'

# --- the edge: values that a word or a number may be, keys that need each other, and what a change costs -------------

fresh
run occ config set edge.mode files
ends "files without a certificate: exit 3" 3
has "files without a certificate: what it needs" "$err" ": edge.mode: files needs edge.certificate and edge.key"
has "... and the first step" "$err" "try         occ config set edge.certificate /PATH/TO/FILE.pem"
run occ config set edge.certificate chain.pem
has "a relative path: exit 3" "$rc:$err" "3:occ: edge.certificate: 'chain.pem' is not the absolute path of a file"
run occ config set edge.certificate /etc/chain.pem
is "the certificate first" "$rc" 0
run occ config set edge.mode files
has "the key is missing still" "$err" ": edge.mode: files needs edge.key"
run occ config set edge.key /etc/key.pem
run occ config set edge.mode files
is "both, then the mode" "$rc:$(tail -1 <<<"$out")" "0:applies at the next \`occ start\` (the container is recreated; data stays)"
run occ config set edge.mode self-signed
is "another mode recreates nothing" "$rc:$(tail -1 <<<"$out")" "0:applies at the next \`occ start\` (nothing is restarted)"
run occ config set edge.mode off --json
is "switching off does" "$(jq -r .costs <<<"$out")" recreate
run occ config set edge.mode plain
run occ config set server.bind 0.0.0.0
ends "opencode beside the edge: exit 3" 3
has "opencode beside the edge: why not" "$err" ": server.bind: 0.0.0.0 would let people go round the edge"
run occ config get edge.port
is "a port that is auto" "$rc:$out" "0:auto"
run occ config set edge.port 8081
is "a port by number" "$rc:$(head -1 <<<"$out")" "0:edge.port: \"auto\" (default) -> 8081, in $file"
run occ config set edge.port auto
is "... and auto again" "$rc:$(head -1 <<<"$out")" "0:edge.port: 8081 -> \"auto\", in $file"
run occ config set edge.port 3000
ends "opencode's own port: exit 3" 3
has "opencode's own port: whose it is" "$err" ": edge.port: port 3000 is server.port already"
run occ config set edge.port soon
has "no number: exit 3" "$rc:$err" "3:occ: edge.port: soon is not a whole number (1 to 65535, or auto)"
run occ config add edge.trusted_proxies 10.0.0.1
has "an address that is no network" "$rc:$err" "3:occ: edge.trusted_proxies: '10.0.0.1' is not a network, ADDRESS/BITS"
has "... and how one address is written" "$err" "10.0.0.1/32"
run occ config set engine.url ssh://me@host
ends "an engine elsewhere: exit 3" 3
has "an engine elsewhere: where the edge belongs" "$err" "install this program on that host"

# --- one line of difference ------------------------------------------------------------

fresh
{
	echo '// ours'
	echo '{'
	for i in $(seq 95); do echo "  // remark $i: \"port\": 3000, {"; done
	echo '  "server": {'
	echo '    "port": 4000, // the firewall knows it'
	echo '    "bind": "127.0.0.1"'
	echo '  },'
	for i in $(seq 96); do echo "  // remark $i"; done
	echo '  "log": { "max_files": 5 }'
	echo '}'
} >"$tmp/long"
mkdir -p "${file%/*}"
for edit in 'set server.port 4001' 'set server.bind ::1' 'set log.max_files 6' 'set log.max_size 1m'; do
	cp "$tmp/long" "$file"
	read -ra words <<<"$edit"
	run occ config "${words[@]}"
	is "$(wc -l <"$tmp/long") lines: $edit changes one" "$rc:$(diff "$tmp/long" "$file" | grep -c '^>')" 0:1
done
for edit in 'set server.cors https://a.example' 'unset server.port'; do
	cp "$tmp/long" "$file"
	read -ra words <<<"$edit"
	run occ config "${words[@]}"
	is "every comment stays: $edit" "$rc:$(grep -c '// remark' "$file")" 0:191
done
fresh
run occ config set server.port 4000
cp "$file" "$tmp/default"
run occ config set container.memory 2g
is "the default file: one line a key" "$(diff "$tmp/default" "$file" | grep -c '^[<>]')" 2

# --- lists ---------------------------------------------------------------------------

fresh
run occ config add image.packages golang
has "add" "$out" 'image.packages: [] (default) -> ["golang"]'
run occ config add image.packages gdb
run occ config add image.packages gdb
is "add again" "$rc:$out" '0:image.packages is ["golang", "gdb"] already; nothing changed'
run occ config get image.packages
is "get prints an element a line" "$out" "golang
gdb"
run occ config remove image.packages golang
has "remove" "$out" 'image.packages: ["golang", "gdb"] -> ["gdb"]'
run occ config remove image.packages golang
is "remove what is not there: exit 1" "$rc:$err" "1:occ: image.packages does not hold this element
  try         occ config get image.packages"
run occ config add server.port 1
has "add to what is no list" "$rc:$err" "2:occ: server.port is not a list"
run occ config add image.packages 'Not A Package'
ends "add what is wrong" 3
run occ config set image.packages '["a1", "b2"]'
run occ config get image.packages --json
is "set a whole list" "$out" '["a1", "b2"]'

# --- mistakes in the file ------------------------------------------------------------------

fresh '{
  "server": {
    "port": 70000
  }
}
'
tilde=${file/#$HOME/\~}
run occ config show
is "a mistake: its place, what is allowed, the way out" "$rc:$err" "3:occ: $tilde:3:13: server.port: 70000 is out of range (1 to 65535)
  try         occ config set server.port 3000"
run occ config validate
ends "validate a mistake" 3
run occ config validate --json
is "validate --json" "$rc:$(jq -r '.valid, .error' <<<"$out")" "3:false
$tilde:3:13: server.port: 70000 is out of range (1 to 65535)"
run occ config set server.port 3000
is "the way out works" "$rc:$(head -1 <<<"$out")" "0:server.port: (invalid) -> 3000, in $tilde"
fresh '{ "server": { "port": 70000, "bind": "x" } }'
run occ config set server.port 3000
is "two mistakes are mended one by one" "$rc" 0
has "... and the other is named" "$err" "not valid yet: $tilde:1:37: server.bind: 'x' is not an IP address"
run occ config set server.bind ::1
is "... until it is right" "$rc:$err" 0:
fresh '{ "format": 2, "server": { "shape": "new" } }'
before=$(cat "$file")
run occ config set server.port 4000
is "a newer format is refused by name" "$rc:$(head -1 <<<"$err")" "3:occ: $tilde:1:13: format 2 is newer than this program knows (1)"
is "... and left alone" "$(cat "$file")" "$before"
fresh '{ "server": { "prot": 1 }, "later": {} }'
run occ config show
is "unknown keys are warned of" "$rc:$err" "0:occ: $tilde:1:15: server.prot is not a key of the configuration (did you mean server.port?)
occ: $tilde:1:28: later is not a key of the configuration"
run occ config set server.port 4000
has "unknown keys survive an edit" "$(cat "$file")" '"prot": 1'
fresh '{ "server": '
run occ config get server.port
has "half a file" "$rc:$err" "3:occ: $tilde:1:"
run occ config validate "$tmp/long"
is "validate another file" "$rc:$out" "0:$tmp/long is valid"
run occ config validate "$tmp/none"
ends "validate a file that is not there" 1

# --- environment -----------------------------------------------------------------------------

fresh '{ "server": { "port": 4000 } }'
run env OCC_SERVER_PORT=5000 occ config get server.port
is "the environment stands above the file" "$out" 5000
run env OCC_SERVER_PORT=5000 occ config set server.port 4001
has "... and set says so" "$err" "OCC_SERVER_PORT is set in the environment and stands above the file"
is "... having set the file" "$rc:$(grep -c 4001 "$file")" 0:1
run env OCC_SERVER_PROT=1 occ config show
has "a variable that is no key" "$err" "OCC_SERVER_PROT is not a key of the configuration (did you mean server.port?)"
run env OCC_SERVER_PORT=x occ config show
is "a wrong variable" "$rc:$err" "3:occ: OCC_SERVER_PORT: x is not a whole number (1 to 65535)
  try         unset OCC_SERVER_PORT"
run env OCC_CONTAINER_EXTRA_HOSTS=a:1.2.3.4,b:host-gateway occ config get container.extra_hosts --json
is "a list between commas" "$out" '["a:1.2.3.4", "b:host-gateway"]'
run env OCC_SERVER_BIND=::1 occ config show --origin
is "show --origin" "$(tr -s ' ' <<<"$out")" "KEY VALUE ORIGIN
server.bind \"::1\" OCC_SERVER_BIND
server.port 4001 server.port in $tilde:1"

# --- JSON and schema ---------------------------------------------------------------------------

run occ config show --json
is "show --json has every key, in the file's shape" "$(jq -c '.server.port, .format, (.container | length)' <<<"$out" | tr '\n' ' ')" "4001 1 9 "
run occ config show --json --origin
is "show --json --origin" "$(jq -c '.server.port.origin, .server.bind.where' <<<"$out" | tr '\n' ' ')" '"file" "the default of server.bind" '
fresh '{ broken'
run occ config show --schema
is "the schema needs no configuration" "$rc:$(jq -r '.properties.server.properties.port.maximum' <<<"$out")" 0:65535

# every key of the schema can be got, and its default is what a machine without a file has
fresh
bad=
while read -r key want; do
	got=$(occ config get "$key" --json | jq -c .) || bad+=" $key"
	[ "$got" = "$want" ] || bad+=" $key=$got"
done < <(occ config show --schema | jq -r '.properties | to_entries[] | select(.value.properties) | .key as $g |
	.value.properties | to_entries[] | "\($g).\(.key) \(.value.default | tojson)"')
is "the defaults of the schema are the program's" "$bad" ""

# --- edit -------------------------------------------------------------------------------------------

fresh
export TMPDIR=$tmp/copies
mkdir "$TMPDIR"
run env EDITOR=true occ config edit
is "edit without a change" "$rc:$out" "0:Unchanged  $tilde"
is "... makes no file" "$([ -e "$file" ] && echo there)" ""
run env EDITOR="sed -i 's|// \"port\": 3000|\"port\": 4000|'" occ config edit
is "edit takes a change over" "$rc:$(occ config get server.port)" 0:4000
run env VISUAL="sed -i s/4000/4001/" EDITOR=false occ config edit
is "VISUAL comes first" "$rc:$(occ config get server.port)" 0:4001
run env EDITOR="sed -i s/4001/70000/" occ config edit
is "edit refuses a mistake" "$rc:$(occ config get server.port)" 3:4001
has "... and says what changed" "$err" "changed     nothing"
run env EDITOR=false occ config edit
is "an editor that fails" "$rc:$(occ config get server.port)" 1:4001
run env -u VISUAL -u EDITOR occ config edit
ends "no editor and no terminal" 2
run env EDITOR="echo '{}' >'$file'; sed -i s/4001/4002/" occ config edit
ends "the file changed meanwhile: refused" 1
kept=$(sed -n 's/.*kept in //p' "$tmp/err")
has "... and the edit is kept" "$(cat "$kept" 2>/dev/null)" 4002
[ -z "$kept" ] || rm -rf "${kept%/*}"
is "no copies are left" "$(ls -A "$TMPDIR")" ""

# --- other files, other instances ----------------------------------------------------------------------

fresh
run occ --config "$tmp/mine.json" config get server.port
has "--config of no file" "$rc:$out:$err" "0:3000:occ: ${tmp/#$HOME/\~}/mine.json does not exist"
run occ --config "$tmp/mine.json" config set server.port 4444
is "--config makes it" "$rc:$(occ --config "$tmp/mine.json" config get server.port):$(occ config get server.port)" 0:4444:3000
(cd "$tmp" && occ --config mine.json config get server.port >"$tmp/out")
is "--config relative" "$(cat "$tmp/out")" 4444
run occ --instance work config set server.port 5555
is "instances have their own" "$rc:$(occ --instance work config get server.port):$(occ config get server.port)" 0:5555:3000
is "... below instances/" "$(ls "$XDG_CONFIG_HOME/opencode-cloud/instances/work")" config.json
ln -s "$tmp/mine.json" "$file"
run occ config set server.port 4445
is "a link stays a link" "$rc:$(readlink "$file"):$(occ config get server.port)" "0:$tmp/mine.json:4445"

finish
