/*
 * cidr.h - networks as ADDRESS/BITS (RFC 4632, RFC 4291 section 2.3) and the addresses in them
 *
 * Pure. Every address is held in 16 bytes, an IPv4 one mapped (RFC 4291 section 2.5.5.2), so that 10.0.0.1 and ::ffff:10.0.0.1, which a dual-stack socket
 * reports, are the same. A network of one family never holds an address of the other: ::/0 is all of IPv6 and nothing of IPv4.
 */
#ifndef OCC_NET_CIDR_H
#define OCC_NET_CIDR_H

#include "lib/base/err.h"
#include "lib/base/str.h"

#define CIDR_ADDR_BYTES 16
#define CIDR_ADDR_TEXT 46		/* bytes of an address as text with its NUL (INET6_ADDRSTRLEN) */

struct cidr_addr {
	unsigned char v[CIDR_ADDR_BYTES];
};

struct cidr {
	struct cidr_addr prefix;
	unsigned bits;			/* of the 16 bytes: 96 more than written for IPv4 */
};

/* A literal address without brackets and zone; false when it is none. */
bool cidr_addr(struct str text, struct cidr_addr *ret);
bool cidr_addr_is_v4(const struct cidr_addr *a);
/* The shortest form (RFC 5952); a mapped address as IPv4. */
void cidr_addr_text(const struct cidr_addr *a, char ret[CIDR_ADDR_TEXT]);

/* ADDRESS/BITS, or an address alone for a network of one. ERR_CONFIG with what is wrong, also when bits are set behind the prefix: then the message names the network
 * that is probably meant. */
int cidr_parse(struct str text, struct cidr *ret, struct err *e) MUST_CHECK;
bool cidr_has(const struct cidr *c, const struct cidr_addr *a);

#endif
