# moment.bash - sourced: moment SECONDS waits, without starting a process
#
# On a pipe that nobody writes to, opened once: with a process substitution each time, bash 5.2 now and then waits for ever for one that has ended.
# shellcheck shell=bash
exec {moment_fd}<> <(:)
moment() { read -rt "$1" -u "$moment_fd" || true; }
# now_us - sets $now, in microseconds
now_us() { now=${EPOCHREALTIME/[.,]/}; }
# breath SINCE - after an asking that began at SINCE (of now_us): waits five times as long as it took, 0.1 s at least and 2 s at most. Who asks again and again what takes a process in a
# container to answer would take a whole processor from what is waited for.
breath() {
	local span
	now_us
	span=$((5 * (now - $1)))
	span=$((span < 100000 ? 100000 : span > 2000000 ? 2000000 : span))
	printf -v span '%d.%06d' $((span / 1000000)) $((span % 1000000))
	moment "$span"
}
