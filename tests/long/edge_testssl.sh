#!/usr/bin/env bash
# What Debian's testssl says of the edge's TLS: nothing but what is listed here, each with its reason.
. "$(dirname "$0")/../cli/tap.bash"
. tests/moment.bash
export OCC EDGE_RIG PYTHONDONTWRITEBYTECODE=1
EDGE_RIG=$(dirname "$OCC")/release/tests/e2e/driver/edge_rig
allowed='
cert_chain_of_trust	the certificate of the rig signs itself
cert_revocation	so nobody publishes a list of revoked ones
DNS_CAArecord	and 127.0.0.1 has no DNS zone
HSTS	is sent with a publicly trusted certificate only: with another one, no browser could get past a warning any more
engine_problem	is about the openssl that testssl runs
'
need() { command -v "$1" >/dev/null || scripts/apt-install "${@:2}" >/dev/null || { echo "not ok - there is no $1"; exit 1; }; }
need testssl testssl.sh bsdextrautils dnsutils
need jq jq

dir=$tmp
trap 'kill "$rig" 2>/dev/null; rm -rf "$tmp"' EXIT
python3 - >"$dir/port" <<'END' &
import sys
sys.path.insert(0, "tests/cli/edge")
import kit
rig = kit.Rig(kit.Back().port)
print(rig.tls, flush=True)
rig.child.wait()
END
rig=$!
until [ -s "$dir/port" ] || ! kill -0 $rig 2>/dev/null; do moment 0.1; done
timeout 900 testssl --quiet --color 0 --warnings off --severity LOW --jsonfile "$dir/found.json" "127.0.0.1:$(cat "$dir/port")" >"$dir/out" 2>&1
jq -e 'length > 0' "$dir/found.json" >/dev/null && grep -q 'Done ' "$dir/out"
is "testssl has looked" $? 0
is "and finds nothing that is not known" "$(jq -r '.[] | "\(.id)\t\(.severity): \(.finding)"' "$dir/found.json" | grep -vE "^($(cut -sf1 <<<"$allowed" | paste -sd '|'))	")" ""
finish
