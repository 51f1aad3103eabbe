# release.bash - sourced by tests of releases: this program as other versions, with keys of the tests' own, published into a directory that a web server serves.
# shellcheck shell=bash disable=SC2034 # site_url, made: for those who source this

made=${T_OUT:-build/tests}/releases
target=linux-$(uname -m | sed s/aarch64/arm64/)
mkdir -p "$made"
for key in first second foreign; do
	[ -s "$made/$key.pub" ] || { openssl ecparam -name prime256v1 -genkey -noout -out "$made/$key.key" && openssl ec -in "$made/$key.key" -pubout -out "$made/$key.pub"; } 2>/dev/null
done

# built NAME VARIABLE=VALUE... - this program with those variables of make, in $made/occ-NAME
built() {
	(
		unset MAKEFLAGS MAKELEVEL MAKEOVERRIDES
		flock 9
		make -s -C "${T_ROOT:-.}" O="$made/build" DEPS_OUT="${T_ROOT:-$PWD}/build/deps" "${@:2}" >"$made/make.log" 2>&1 || { cat "$made/make.log" >&2; exit 1; }
		cp "$made/build/opencode-cloud" "$made/occ-$1.new" && mv "$made/occ-$1.new" "$made/occ-$1"
	) 9>"$made/lock"
}
# program VERSION - in $made/occ-VERSION, where it is made unless it is there: knows the first and the second key
program() {
	[ -x "$made/occ-$1" ] && [ "$made/occ-$1" -nt "$OCC" ] && return
	built "$1" VERSION="$1" RELEASE_KEYS="$made/first.pub $made/second.pub"
}
# program_of_image NAME REF INPUTS - in $made/occ-NAME: one that was released with that image
program_of_image() { built "$1" RELEASE_IMAGE="$2" RELEASE_IMAGE_INPUTS="$3"; }

# publish DIRECTORY VERSION FILE [KEY] - that file as the program of a release
publish() {
	mkdir -p "$1"
	rm -f "$1"/*
	cp "$3" "$1/opencode-cloud-$2-$target"
	echo other >"$1/opencode-cloud-$2-plan9-mips"
	(cd "$1" && sha256sum opencode-cloud-* >SHA256SUMS && openssl dgst -sha256 -sign "$made/${4:-first}.key" -out SHA256SUMS.sig SHA256SUMS)
}

# stand_in_release DIRECTORY VERSION PROGRAM - as scripts/dist makes one; the programs of other targets than this machine's are a script of one line
stand_in_release() {
	local one
	rm -rf "$1" && mkdir "$1"
	for one in linux-x86_64 linux-arm64 macos-arm64 macos-x86_64; do
		printf '#!/bin/sh\necho stand-in\n' >"$1/opencode-cloud-$2-$one"
	done
	cp "$3" "$1/opencode-cloud-$2-$target"
	(cd "$1" && sha256sum opencode-cloud-* >SHA256SUMS)
}

# serve DIRECTORY ADDRESS - sets $server, its process, and $site_url
serve() {
	python3 -u -m http.server 0 --bind "$2" --directory "$1" >"$1.log" 2>"$1.requests" &
	server=$!
	site_url=http://$2:$(port_told "$1.log" $server)
}
# serve_npm DIRECTORY - those packages as an npm registry on loopback: sets $registry, its process, and $registry_url; each request is a line of DIRECTORY.requests
serve_npm() {
	python3 tests/registry.py "$1" >"$1.log" 2>"$1.requests" &
	registry=$!
	registry_url=http://127.0.0.1:$(port_told "$1.log" $registry)/
}
# port_told LOG PROCESS - the port that the process says it listens on; nothing when it has ended
port_told() {
	until grep -qs port "$1" || ! kill -0 "$2"; do sleep 0.05; done
	sed -n 's/.*port \([0-9]*\).*/\1/p' "$1"
}
# host_seen_by COMMAND... - the address of this machine as another one sees it, in which that prefix runs a command: its gateway, in hex and in the processor's own order
# shellcheck disable=SC2016 # awk's own
host_seen_by() {
	local hex
	hex=$("$@" awk '$2 == "00000000" { print $3; exit }' /proc/net/route)
	printf '%d.%d.%d.%d\n' "0x${hex:6:2}" "0x${hex:4:2}" "0x${hex:2:2}" "0x${hex:0:2}"
}
