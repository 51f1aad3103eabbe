# tap.bash - what the tests of the command line share: TAP lines, a home of their own, the program
#
# Sourced, never run. $OCC is the binary (build/opencode-cloud). Every test has its own HOME and XDG
# directories under $tmp; no engine is reached. A test file ends with `finish`.
set -u
export LC_ALL=C.UTF-8
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
OCC=$(realpath "${OCC:-build/opencode-cloud}") || exit 1
[ -x "$OCC" ] || { echo "not ok - there is no $OCC"; exit 1; }

tmp=$(mktemp -d "${TMPDIR:-/tmp}/occ-cli.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
export HOME=$tmp/home XDG_CONFIG_HOME=$tmp/config XDG_STATE_HOME=$tmp/state
export XDG_DATA_HOME=$tmp/data XDG_CACHE_HOME=$tmp/cache XDG_RUNTIME_DIR=$tmp/run
mkdir -p "$HOME" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" "$XDG_DATA_HOME" "$XDG_CACHE_HOME" "$XDG_RUNTIME_DIR"
export DOCKER_HOST=unix://$tmp/no-engine.sock
unset NO_COLOR COLUMNS ${!OCC_*} DOCKER_CONTEXT
mkdir "$tmp/bin"
ln -s "$OCC" "$tmp/bin/occ"
ln -s "$OCC" "$tmp/bin/opencode-cloud"
PATH=$tmp/bin:$PATH

n_tests=0 n_bad=0

ok() { # NAME
	n_tests=$((n_tests + 1))
	echo "ok - $1"
}

not_ok() { # NAME REASON: false, as is and has are then
	n_tests=$((n_tests + 1)) n_bad=$((n_bad + 1))
	echo "not ok - $1: $(printf '%s' "$2" | tr '\n' '|')"
	return 1
}

is() { # NAME GOT WANT
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "is \"$2\", want \"$3\""; fi
}

has() { # NAME TEXT PART
	case $2 in
	*"$3"*) ok "$1" ;;
	*) not_ok "$1" "is \"$2\", want it to hold \"$3\"" ;;
	esac
}

# run COMMAND...: leaves $out, $err and $rc
run() {
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	rc=$?
	out=$(cat "$tmp/out") err=$(cat "$tmp/err")
}

# given TEXT COMMAND...: the same with TEXT on standard input
given() {
	local text=$1
	shift
	printf '%s' "$text" | "$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	out=$(cat "$tmp/out") err=$(cat "$tmp/err")
}

# silent NAME: nothing printed by the last command holds the canary
silent() {
	case $out$err in *canary*) not_ok "$1" "$out $err" ;; *) ok "$1" ;; esac
}

# commands: the names of all commands, one a line, out of the README's table
commands() {
	occ --dump=md-commands | sed -n 's/^| `occ \([^`]*\)` |.*/\1/p' | sed 's/ [][A-Z(].*//; s/ [a-z]*\\|.*//'
}

finish() {
	echo "1..$n_tests"
	[ "$n_bad" -eq 0 ]
	exit
}
