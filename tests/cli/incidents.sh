#!/usr/bin/env bash
# incidents list and show: words, JSON, foreign bytes, whose they are. The records are made here, from the format as the headers tell it.
. "$(dirname "$0")/tap.bash"

state=$XDG_STATE_HOME/opencode-cloud

# records FILE COUNT: a ring with incidents 1..COUNT; the last one is whole, with 30 log lines, the others are short
records() {
	python3 - "$1" "$2" <<'PYTHON'
import json, struct, sys, time, zlib
path, count, n, size, now = sys.argv[1], int(sys.argv[2]), 20, 65536, int(time.time())
def slot(seq, payload):
    head = b"OCCS" + struct.pack("<HHQIII", 1, n, seq, size, len(payload), 0)
    return (head + struct.pack("<I", zlib.crc32(head + payload)) + payload).ljust(size, b"\0")
def record(k):
    r = {"format": 1, "number": k, "at_epoch_s": now - 3 * 3600, "cause": "hang", "action": "restarted", "exit_code": None}
    if k == count:
        r.update(cause="out-of-memory", action="waiting 4 s", exit_code=137, signal=9, oom_killed=True, error="",
            started_epoch_s=now - 20000, finished_epoch_s=now - 10800, container="4f53cda18c2b0123456789", image_id="sha256:0123456789abcdef0123",
            image_ref="opencode-cloud:1.18.34", busy=["ses_1 in ~/workspace/shop", "ses_2 \x1b]0;owned\x07 in ~"],
            samples=[{"at_epoch_s": now - 10860, "status": 200, "took_ms": 6, "memory_bytes": 400000000},
                {"at_epoch_s": now - 10830, "status": 0, "took_ms": 1500, "memory_bytes": 0},
                {"at_epoch_s": now - 10805, "status": -1, "took_ms": 0, "memory_bytes": 900000000}],
            evidence_ms=12, log_cut=True, log=["line %d" % i for i in range(1, 29)] + ["\x1b[2J\x1b]52;c;evil\x07 \u202e\x00after", "caf\u00e9 \ufffd"])
    return json.dumps(r).encode()
slots = [slot(0, b"")] * n
for k in range(1, count + 1):
    slots[(k - 1) % n] = slot(k, record(k))
open(path, "wb").write(b"".join(slots))
PYTHON
	chmod 600 "$1"
}

run occ incidents
is "no watchdog ever ran" "$rc:$out:$err" "0:No incidents recorded.:"
run occ incidents list --json
is "... for programs" "$rc:$(jq -c . <<<"$out")" '0:{"incidents":[]}'
run occ incidents show
is "... show without any" "$rc:$err" "1:occ: there is no incident: none is recorded"
run occ incidents show 3
is "... show 3" "$rc:$err" "1:occ: there is no incident 3: none is recorded"
is "nothing is made by looking" "$(find "$state" 2>/dev/null)" ""

mkdir -p "$state"
records "$state/incidents" 3
run occ incidents
is "list: newest first" "$rc:$(awk 'NR > 1 { print $1 }' <<<"$out" | tr '\n' ' ')" "0:3 2 1 "
is "list: columns" "$(head -1 <<<"$out" | tr -s ' ')" "NUMBER WHEN WHAT HAPPENED WHAT WAS DONE"
has "list: when, relative" "$(tr -s " " <<<"$out")" "3 3 h ago killed"
has "list: what was done" "$out" "waiting 4 s"
list=$out
run occ incidents list
is "incidents list is the same" "$rc:$out" "0:$list"
run occ incidents --json
is "list --json" "$rc:$(jq -c '[.incidents[] | [.number, .cause, .action, .exit_code, .oom_killed]]' <<<"$out")" \
	'0:[[3,"out-of-memory","waiting 4 s",137,true],[2,"hang","restarted",null,false],[1,"hang","restarted",null,false]]'
is "... with the sentence and the time" "$(jq '[.incidents[] | (.text | length > 0) and .at_epoch_s > 1700000000] | all' <<<"$out")" true

run occ incidents show 3
is "show" "$rc:$err" 0:
has "show: number and when" "$(head -1 <<<"$out")" "Incident 3 "
has "show: the cure" "$out" "occ config set container.memory"
has "show: exit" "$out" "137 (signal 9), out of memory"
has "show: how long it ran" "$out" ", after 2 h 33 min"
has "show: image" "$out" "opencode-cloud:1.18.34 (0123456789ab)"
has "show: container" "$out" "container   4f53cda18c2b"$'\n'
has "show: who was at work" "$out" "at work     ses_1 in ~/workspace/shop"
is "show: samples" "$(sed -n '/Last looks/,/^$/p' <<<"$out" | tail -n +2 | tr -s ' ')" " LOOKED ANSWER TOOK MEMORY
 1 min before 200 6 ms 400 MB
 30 s before none 1.5 s -
 5 s before - - 900 MB"
