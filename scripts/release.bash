# release.bash - sourced by what packs a release (as scripts/dist makes one): its version, its programs, and archives that depend on nothing but what is in them.
# shellcheck shell=bash disable=SC2034 # for those who source this

# the date that npm gives to everything
release_epoch=499162500
release_targets='linux-x86_64 linux-arm64 macos-arm64 macos-x86_64'

release_die() {
	printf '%s: %s\n' "$1" "$2" >&2
	exit 1
}

# release_check WHO DIRECTORY - it is one whole release, and what its SHA256SUMS says; sets $release_version
release_check() {
	[ -s "$2/SHA256SUMS" ] || release_die "$1" "$2 is no release: it has no SHA256SUMS   (make dist makes one)"
	release_version=$(sed -n 's/^[0-9a-f]\{64\} [ *]opencode-cloud-\([0-9][0-9A-Za-z.-]*\)-linux-x86_64$/\1/p' "$2/SHA256SUMS")
	[[ $release_version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || release_die "$1" "$2 has not one program of one version for linux-x86_64"
	(cd "$2" && sha256sum --check --quiet --strict SHA256SUMS) >&2 || release_die "$1" "$2 is not what its SHA256SUMS says"
}

# release_program WHO DIRECTORY TARGET - the name of the program for that target there
release_program() {
	local program=opencode-cloud-$release_version-$3
	grep -q " [ *]$program\$" "$2/SHA256SUMS" || release_die "$1" "$2 has no $program"
	printf '%s\n' "$program"
}

# release_tar DIRECTORY LIST - the files of LIST (one a line, below DIRECTORY) as a .tar.gz on standard output
release_tar() {
	tar -C "$1" -c --format=ustar --owner=0 --group=0 --numeric-owner "--mtime=@$release_epoch" --no-recursion -T "$2" | gzip -9n
}
