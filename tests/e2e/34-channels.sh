#!/usr/bin/env bash
# 34-channels - on clean machines of several kinds (containers with the machine's network and engine): installed by each way that fits, `--version`, `setup --answers`, an opencode
# that answers, and away again without a trace. Each way once; with OCC_LONG every way on every machine.
# lane: beside
here=$(cd "$(dirname "$0")" && pwd)
. "$here/on_machine.sh" channels
# shellcheck source=tests/release.bash
. "$here/../release.bash"
cd "$top" || exit 1
need() { command -v "$1" >/dev/null || scripts/apt-install "$2" >/dev/null || { echo "not ok - there is no $1"; exit 1; }; }
need /bin/busybox busybox-static
need npm npm

port=4031 instance=channel machine=occ-channel
in_machine() { docker exec -i "$machine" "$@"; }
# What its occ is: the last argument of the way that installed it
occ_of() { in_machine "$command" --instance $instance "$@"; }
clean_engine() {
	docker rm -f $machine opencode-cloud-$instance opencode-cloud-$instance.next
	docker volume rm -f opencode-cloud-$instance-home opencode-cloud-$instance-workspace
	docker network rm opencode-cloud-$instance
} >/dev/null 2>&1
clean_images() {
	for tag in $(docker images --format '{{.Repository}}:{{.Tag}}' opencode-cloud-$instance); do docker rmi "$tag"; done
} >/dev/null 2>&1
clean_engine
clean_images

# ---- what is installed ----
program 0.2.0
row $? "0.2.0 is built"
stand_in_release "$work/release" 0.2.0 "$made/occ-0.2.0"
RELEASE_KEYS="" scripts/installer "$work/release" 0.2.0
mkdir -p "$work/site/download" && cp -r "$work/release" "$work/site/download/v0.2.0" && cp "$work/release/install.sh" "$work/site"
scripts/deb "$work/release" "$work/deb" >/dev/null && scripts/npm "$work/release" "$work/npm" >/dev/null && scripts/cargo "$work/release" "$work/crate" >/dev/null
row $? "the packages are made"
serve "$work/site" 127.0.0.1
serve_npm "$work/npm"
trap 'kill $server $registry' EXIT
jq -n --arg base "$e2e_base" --arg version "${e2e_ref##*:}" --argjson port $port '{port: $port, image_base: $base, opencode: $version, start_on_boot: false}' >"$work/answers"

# ---- machines ----
busybox_image() {
	local root=$work/busybox name
	mkdir -p "$root"/{bin,etc,root,tmp,usr/local/bin,var/run,proc,dev}
	cp /bin/busybox "$root/bin/busybox"
	for name in $("$root/bin/busybox" --list); do ln -s busybox "$root/bin/$name"; done
	echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
	echo 'root:x:0:' >"$root/etc/group"
	tar -C "$root" -c . | docker import - occ-channel-busybox:1 >/dev/null
}
image_of() {
	case $1 in
	bookworm) echo "$e2e_base" ;;
	testing) scripts/base-image --suite forky opencode-cloud-base:forky ;;
	node) printf 'FROM %s\nUSER 0\nRUN mkdir -p /usr/local/lib/node_modules\n' "$e2e_ref" | DOCKER_BUILDKIT=0 docker build -qt occ-channel-node:1 - ;;
	rust) printf 'FROM %s\nRUN apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install cargo\n' "$e2e_base" | DOCKER_BUILDKIT=0 docker build -qt occ-channel-rust:1 - ;;
	busybox) busybox_image && echo occ-channel-busybox:1 ;;
	esac
}
machine_up() {
	docker rm -f $machine >/dev/null 2>&1
	docker run -d --name $machine --network host --user 0:0 --workdir / -e HOME=/root -v "$E2E_SOCKET:/var/run/docker.sock" --entrypoint "" "$(image_of "$1" 2>/dev/null)" sleep 100000 >/dev/null
}
# Everything but what the programs of the system themselves write on the way
tree() {
	in_machine find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path /var/run -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache -o -path /var/log \
		-o -path /root/.config -o -path /root/.local -o -path /root/.npm -o -path /root/.cargo -o -path '/usr/local/.crates*' -o -path /root/.cache \) -prune -o -print | sort
}
put() { in_machine sh -c "cat >'$1'" <"$2"; }

# ---- ways in and out ----
install_script() { curl -q -fsS --noproxy '*' "$site_url/install.sh" | in_machine env OCC_BASE_URL="$site_url" sh; }
remove_script() { curl -q -fsS --noproxy '*' "$site_url/install.sh" | in_machine sh -s -- --uninstall; }
install_offline() { in_machine mkdir -p /tmp/release && tar -C "$work/release" -c . | in_machine tar -C /tmp/release -x && in_machine sh /tmp/release/install.sh --from /tmp/release; }
remove_offline() { in_machine sh /tmp/release/install.sh --uninstall; }
install_deb() { put /tmp/occ.deb "$work/deb/opencode-cloud_0.2.0_$(dpkg --print-architecture).deb" && in_machine env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install /tmp/occ.deb; }
remove_deb() { in_machine apt-get -q -y purge opencode-cloud; }
install_file() { put /usr/local/bin/occ "$made/occ-0.2.0" && in_machine chmod 755 /usr/local/bin/occ; }
remove_file() { in_machine rm /usr/local/bin/occ; }
install_npm() { in_machine env npm_config_registry="$registry_url" npm_config_prefix=/usr/local npm install -g --no-audit --no-fund opencode-cloud; }
remove_npm() { in_machine env npm_config_prefix=/usr/local npm uninstall -g opencode-cloud; }
install_cargo() { in_machine mkdir -p /tmp/crate && tar -C "$work/crate/opencode-cloud-0.2.0" -c . | in_machine tar -C /tmp/crate -x && in_machine env CARGO_TARGET_DIR=/tmp/target cargo install --offline --path /tmp/crate --root /usr/local; }
remove_cargo() { in_machine cargo uninstall --root /usr/local opencode-cloud; }

# channel MACHINE WAY COMMAND
channel() {
	local name="$1, $2" command=$3 before password
	machine_up "$1"
	row $? "$name: a machine"
	before=$(tree)
	runs "$name: install" "install_$2"
	is "$name: --version" "$(in_machine "$command" --version | cut -d' ' -f2)" 0.2.0
	put /tmp/answers "$work/answers"
	runs "$name: setup --answers" occ_of setup --answers /tmp/answers
	like "$name: ends as start does" "$out" "http://127.0.0.1:$port"
	password=$(occ_of password show)
	is "$name: opencode answers who has the password, and nobody else" "$(curl -q -sS --noproxy '*' -m 20 -o /dev/null -w '%{http_code}' -u "opencode:$password" "http://127.0.0.1:$port/global/health") $(
		curl -q -sS --noproxy '*' -m 20 -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/global/health")" "200 401"
	runs "$name: status" occ_of status
	runs "$name: stop" occ_of stop --remove --now
	runs "$name: away" "remove_$2"
	is "$name: nothing is left" "$(diff <(printf '%s\n' "$before") <(tree) | grep '^>')" ""
	clean_engine
}

channel bookworm deb occ
channel busybox script occ
channel node npm occ
if [ -n "${OCC_LONG:-}" ]; then
	channel bookworm offline occ
	channel bookworm file occ
	channel testing deb occ
	channel testing offline occ
	channel testing file occ
	channel busybox offline occ
	channel busybox file occ
	channel node script occ
	channel rust cargo occ
fi
clean_images
docker rmi occ-channel-busybox:1 occ-channel-node:1 occ-channel-rust:1 >/dev/null 2>&1
e2e_done
