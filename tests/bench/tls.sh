#!/usr/bin/env bash
# tls - what a handshake and a megabyte cost this program's TLS in processor time, beside OpenSSL's s_server in the same run. Wall time would
# measure the client and the machine's other work.
top=$(cd "$(dirname "$0")/../.." && pwd)
serve=$top/build/release/tests/bench/tls_serve
dir=$(mktemp -d "${TMPDIR:-/tmp}/occ-bench.XXXXXX")
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir" || exit 1
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
openssl req -x509 -new -key key.pem -subj /CN=bench -days 2 -addext subjectAltName=DNS:localhost -out chain.pem
bytes=268435456
truncate -s "$bytes" "$bytes"
ticks=$(getconf CLK_TCK)

# cpu PID - processor seconds so far
cpu() { awk -v t="$ticks" '{ sub(/.*\) /, ""); print ($12 + $13) / t }' "/proc/$1/stat"; }

# port_of PID - the TCP port it listens on, once it does
port_of() {
	local port
	while kill -0 "$1"; do
		port=$(ss -Hltnp 2>/dev/null | awk -v p="pid=$1," 'index($0, p) { sub(/.*:/, "", $4); print $4; exit }')
		[ -n "$port" ] && { echo "$port"; return; }
	done
}

"$serve" chain.pem key.pem >/dev/null &
pids+=($!)
openssl s_server -quiet -WWW -accept 127.0.0.1:0 -cert chain.pem -key key.pem >/dev/null 2>&1 &
pids+=($!)

# handshakes PORT PID OPTION... - microseconds of processor time for each
handshakes() {
	local port=$1 pid=$2 before n
	shift 2
	before=$(cpu "$pid")
	n=$(openssl s_time -connect "127.0.0.1:$port" -time 4 "$@" 2>/dev/null | awk '/connections in .* real/ { print $1; exit }')
	awk -v a="$before" -v b="$(cpu "$pid")" -v n="${n:-0}" 'BEGIN { printf "%.0f", n ? (b - a) * 1000000 / n : 0 }'
}

# bulk PORT PID OPTION... - megabytes for each second of processor time
bulk() {
	local port=$1 pid=$2 before
	shift 2
	before=$(cpu "$pid")
	curl -sk -o /dev/null "$@" "https://127.0.0.1:$port/$bytes"
	awk -v a="$before" -v b="$(cpu "$pid")" -v n="$bytes" 'BEGIN { printf "%.0f", (b > a) ? n / 1000000 / (b - a) : 0 }'
}

# both NAME UNIT COMMAND... - ours, OpenSSL's, the ratio
both() {
	local name=$1 unit=$2 call=$3 ours theirs
	shift 3
	ours=$("$call" "$(port_of "${pids[0]}")" "${pids[0]}" "$@")
	theirs=$("$call" "$(port_of "${pids[1]}")" "${pids[1]}" "$@")
	awk -v n="$name" -v u="$unit" -v a="$ours" -v b="$theirs" 'BEGIN { printf "%-44s %8d %-9s openssl %8d   ratio %.2f\n", n, a, u, b, b ? a / b : 0 }'
}

both "handshake, TLS 1.3, full" "us" handshakes -new
both "handshake, TLS 1.3, resumed" "us" handshakes -reuse
both "handshake, TLS 1.2, full" "us" handshakes -new -tls1_2
both "handshake, TLS 1.2, resumed" "us" handshakes -reuse -tls1_2
both "bulk, AES-128-GCM" "MB/s" bulk --tls13-ciphers TLS_AES_128_GCM_SHA256
both "bulk, AES-256-GCM" "MB/s" bulk --tls13-ciphers TLS_AES_256_GCM_SHA384
both "bulk, ChaCha20-Poly1305" "MB/s" bulk --tls13-ciphers TLS_CHACHA20_POLY1305_SHA256
