#!/bin/sh
# Installs opencode-cloud @VERSION@:   curl -fsSL URL/install.sh | sh
#
#   --prefix DIR      into DIR/bin (default: /usr/local as root, else ~/.local)
#   --version V       another release than this script's own (its signature is needed then)
#   --from DIR        from a directory that holds a release, without a network
#   --dry-run         only say what would be done
#   --uninstall       take away what an install has put there; settings and data stay
#   --help            this text
#
# OCC_BASE_URL       where releases are: BASE/download/vV/FILE
#
# Everything is inside functions and runs from the last lines, so that a script that arrived in part does nothing. It never calls sudo.
set -eu

this_version='@VERSION@'
base_url='@BASE_URL@'
# The programs of this release, as sha256sum prints them
sums='@SUMS@'
# What SHA256SUMS of every release is signed with
keys='@KEYS@'

say() { printf '%s\n' "$*"; }
row() { printf '%-12s%s\n' "$1" "$2"; }
die() {
	printf 'install: %s\n' "$1" >&2
	shift
	for line; do printf '  %s\n' "$line" >&2; done
	exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

usage() {
	cat <<-END
		install.sh - installs opencode-cloud $this_version

		  --prefix DIR    into DIR/bin (default: /usr/local as root, else ~/.local)
		  --version V     another release
		  --from DIR      from a directory that holds a release, without a network
		  --dry-run       only say what would be done
		  --uninstall     take away what an install has put there; settings and data stay
		  --help          this text

		OCC_BASE_URL      where releases are: BASE/download/vVERSION/FILE
	END
}

parse() {
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix | --version | --from)
			[ $# -ge 2 ] || die "$1 needs a value" "try  --help"
			case $1 in
			--prefix) prefix=$2 ;;
			--version) version=${2#v} ;;
			--from) from=$2 ;;
			esac
			shift ;;
		--dry-run) dry_run=1 ;;
		--uninstall) uninstall=1 ;;
		-h | --help) usage; exit 0 ;;
		*) die "unknown word '$1'" "try  --help" ;;
		esac
		shift
	done
	case $version in '' | *[!0-9.]*) die "'$version' is no version such as $this_version" ;; esac
	case $prefix in /?*) ;; *) die "--prefix '$prefix' is no absolute path of a directory" ;; esac
	while [ "$prefix" != "${prefix%/}" ]; do prefix=${prefix%/}; done
}

# The machine, as releases call it
detect() {
	case $(uname -s) in
	Linux) os=linux ;;
	Darwin) os=macos ;;
	MINGW* | MSYS* | CYGWIN*) die "on Windows it runs inside WSL2" "try  wsl --install   and then this line in its terminal" ;;
	*) die "there is no release for $(uname -s)" ;;
	esac
	case $(uname -m) in
	x86_64 | amd64) cpu=x86_64 ;;
	aarch64 | arm64) cpu=arm64 ;;
	*) die "there is no release for a $(uname -m) processor" ;;
	esac
	# A shell under Rosetta says x86_64.
	if [ "$os$cpu" = macosx86_64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then cpu=arm64; fi
	target=$os-$cpu
}

sha256() {
	if has sha256sum; then sha256sum "$1"; elif has shasum; then shasum -a 256 "$1"; elif has openssl; then openssl dgst -sha256 -r "$1"; else
		die "neither sha256sum, shasum nor openssl is there: nothing could be checked"
	fi | cut -d' ' -f1
}

# fetch FILE TO
fetch() {
	if [ -n "$from" ]; then
		[ -f "$from/$1" ] || return 1
		cp "$from/$1" "$2"
		return
	fi
	url=${base_url%/}/download/v$version/$1
	if has curl; then
		curl -fsSL --connect-timeout 20 --max-time 300 -o "$2" "$url"
	elif has wget; then
		wget -q -O "$2" "$url"
	else
		die "neither curl nor wget is there"
	fi
}

# The list of the release, signed by one of our keys: 0; 1 when it is not there or cannot be checked here; a wrong signature ends it all.
check_list() {
	has openssl && [ -n "$keys" ] || return 1
	fetch SHA256SUMS "$tmp/SHA256SUMS" 2>/dev/null && fetch SHA256SUMS.sig "$tmp/SHA256SUMS.sig" 2>/dev/null || return 1
	n=0
	printf '%s\n' "$keys" >"$tmp/keys"
	while [ "$(grep -c 'BEGIN PUBLIC' "$tmp/keys")" -gt "$n" ]; do
		n=$((n + 1))
		awk -v n="$n" '/BEGIN PUBLIC/ { k++ } k == n' "$tmp/keys" >"$tmp/key"
		openssl dgst -sha256 -verify "$tmp/key" -signature "$tmp/SHA256SUMS.sig" "$tmp/SHA256SUMS" >/dev/null 2>&1 && return 0
	done
	die "the signature of SHA256SUMS is not by a key of this project" "nothing was changed"
}

