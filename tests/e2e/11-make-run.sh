#!/usr/bin/env bash
# 11-make-run - the README's first command: from this tree to a served web interface, with what it prints; and once more, when there is nothing left to do.
. "$(dirname "$0")/on_machine.sh" make-run run
e2e_cleanup
export OCC_SERVER_PORT=3998		# the usual one may be in use on this machine
# As a person types it: what the tests' own make has in its environment is not theirs.
make_run() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES make -C "$top" run OCC="$work/bin/occ"; }
told() { sed -n "s/^ *$1  *\([^ ]*\).*/\1/p" <<<"$out" | tail -n 1; }

runs "make run" make_run
for word in Engine Image Container Ready URL User Password "From your laptop" "Connect a model" "Keep it running"; do
	grep -q "^ *$word  " "$top/README.md" && grep -q "^ *$word  " <<<"$out"
	row $? "ends as the README shows: $word" "$out"
done
url=$(told URL)
auth=(-u "$(told User):$(told Password)")
like "opencode is healthy at that address, with that name and password" "$(ask /global/health "${auth[@]}")" '"healthy":true'
is "and refuses who has none" "$(status_of /global/health)" 401
like "its web interface" "$(ask / "${auth[@]}")" "<title>OpenCode"

before=$(inspect opencode-cloud-run '.Id + .State.StartedAt')
runs "make run, again" make_run
like "there is nothing to do, it says" "$out" "Nothing to do"
is "and nothing was done" "$(inspect opencode-cloud-run '.Id + .State.StartedAt')" "$before"
occ stop --remove --now >/dev/null 2>&1
e2e_cleanup
e2e_done
