#!/usr/bin/env bash
# ports - port-forward
. "$(dirname "$0")/lib.sh"
python3 "$here/ports.py"