# Which hash the program has to have: this script's own list, and the signed one where it can be had.
expected() {
	file=opencode-cloud-$version-$target
	want=
	[ "$version" != "$this_version" ] || want=$(printf '%s\n' "$sums" | awk -v f="$file" '$2 == f { print $1 }')
	checked="by this script's own list"
	if check_list; then
		signed=$(awk -v f="$file" '$2 == f { print $1 }' "$tmp/SHA256SUMS")
		[ -n "$signed" ] || die "the release $version has no program for $target"
		[ -z "$want" ] || [ "$want" = "$signed" ] || die "$file: this script's list and the signed one disagree" "nothing was changed"
		[ -n "$want" ] && checked="$checked, and by the signed one" || checked="by the signed list"
		want=$signed
	fi
	[ -n "$want" ] && return
	[ "$version" = "$this_version" ] && die "the release $version has no program for $target"
	die "another release than $this_version is installed only when its signature can be checked" "openssl is needed, and SHA256SUMS.sig" "try  the install.sh of that release"
}

get() {
	fetch "$file" "$tmp/program" || die "cannot get $file" "from  ${from:-${base_url%/}/download/v$version}" "nothing was changed"
	got=$(sha256 "$tmp/program")
	[ "$got" = "$want" ] || die "$file is not what it should be" "expected  $want" "found     $got" "nothing was changed"
	chmod 755 "$tmp/program"
	printf '#!/bin/sh\n' >"$tmp/try" && chmod 755 "$tmp/try"
	"$tmp/try" 2>/dev/null || die "nothing can be run in $tmp, so the program cannot be tried" "nothing was changed" "try  TMPDIR=DIR for another directory"
	said=$("$tmp/program" --version 2>/dev/null) || die "$file does not run on this machine" "nothing was changed"
	case $said in "opencode-cloud $version "*) ;; *) die "$file says that it is '$said'" "nothing was changed" ;; esac
}

# ---- files: what is put somewhere is written down, so that it can be taken away ----

# Paths below the prefix; a directory has a slash at its end, and is written down only when it was not there.
noted() { printf '%s\n' "$1" >>"$tmp/list"; }

