#!/usr/bin/env bash
# exec - without a terminal: bytes, statuses, ends of input and output
# shellcheck disable=SC2016,SC2086 # what is quoted expands in the container; OCC_ARGS is words
. "$(dirname "$0")/lib.sh"

exits "exit status" 7 occ exec -- sh -c 'exit 7'
is "no output of its own" "$out" ""
exits "killed by a signal" 143 occ exec -- sh -c 'kill -TERM $$'
occ exec -- sh -c 'echo out; echo err >&2' >"$tmp/out" 2>"$tmp/err" </dev/null
is "standard output" "$(cat "$tmp/out")" out
is "standard error, apart" "$(cat "$tmp/err")" err
is "arguments as they are" "$(occ exec -n -- printf '<%s>' 'a b' '' '$HOME' '-x' "'\"")" "<a b><><\$HOME><-x><'\">"
is "in the workspace" "$(occ exec -n -- pwd)" /home/opencode/workspace
is "--workdir" "$(occ exec -n -w /tmp -- pwd)" /tmp
is "as the agent's user" "$(occ exec -n -- id -u)" 1000
is "--as" "$(occ exec -n --as 0 -- id -u)" 0
is "no terminal" "$(occ exec -n -- sh -c 'test -t 1 || echo none')" none

exits "unknown command: 127" 127 occ exec -- nosuchcommand
like "unknown command: said" "$out" "nosuchcommand: no such command in the container"
exits "unknown directory: 126" 126 occ exec -w /nowhere -- true
like "unknown directory: said" "$out" "/nowhere: cannot be entered"
occ exec -u nobody-such -- true >"$tmp/out" 2>"$tmp/err" </dev/null
isnt "unknown user: a failure" $? 0		# 126, or what the engine's refusal of the request gives
like "unknown user: said" "$(cat "$tmp/err")" "unable to find user nobody-such|no such user|user.*not found"
exits "contradiction" 2 occ exec -t -T -- true

head -c 10000000 /dev/urandom >"$tmp/random"
sum=$(sha256sum <"$tmp/random")
is "10 MB through" "$(occ exec -- cat <"$tmp/random" | sha256sum)" "$sum"
is "10 MB through pipes" "$(tee "$tmp/copy" <"$tmp/random" | occ exec -- cat | cat | sha256sum)" "$sum"
is "end of input is passed on" "$(occ exec -- sha256sum <"$tmp/random")" "$sum"
is "both streams at once" "$(occ exec -- sh -c 'tee /dev/stderr' <"$tmp/random" 2>"$tmp/err" | sha256sum)$(sha256sum <"$tmp/err")" "$sum$sum"
is "a command that does not read its input" "$(occ exec -- echo finished <"$tmp/random")" finished
is "a slow reader" "$(occ exec -- cat <"$tmp/random" | (until_true 1 false; sha256sum))" "$sum"
is "-n leaves a loop its list" "$(printf '1\n2\n3\n' | while read -r i; do occ exec -n -- echo "$i"; done | tr -d '\n')" 123
is "input without an end" "$(mkfifo "$tmp/open"; exec 9<>"$tmp/open"; occ exec -- echo finished <"$tmp/open")" finished

# The reader goes away: so does the writer in the container.
count() { occ exec -n -- sh -c 'n=0; for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = yes ] && n=$((n + 1)); done; echo $n'; }
occ exec -n -- yes | head -n 1 >/dev/null
is "exit status of a broken pipe" "${PIPESTATUS[0]}" 141
is "nothing is left running" "$(count)" 0

# Ctrl-C, and a service manager's TERM
for signal in INT TERM HUP; do
	case $signal in INT) want=130 ;; TERM) want=143 ;; *) want=129 ;; esac
	# a background command of a script would ignore SIGINT
	python3 - "$signal" "$OCC" ${OCC_ARGS:-} exec -n -- sh -c 'echo go; exec yes >/dev/null' >"$tmp/out" 2>"$tmp/err" <<-'PY'
		import signal, subprocess, sys
		p = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
		p.stdout.readline()
		p.send_signal(getattr(signal, "SIG" + sys.argv[1]))
		sys.exit(p.wait())
	PY
	is "$signal: exit status" $? $want
	is "$signal: not a word" "$(cat "$tmp/err")" ""
	is "$signal: nothing is left running" "$(count)" 0
done

cat >"$tmp/mem.sh" <<'EOM'
"$@" >/dev/null & while kill -0 $! 2>/dev/null; do sed -n 's/VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' /proc/$!/status 2>/dev/null; done | sort -n | tail -n 1
EOM
peak=$(sh "$tmp/mem.sh" "$OCC" ${OCC_ARGS:-} exec -n -- head -c 200000000 /dev/zero)
# A build with sanitizers, which is one on glibc, needs more by itself.
case $(occ version) in *glibc*) most=65536 ;; *) most=4096 ;; esac
[ "${peak:-99999}" -le $most ]
row $? "200 MB of output in a few MiB of memory" "$peak kB, at most $most"
e2e_done
