# start.bash - sourced by the tests of the edge's worker: start NAME runs tests/cli/edge/NAME.py, which prints the rows
. "$(dirname "${BASH_SOURCE[0]}")/../tap.bash"

EDGE_RIG=$(dirname "$OCC")/release/tests/e2e/driver/edge_rig
export OCC EDGE_RIG PYTHONDONTWRITEBYTECODE=1
[ -x "$EDGE_RIG" ] || { echo "not ok - there is no $EDGE_RIG: make driver-bins"; exit 1; }

start() {
	python3 "tests/cli/edge/$1.py"
	exit
}
