#!/usr/bin/env bash
# terminal - shell, exec and attach on a pseudo-terminal
. "$(dirname "$0")/lib.sh"
python3 "$here/terminal.py"
