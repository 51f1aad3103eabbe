#!/usr/bin/env bash
# 10-image - the base and the image that the scripts after this one share, made by the program's own way from nothing to an image.
here=$(cd "$(dirname "$0")" && pwd)
eval "$("$here/rig/docker20" up)" || exit 1
. "$here/image.sh"
export DOCKER_HOST E2E_SOCKET=${DOCKER_HOST#unix://}
. "$here/lib.sh"
e2e_init make-image

# Authorities of one's own, as of a network that intercepts TLS: those that a base has already, and those that come with the image
mkdir -p "$work/ca" && cp "$top/docker/build/install-ca" "$work/ca"
for n in 1 2 3; do
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj "/CN=authority $n" -days 2 -out "$work/ca/$n.pem" 2>/dev/null
done
cat "$work/ca/1.pem" "$work/ca/2.pem" >"$work/ca/first.pem"
"$top/scripts/base-image" >/dev/null
out=$(docker run --rm -v "$work/ca:/ca:ro" "$e2e_base" sh -c 'sh /ca/install-ca /ca/first.pem && sh /ca/install-ca /ca/3.pem && cat /etc/ssl/certs/ca-certificates.crt' 2>&1)
for n in 1 2 3; do
	holds "authority $n is trusted after both" "$out" "$(sed -n 2p "$work/ca/$n.pem")"
done

e2e_image
row $? "base and image"
is "the engine has it" "$(engine "/images/$e2e_ref/json" -o /dev/null -w '%{http_code}')" 200
e2e_image
row $? "made again it is there already"
e2e_done
