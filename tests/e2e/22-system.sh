#!/usr/bin/env bash
# 22-system - an instance of the machine (--system): root changes it, a normal user is told how it is doing and what to do.
#
# In a mount namespace whose /etc/opencode-cloud and /var/lib/opencode-cloud are empty: the machine's own are not touched.
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${E2E_INSIDE:-}" ]; then
	E2E_INSIDE=1 exec unshare -m --propagation private "$0"
fi
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
e2e_init system
e2e_cleanup
made=()
for d in /etc/opencode-cloud /var/lib/opencode-cloud; do
	[ -d "$d" ] || { mkdir "$d" && made+=("$d"); }
	mount -t tmpfs tmpfs "$d" || exit 1
	chmod 0755 "$d"
done

# Somebody who is neither root nor in the engine's group
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent "$occ_binary" --instance e2e "$@"; }

runs "base" occ --system config set image.base "$e2e_base"
runs "start" occ --system start
url=$(occ status --json | jq -r .url)
mapfile -t auth < <(with_password)
is "it answers" "$(status_of /global/health "${auth[@]}")" 200
is "files of the machine" "$(find /etc/opencode-cloud /var/lib/opencode-cloud -name '*.json' -printf '%m %f\n' | sort | tr '\n' ' ')" \
	"600 credentials.json 600 state.json 644 config.json 644 status.json "
chmod 0755 "$rig_base" "$work" 2>/dev/null
exits "a normal user's status" 0 as_nobody status
like "says that it is up and since when that is known" "$out" "up as of .* ago +http"
exits "a normal user's restart" 5 as_nobody restart
like "is told how" "$out" "sudo"
runs "stop" occ stop --remove --now
exits "then it is stopped for everybody" 6 as_nobody status
umount /etc/opencode-cloud /var/lib/opencode-cloud
[ ${#made[@]} = 0 ] || rmdir "${made[@]}"
e2e_cleanup
e2e_done
