# moment.bash - sourced: moment SECONDS waits, without starting a process
#
# On a pipe that nobody writes to, opened once: with a process substitution each time, bash 5.2 now and then waits for ever for one that has ended.
# shellcheck shell=bash
exec {moment_fd}<> <(:)
moment() { read -rt "$1" -u "$moment_fd" || true; }
