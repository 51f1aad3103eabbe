/*
 * client_addr_fuzz.c - nobody behind a proxy that is not trusted is believed, and the answer does not depend on what stands left of the client
 *
 * The input is a head as tests/request_kit.h reads it, without its first line.
 */
#include "applets/occ-tls/client_addr.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "tests/request_kit.h"

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	AUTO(buf) struct buf text = BUF_INIT(65536), more = BUF_INIT(65536);
	struct client_addr direct, proxied, longer;
	struct cidr_addr a;
	struct err e = ERR_INIT;
	struct cidr net;

	if (n > 16384 || cidr_parse(STR_LIT("10.0.0.0/8"), &net, &e) < 0)
		return 0;
	const struct client_trust t = { &net, 1 };
	buf_puts(&text, "GET /\n");
	buf_put(&text, data, n);
	struct http_request_head h = request_kit(buf_str(&text));

	client_addr_of(&t, "192.0.2.1", &h, &direct);
	CHECK(strcmp(direct.text, "192.0.2.1") == 0 && !direct.is_behind_proxy && direct.proto == CLIENT_PROTO_UNSAID && direct.port == 0);

	client_addr_of(&t, "10.0.0.1", &h, &proxied);
	CHECK(proxied.is_behind_proxy && proxied.port <= 65535 && cidr_addr(str_of(proxied.text), &a));

	/* Somebody puts an element before all others. It counts only when every other one is a trusted hop. */
	buf_puts(&more, "GET /\nX-Forwarded-For: 203.0.113.66\n");
	buf_put(&more, data, n);
	h = request_kit(buf_str(&more));
	client_addr_of(&t, "10.0.0.1", &h, &longer);
	bool is_ended = !cidr_has(&net, &a);
	CHECK(!is_ended || h.n_fields == HTTP_FIELDS_MAX || strcmp(longer.text, proxied.text) == 0);
	return 0;
}
