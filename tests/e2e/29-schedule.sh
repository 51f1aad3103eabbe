#!/usr/bin/env bash
# 29-schedule - backups without a person: made when they are due, copied away, proved, the older ones removed; and told of when they fail.
# lane: schedule
. "$(dirname "$0")/on_machine.sh" schedule schedule
e2e_cleanup
docker tag "$e2e_ref" "opencode-cloud-schedule:${e2e_ref##*:}"
note=$HOME/.local/state/opencode-cloud/instances/schedule/backups.json
away=$work/away
mkdir -p "$away"
made() { occ backup list --json | jq length; }
last() { jq -r "$1" "$note" 2>/dev/null; }
# aged KEY - as if that had been ten days ago
aged() { jq --argjson t "$(($(date +%s) - 864000))" ".$1 = \$t" "$note" >"$note.new" && mv "$note.new" "$note"; }
is_made() { [ "$(last .made_epoch_s)" -gt 0 ] && [ "$(last .why)" = "" ] && [ "$(made)" = "$1" ]; }

occ config set image.base "$e2e_base" >/dev/null
occ config set server.port 3229 >/dev/null
runs "start" occ start
unlike "without a schedule status is silent about it" "$(occ status)" "^ *backup"
exits "a word that is none" 2 occ backup schedule now
runs "off as it is" occ backup schedule
like "is said" "$out" "Schedule +off$"
# shellcheck disable=SC2016
runs "where each goes" occ config set backup.after 'cp "$OCC_BACKUP" '"$away"
runs "two stay" occ config set backup.keep 2
runs "daily" occ backup schedule daily
like "begins with the watchdog" "$out" "daily, next as soon as the watchdog runs"
like "status says that there is none" "$(occ status)" "backup +none yet, none proved yet"
occ watchdog >"$work/watchdog.log" 2>&1 &
keeper=$!
until_true 120 is_made 1
row $? "the watchdog makes one" "$(cat "$work/watchdog.log" "$note" 2>&1)"
is "which is copied away" "$(find "$away" -name '*.tar.gz' | wc -l)" 1
like "and proved, the first one" "$(occ status)" "backup +[0-9.]+ m?s old, one proved [0-9.]+ m?s ago"
is "as JSON" "$(occ status --json | jq -c '.backup|[.failure, .proved_epoch_s > 0]')" "[null,true]"
is "nothing of that is left on the engine" "$(containers_of)" 1
like "the next is tomorrow" "$(occ backup schedule)" "daily, next 20[0-9-]+T"

# ---- by hand ----
runs "a round by hand" occ backup run
runs "and one more" occ backup run
like "says how it stands" "$out" "Backup +.*tar.gz: .* old, one proved"
is "the oldest has gone" "$(made)" 2
is "all were copied away" "$(find "$away" -name '*.tar.gz' | wc -l)" 3
proved=$(last .proved_epoch_s)
is "and only one was proved" "$((proved > 0 && proved < $(last .made_epoch_s)))" 1
runs "with the workspace" occ config set backup.workspace true
aged proved_epoch_s
runs "when a proof is due again" occ backup run
is "it is proved" "$(($(last .proved_epoch_s) > proved))" 1
is "with the workspace in it" "$(tar -tzf "$(last .file)" | grep -c '^workspace/$')" 1
runs "no proofs" occ config set backup.verify_days 0
aged proved_epoch_s
proved=$(last .proved_epoch_s)
runs "then" occ backup run
is "none is made" "$(last .proved_epoch_s)" "$proved"

# ---- failures ----
runs "a copy that fails" occ config set backup.after 'echo no room >&2; exit 3'
exits "is a failure" 1 occ backup run
like "and says so" "$out" "backup.after ended with status 3"
like "the backup itself is there" "$out" "restored +the backup itself is there"
like "status tells of it" "$(occ status)" "backup .*; the last try FAILED: backup.after ended with status 3"
like "the next is tomorrow all the same: one was made" "$(occ backup schedule)" "daily, next 20"
is "and the older ones stay" "$(made)" 3
runs "a proof that fails" occ config set backup.identity /nowhere/key
runs "when one is due" occ config set backup.verify_days 1
# shellcheck disable=SC2016 # what the command expands
runs "with a copy that works" occ config set backup.after 'cp "$OCC_BACKUP" '"$away"
before=$(find "$away" -type f | wc -l)
exits "is a failure, too" 1 occ backup run
like "that says so" "$out" "prove the backup"
is "but what was made is copied away" "$(find "$away" -type f | wc -l)" $((before + 1))
runs "no proofs again" occ config set backup.verify_days 0
runs "no key" occ config unset backup.identity
runs "one that works" occ config set backup.after ""
aged tried_epoch_s
until_true 120 is_made 2
row $? "and the watchdog has made up for it" "$(cat "$work/watchdog.log" "$note" 2>&1)"

# ---- a newer opencode ----
feed=$work/feed
mkdir "$feed"
cat >"$feed/server.py" <<'END'
import http.server, sys


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = open(sys.argv[1] + "/newest").read().encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        with open(sys.argv[1] + "/told", "ab") as f:
            f.write(self.rfile.read(int(self.headers["Content-Length"])) + b"\n")
        self.send_response(204)
        self.end_headers()


http.server.HTTPServer(("127.0.0.1", 3298), Answer).serve_forever()
END
echo '"1.0.0"' >"$feed/newest"
python3 "$feed/server.py" "$feed" >/dev/null 2>&1 &
server=$!
until_true 30 curl -fsS http://127.0.0.1:3298/
unlike "nothing newer is known" "$(occ status)" "^ *update"
occ config set notify.allow_http true >/dev/null
echo http://127.0.0.1:3298/hook | occ notify add webhook --stdin >/dev/null
exits "an address with a password is none" 3 occ config set update.feed http://a:b@127.0.0.1/
runs "a feed" occ config set update.feed http://127.0.0.1:3298/newest.json
runs "who asks" occ update --check
like "hears that there is none" "$out" "is the newest"
echo '{"version":"1.99.0"}' >"$feed/newest"
note=${note%/*}/newest.json
aged tried_epoch_s
is_known() { occ status | grep -qE '^ *update +opencode 1\.99\.0 is there: occ update$'; }
until_true 120 is_known
row $? "the watchdog asks when it is due, and status knows" "$(cat "$work/watchdog.log" "$note" 2>&1)" "$(occ status 2>&1)"
is "as JSON" "$(occ status --json | jq -r .newer)" 1.99.0
until_true 30 test -s "$feed/told"
is "a person is told" "$(jq -r '.kind + ": " + .text' "$feed/told")" "update: opencode 1.99.0. To change to it: occ update"
asked=$(last .tried_epoch_s)
aged tried_epoch_s
is_asked() { [ "$(last .tried_epoch_s)" -ge "$asked" ]; }
until_true 120 is_asked
is "once" "$(wc -l <"$feed/told")" 1
kill "$server"
wait "$server" 2>/dev/null
runs "who does not want to know" occ config set update.check never

kill "$keeper"
wait "$keeper"
is "the watchdog ends well" $? 0
runs "stop" occ stop --remove --now
e2e_cleanup
e2e_done