is "show: the last 20 lines" "$(grep -cE '^  (line |\?|caf)' <<<"$out"):$(grep -E '^  line' <<<"$out" | head -1)" "20:  line 11"
has "show: there is more" "$out" "occ incidents show 3 --full shows more"
is "show: no escape sequence gets through" "$(tr -d '\n\040-\176\200-\377' <<<"$out" | od -An -c)" ""
has "... what is left of one" "$out" "  ?[2J?]52;c;evil? ??after"
has "... text stays" "$out" "  café �"
run occ incidents show
is "show without a number: the last one" "$rc:$(sed -n 2p <<<"$out" | cut -c1-8)" "0:  time  "
run occ incidents show 3 --full
is "show --full: all lines" "$rc:$(grep -cE '^  (line |\?|caf)' <<<"$out")" 0:30
has "... and that older ones are missing" "$out" "older lines did not fit"
run occ incidents show 2
is "show of a short one" "$rc" 0
has "... says so" "$out" "It had logged nothing."
run occ incidents show 3 --json
is "show --json" "$rc:$(jq -c '[.number, .cause, .exit_code, .signal, .oom_killed, (.busy | length), (.samples | length), (.log | length), .log_cut]' <<<"$out")" \
	'0:[3,"out-of-memory",137,9,true,2,3,30,true]'
is "... log lines as they were" "$(jq -r '.log[28]' <<<"$out" | od -An -c | tr -d ' \n')" '033[2J033]52;c;evil\a342200256\0after\n'
for word in 0 x -1 1.5 99999999999999999999; do
	run occ incidents show -- "$word"
	is "show $word: exit 2" "$rc:$(head -1 <<<"$err")" "2:occ: '$word' is not the number of an incident"
done
run occ incidents show 9
is "show 9: exit 1, and which there are" "$rc:$err" "1:occ: there is no incident 9; there are 3, numbers 1 to 3"
run occ incidents nothing
is "another word: exit 2" "$rc" 2

records "$state/incidents" 25
run occ incidents --json
is "the last 20 of 25" "$(jq -c '[.incidents | length, .[0].number, .[19].number]' <<<"$out")" '[20,25,6]'
run occ incidents show 5
is "one that is overwritten" "$rc:$err" "1:occ: there is no incident 5; there are 20, numbers 6 to 25"
printf x | dd of="$state/incidents" bs=1 seek=$((4 * 65536 + 40)) conv=notrunc 2>/dev/null
run occ incidents --json
is "a damaged record is missing, the others are there" "$rc:$(jq -c '[.incidents | length, .[0].number]' <<<"$out")" '0:[19,24]'
echo nonsense >"$state/incidents"
run occ incidents
is "a file of something else: exit 1" "$rc" 1
has "... named" "$err" "$state/incidents is damaged, or is no file of records"
is "... and left alone" "$(cat "$state/incidents")" nonsense

# A machine's deployment, and somebody who is not root: in a mount namespace with an /etc and a /var/lib of its own.
inside() {
	mount -t tmpfs -o mode=755 tmpfs /var/lib && mkdir -m 711 /var/lib/opencode-cloud && mkdir -p "$tmp/etc" || exit 1
	mount -t tmpfs -o mode=755 tmpfs "$tmp/etc" && cp /etc/passwd /etc/group "$tmp/etc/" && mkdir "$tmp/etc/opencode-cloud" || exit 1
	echo '{}' >"$tmp/etc/opencode-cloud/config.json"
	mount --bind "$tmp/etc" /etc && chmod 755 "$tmp" "$HOME" || exit 1
	records /var/lib/opencode-cloud/incidents 3
	unset XDG_CONFIG_HOME XDG_STATE_HOME
	run setpriv --reuid 4242 --regid 4242 --clear-groups occ incidents
	is "a machine's, as a normal user: exit 5" "$rc:$out" 5:
	has "... with the way" "$err" "try         run it with sudo"
	run setpriv --reuid 4242 --regid 4242 --clear-groups occ incidents show 3
	is "... show as well" "$rc:$out" 5:
	run occ incidents show 3
	is "... as root" "$rc" 0
	umount -l /etc "$tmp/etc" /var/lib
	[ "$n_bad" -eq 0 ]
}
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
	export -f inside records run is has ok not_ok
	export tmp
	OUT=$(n_tests=0 n_bad=0 unshare -m bash -c inside 2>&1)
	printf '%s\n' "$OUT"
	n_tests=$((n_tests + $(grep -cE '^(not )?ok ' <<<"$OUT")))
	n_bad=$((n_bad + $(grep -c '^not ok ' <<<"$OUT")))
	is "the machine's part ran" "$(grep -cE '^(not )?ok ' <<<"$OUT")" 4
else
	ok "the machine's incidents # skip needs root and a mount namespace"
fi
finish
