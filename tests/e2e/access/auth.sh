#!/usr/bin/env bash
# auth - opencode's login and the redirects that no browser can deliver into the container
. "$(dirname "$0")/lib.sh"
python3 "$here/auth.py"
