/*
 * name.c - host names and addresses as certificates carry them
 */
#include <arpa/inet.h>
#include <string.h>

#include <mbedtls/x509.h>

#include "lib/tls/own.h"

#define DNS_NAME_MAX 253		/* RFC 1035 section 2.3.4, as text */
#define DNS_LABEL_MAX 63
#define TAG_DNS 2			/* RFC 5280 section 4.2.1.6, GeneralName */
#define TAG_ADDRESS 7
#define TAG_NUMBER 0x1f			/* of an ASN.1 tag byte */

static bool
read_address(struct str text, struct tls_name *ret)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.n >= sizeof copy)
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	ret->is_address = true;
	ret->n = 4;
	if (inet_pton(AF_INET, copy, ret->v) == 1)
		return true;
	ret->n = 16;
	return inet_pton(AF_INET6, copy, ret->v) == 1;
}

static bool
is_label(struct str label)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	if (label.n == 0 || label.n > DNS_LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!label.p[i] || !strchr(ok, label.p[i]))
			return false;
	return true;
}

static bool
read_dns(struct str text, struct tls_name *ret)
{
	if (str_has_suffix(text, "."))
		text = str_take(text, text.n - 1);
	if (text.n == 0 || text.n > DNS_NAME_MAX)
		return false;
	struct str rest = str_has_prefix(text, "*.") ? str_skip(text, 2) : text;
	/* a final dot now is a second one, or "*." alone */
	if (rest.n == 0 || str_has_suffix(rest, "."))
		return false;
	while (rest.n > 0)
		if (!is_label(str_cut(&rest, '.')))
			return false;
	ret->is_address = false;
	ret->n = text.n;
	for (size_t i = 0; i < text.n; i++)
		ret->v[i] = (unsigned char)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] + ('a' - 'A') : text.p[i]);
	ret->v[text.n] = '\0';
	return true;
}

bool
tls_name_read(struct str text, struct tls_name *ret)
{
	return text.n > 0 && (read_address(text, ret) || read_dns(text, ret));
}

bool
tls_name_covers(const struct tls_name *pattern, const struct tls_name *name)
{
	struct str p = str_from(pattern->v, pattern->n), n = str_from(name->v, name->n);

	if (pattern->is_address != name->is_address)
		return false;
	if (str_eq(p, n))
		return true;
	if (pattern->is_address || !str_has_prefix(p, "*."))
		return false;
	/* The star is one whole label (RFC 6125 section 6.4.3). */
	size_t dot = str_find_char(n, '.');
	return dot != STR_NONE && dot > 0 && str_eq(str_skip(p, 1), str_skip(n, dot));
}

static bool
read_general_name(const mbedtls_x509_buf *from, struct tls_name *ret)
{
	switch (from->tag & TAG_NUMBER) {
	case TAG_DNS:
		return read_dns(str_from(from->p, from->len), ret);
	case TAG_ADDRESS:
		if (from->len != 4 && from->len != 16)
			return false;
		ret->is_address = true;
		ret->n = from->len;
		memcpy(ret->v, from->p, from->len);
		return true;
	default:
		return false;
	}
}

bool
tls_crt_name(const mbedtls_x509_crt *crt, size_t i, struct tls_name *ret)
{
	/* A certificate without names has one empty entry, without bytes. */
	for (const mbedtls_x509_sequence *s = &crt->subject_alt_names; s; s = s->next)
		if (s->buf.p && read_general_name(&s->buf, ret) && i-- == 0)
			return true;
	return false;
}

bool
tls_crt_covers(const mbedtls_x509_crt *crt, struct str name)
{
	struct tls_name want, has;

	if (!tls_name_read(name, &want))
		return false;
	for (const mbedtls_x509_sequence *s = &crt->subject_alt_names; s; s = s->next)
		if (s->buf.p && read_general_name(&s->buf, &has) && tls_name_covers(&has, &want))
			return true;
	return false;
}