# directory NAME
directory() {
	[ ! -d "$prefix/$1" ] || return 0
	case $1 in */*) directory "${1%/*}" || return 1 ;; esac
	mkdir -p "$prefix/$1" 2>/dev/null && noted "$1/"
}

# place FROM NAME MODE - by rename, so that a running one goes on
place() {
	if directory "${2%/*}" && cp "$1" "$prefix/$2.new" 2>/dev/null && chmod "$3" "$prefix/$2.new" && mv -f "$prefix/$2.new" "$prefix/$2"; then
		noted "$2"
		return
	fi
	rm -f "$prefix/$2.new"
	return 1
}

is_ours() { [ -L "$1" ] && case $(readlink "$1") in opencode-cloud | "$bin/opencode-cloud") ;; *) return 1 ;; esac; }

link_applets() {
	for name in occ occ-setup occ-watchdog occ-tls; do
		at=$bin/$name
		if [ -e "$at" ] || [ -L "$at" ]; then
			is_ours "$at" || { row "Left alone" "$at is another program: use opencode-cloud instead of $name"; continue; }
			rm -f "$at"
		fi
		ln -s opencode-cloud "$at"
		noted "bin/$name"
	done
}

# From the program itself
completions() {
	"$bin/opencode-cloud" completion bash >"$tmp/bash" && place "$tmp/bash" share/bash-completion/completions/occ 644 &&
		place "$tmp/bash" share/bash-completion/completions/opencode-cloud 644 &&
		"$bin/opencode-cloud" completion zsh >"$tmp/zsh" && place "$tmp/zsh" share/zsh/site-functions/_occ 644 &&
		"$bin/opencode-cloud" completion fish >"$tmp/fish" && place "$tmp/fish" share/fish/vendor_completions.d/occ.fish 644 &&
		"$bin/opencode-cloud" --dump=man >"$tmp/man" && place "$tmp/man" share/man/man1/occ.1 644
}

# What is there by now, and was by an earlier install; before the program, so that whatever comes to be can be taken away.
write_list() {
	noted share/opencode-cloud/installed
	[ ! -f "$list" ] || cat "$list" >>"$tmp/list"
	sort -u "$tmp/list" >"$tmp/sorted"
	if cp "$tmp/sorted" "$list.new" 2>/dev/null && mv -f "$list.new" "$list"; then return; fi
	rm -f "$list.new"
	return 1
}

writable() {
	dir=$1
	while [ ! -e "$dir" ]; do dir=$(dirname "$dir"); done
	if [ -d "$dir" ] && [ -w "$dir" ]; then return; fi
	die "$dir cannot be written to" "nothing was changed" "try  --prefix \"\$HOME/.local\"   or run it as root"
}

is_older() {
	[ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$1" ]
}

# An older one replaces a newer one only when it was asked for by its number.
check_present() {
	present=
	[ ! -x "$bin/opencode-cloud" ] || present=$("$bin/opencode-cloud" --version 2>/dev/null | cut -d' ' -f2)
	[ -n "$present" ] || return 0
	if is_older "$version" "$present" && [ -z "$asked" ]; then
		die "$bin/opencode-cloud is $present, which is newer than $version" "nothing was changed" "try  --version $version   if that is what you want"
	fi
}

install() {
	check_present
	writable "$bin"
	if [ -n "$dry_run" ]; then
		row Would "get opencode-cloud $version for $target from ${from:-${base_url%/}/download/v$version}, check it, and put it into $bin"
		[ -z "$present" ] || row Instead "of $present"
		return
	fi
	expected
	get
	: >"$tmp/list"
	if ! { directory share/opencode-cloud && directory bin && write_list; }; then die "$list cannot be written" "nothing was changed"; fi
	place "$tmp/program" bin/opencode-cloud 755 || die "$bin/opencode-cloud cannot be written: is there room?" "changed  nothing but $list"
	link_applets
	completions || row Without "completions and manual: they could not be written below $prefix/share"
	write_list || die "$list cannot be written: what was installed is in $bin"
	row Installed "opencode-cloud $version in $bin${present:+, before that $present}"
	row Checked "SHA-256 $checked"
	next
}

next() {
	name=occ
	is_ours "$bin/occ" || name=opencode-cloud
	case :$PATH: in
	*":$bin:"*)
		found=$(command -v $name || true)
		[ "$found" = "$bin/$name" ] || { row Note "$name in your PATH is $found"; name=$bin/$name; } ;;
	*)
		row Note "$bin is not in your PATH"
		name=$bin/$name ;;
	esac
	row Next "$name setup"
}

# Files first, then the directories that were made, the deepest first. What has become somebody else's stays.
remove() {
	[ -f "$list" ] || die "nothing was installed below $prefix by this script"
	cp "$list" "$tmp/sorted"
	while read -r name; do
		case $name in
		*/ | '' | /* | *..*) continue ;;
		bin/opencode-cloud) ;;
		bin/*) is_ours "$prefix/$name" || continue ;;
		esac
		if [ -n "$dry_run" ]; then row Would "remove $prefix/$name"; else rm -f "$prefix/$name"; fi
	done <"$tmp/sorted"
	[ -z "$dry_run" ] || return 0
	rm -f "$bin/opencode-cloud.previous"
	sort -r "$tmp/sorted" | while read -r name; do
		case $name in /* | *..*) ;; */) rmdir "$prefix/$name" 2>/dev/null || : ;; esac
	done
	row Removed "what was installed below $prefix; settings and data stay"
}

main() {
	prefix=${HOME:-}/.local from='' dry_run='' uninstall='' version=$this_version asked=''
	[ "$(id -u)" -ne 0 ] || prefix=/usr/local
	base_url=${OCC_BASE_URL:-$base_url}
	parse "$@"
	for word; do [ "$word" != --version ] || asked=1; done
	bin=$prefix/bin list=$prefix/share/opencode-cloud/installed
	umask 022
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/occ-install.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	if [ -n "$uninstall" ]; then
		remove
		return
	fi
	detect
	[ -n "$from$base_url" ] || die "where are the releases?" "try  OCC_BASE_URL=URL, or --from DIR"
	install
}

# As one command: the shell reads all of it before it does any of it.
{
	main "$@"
}
