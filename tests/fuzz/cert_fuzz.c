/*
 * cert_fuzz.c - certificates and keys from anybody
 *
 * The first byte says what the rest is: text as it is, or DER of a certificate or of a key, put into PEM here (mutations of base64 hardly ever reach the parser
 * behind it).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/tls/cert.h"

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

#define NOW 1790000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct cert_facts facts;

/* What a certificate names, it covers. */
static void
read_facts(struct str text)
{
	struct err e = ERR_INIT;

	if (cert_read(text, &facts, &e) < 0) {
		CHECK(e.code == ERR_TLS || e.code == ERR_TOO_BIG);
		return;
	}
	CHECK(facts.n_names <= CERT_NAMES_MAX && facts.n_chain >= 1 && strlen(facts.sha256) == 32 * 3 - 1);
	for (size_t i = 0; i < facts.n_names; i++)
		CHECK(cert_covers(&facts, facts.names[i]));
}

static void
pem(struct buf *out, const char *kind, struct str der)
{
	buf_printf(out, "-----BEGIN %s-----\n", kind);
	for (struct str rest = der; rest.n > 0; rest = str_skip(rest, 48)) {
		buf_putb64(out, str_take(rest, 48), false);
		buf_putc(out, '\n');
	}
	buf_printf(out, "-----END %s-----\n", kind);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(buf) struct buf text = BUF_INIT(4 * CERT_TEXT_MAX);
	struct err e = ERR_INIT;

	if (n == 0)
		return 0;
	struct str in = str_from(data + 1, n - 1);
	switch (data[0] % 4) {
	case 0:
		buf_putstr(&text, in);
		break;
	case 1:
		pem(&text, "CERTIFICATE", in);
		break;
	case 2:
		pem(&text, "PRIVATE KEY", in);
		break;
	default:
		pem(&text, "EC PRIVATE KEY", in);
	}
	read_facts(buf_str(&text));
	/* A text may hold both. */
	if (cert_check_pair(buf_str(&text), buf_str(&text), NOW, &e) < 0)
		CHECK(e.msg[0] && (e.code == ERR_TLS || e.code == ERR_TOO_BIG));
	return 0;
}
