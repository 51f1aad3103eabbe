#!/usr/bin/env bash
# 41-update-scripted - kill -9 of the program, and of a scripted engine, at every request of an update, of one that is taken back, of one that is refused, and
# of a rollback: afterwards one container serves, its data is whole, and nothing is left. The real engine's part is in 25-update and 40-engine-killed.
# lane: scripted
here=$(cd "$(dirname "$0")" && pwd)
# On a file system in memory where there is one: every case begins with a copy of all files, and the program waits for the disk after each of its own.
base=${TMPDIR:-/tmp}
[ ! -w /dev/shm ] || [ "$(df -k --output=avail /dev/shm | tail -n 1)" -lt 500000 ] || base=/dev/shm
OCC_RIG=$(mktemp -d "$base/occ-scripted.XXXXXX") || exit 1
. "$here/lib.sh"
e2e_init scripted
worker_pids=()
# ended - by a signal too: the workers end what they have started
ended() {
	[ "${#worker_pids[@]}" = 0 ] || kill "${worker_pids[@]}" 2>/dev/null
	wait
	rm -rf "$OCC_RIG"
}
trap ended EXIT
trap 'exit 143' TERM INT
workers=4
modes=(before after client-before client-after)
n_changes=4

# free_port FROM - the next one below the range from which the kernel gives: nobody gets it by chance
free_port() { python3 -c 'import socket, sys
for port in range(int(sys.argv[1]), 32768):
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(port)
        break' "$1"; }

# told FILE - a row for each "ok NAME" and "bad NAME", whose reasons follow behind two blanks; what else is said is a fault of the test
told() {
	local line name='' reasons=() verdict=0
	while IFS= read -r line; do
		case $line in
		'  '*) reasons+=("${line#  }") && continue ;;
		request\ *) continue ;;
		esac
		[ -z "$name" ] || row $verdict "$name" "${reasons[@]}"
		name=${line#* } reasons=() verdict=1
		[[ $line != ok\ * ]] || verdict=0
	done <"$1"
	[ -z "$name" ] || row $verdict "$name" "${reasons[@]}"
}

# cases - every request of every change, in each mode with OCC_LONG. Without it the modes take turns, and two of them meet where the engine is told to change something.
cases() {
	local change n method m away turn=0 n_modes=${#modes[@]}
	while read -r _ change n method; do
		for m in "${!modes[@]}"; do
			away=$(((m + n_modes - turn) % n_modes))
			[ -n "${OCC_LONG:-}" ] || [ $away = 0 ] || { [ $away = 1 ] && [ "$method" != GET ]; } || continue
			echo "$change ${modes[$m]} $n"
		done
		turn=$(((turn + 1) % n_modes))
	done < <(grep '^request ' "$work/0.prepare")
}

# all DO - cases.py by each worker; what it is to do is in its own file
all() {
	local w
	for ((w = 0; w < workers; w++)); do
		python3 "$here/scripted/cases.py" "$1" "$work/$w" "$occ_binary" "${ports[$w]}" <"$work/$w.in" >"$work/$w.$1" 2>&1 &
		worker_pids[w]=$!
	done
	for w in "${!worker_pids[@]}"; do
		wait "${worker_pids[$w]}"
		is "$1, worker $w" $? 0
		unset "worker_pids[$w]"
	done
}

ports=() port=21000
for ((w = 0; w < workers; w++)); do
	port=$(free_port $((port + 1)))
	ports+=("$port")
	: >"$work/$w.in"
done
all prepare
told "$work/0.prepare"
is "requests of all changes are known" "$(grep '^request ' "$work/0.prepare" | cut -d' ' -f2 | sort -u | wc -l)" $n_changes
cases | awk -v n=$workers -v to="$work" '{ print >(to "/" NR % n ".in") }'
all run
for ((w = 0; w < workers; w++)); do told "$work/$w.run"; done
is "every case is told of" "$(cat "$work"/*.run | grep -cE '^(ok|bad) ')" "$(cases | wc -l)"
e2e_done
