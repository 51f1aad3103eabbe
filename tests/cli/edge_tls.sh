#!/usr/bin/env bash
# The edge's worker for real, in front of a small server: through TLS.
. "$(dirname "$0")/edge/start.bash"
start tls
