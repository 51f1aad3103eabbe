/*
 * http_forward.c - requests mutated, read and forwarded, for other parsers to read: http_forward ROUNDS SEED, records on stdout
 *
 * A record is "N HASH LF" and N bytes: what is forwarded with a body, and a second request behind it unless the first one closes or upgrades. HASH is the
 * SHA-256 of how this program understands them: "method LF target LF", "name:value LF" for each field, "LF body LF", for each request. The last
 * line is "# ROUNDS FORWARDED". The same arguments give the same bytes.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/http/forward.h"
#include "lib/tls/digest.h"

#define TEXT_MAX (1u << 18)
#define BODY_MAX 512			/* a longer body would only be slower */
#define MUTATIONS_MAX 4
static const char websocket_head[] = "GET /pty/1/connect?ticket=x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://a\r\n\r\n";
#define NEXT "GET /next HTTP/1.1\r\nHost: next\r\n\r\n"

static const char *const seeds[] = {
	"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: x/1\r\nAccept: */*\r\nCookie: a=b; c=d\r\nConnection: keep-alive\r\n\r\n",
	"GET /session?directory=%2Fhome%2Fx&auth_token=b3A6cA== HTTP/1.1\r\nHost: a.example:8443\r\nReferer: https://a.example:8443/\r\n\r\n",
	"POST /session/1/message HTTP/1.1\r\nHost: [::1]:80\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n",
	"PUT /file HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\nTE: trailers\r\nExpect: 100-continue\r\n\r\n",
	"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\nContent-Type: text/plain\r\n\r\n",
	websocket_head,
	"OPTIONS * HTTP/1.1\r\nHost: a\r\nAccess-Control-Request-Method: POST\r\n\r\n",
	"GET http://a/b?c HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n\r\n",
	"DELETE /session/1 HTTP/1.0\r\nHost: a\r\nConnection: X-A, Content-Length, Host\r\nX-A: 1\r\nContent-Length: 3\r\n\r\n",
	"PATCH /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nAuthorization: Basic eA==\r\nX: \xc3\xa4\t\x85 \xff\r\nEmpty:\r\n\r\n",
};

/* What is likely to be read in more than one way. */
static const char *const bits[] = {
	"\r\n", "\n", "\r", " ", "\t", ":", ",", ";", "/", "\\", "?", "#", "%00", "0", "\x80", "\xa0", "\x0b", "chunked", "Content-Length: 5\r\n",
	"Transfer-Encoding: chunked\r\n", "Host: b\r\n", "Connection: close\r\n", "Connection: Cookie\r\n", "Expect: 100-continue\r\n", "HTTP/1.1", "\r\n ",
	"X_Forwarded_For: 1\r\n", "Content_Length: 7\r\n", "Trailer: Host\r\n", "Upgrade: h2c\r\n", "identity, ", "\"", "@", "[", "]",
};

static uint64_t state;

/* xorshift64 (Marsaglia 2003): the same everywhere, and good enough to choose. */
static size_t
choose(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (size_t)(state % n);
}

/* One place changed: a bit put in, some bytes taken out or doubled, one byte of any value. */
static void
mutate(struct buf *b, struct buf *scratch)
{
	size_t at = choose(b->n + 1), n = 1 + choose(16);
	char any = (char)choose(256);
	struct str all = buf_str(b), rest = str_skip(all, at);

	buf_reset(scratch);
	buf_putstr(scratch, str_take(all, at));
	switch (choose(4)) {
	case 0:
		buf_puts(scratch, bits[choose(ARRAY_LEN(bits))]);
		break;
	case 1:
		rest = str_skip(rest, n);
		break;
	case 2:
		buf_putstr(scratch, str_take(rest, n));
		break;
	default:
		buf_putc(scratch, any);
		rest = str_skip(rest, 1);
	}
	buf_putstr(scratch, rest);
	buf_reset(b);
	buf_putstr(b, buf_str(scratch));
}

static void
put_body(const struct http_request_head *h, struct buf *out, struct buf *body)
{
	for (uint64_t i = 0; i < (h->framing == HTTP_CHUNKED ? 7 : h->length); i++)
		buf_putc(body, (char)('a' + i % 26));
	if (h->framing != HTTP_CHUNKED) {
		buf_putstr(out, buf_str(body));
		return;
	}
	for (struct str rest = buf_str(body); rest.n > 0; rest = str_skip(rest, 4)) {
		struct str part = str_take(rest, 4);

		http_put_chunk_head(out, part.n);
		buf_putstr(out, part);
		buf_puts(out, "\r\n");
	}
	buf_puts(out, HTTP_LAST_CHUNK);
}

static void
put_meaning(const struct http_request_head *h, struct str body, struct buf *out)
{
	buf_putstr(out, h->method);
	buf_putc(out, '\n');
	buf_putstr(out, h->target);
	buf_putc(out, '\n');
	for (size_t i = 0; i < h->n_fields; i++) {
		buf_putstr(out, h->fields[i].name);
		buf_putc(out, ':');
		buf_putstr(out, h->fields[i].value);
		buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
	buf_putstr(out, body);
	buf_putc(out, '\n');
}

/* True when it was forwarded; what is written has to be read here, or nothing more is to be compared. */
static bool
forward(struct str in, struct buf *out, struct buf *meaning)
{
	const struct http_forward f = { .client = STR_LIT("192.0.2.1"), .proto = STR_LIT("https"), .authorization = STR_LIT("Basic eA==") };
	AUTO(buf) struct buf body = BUF_INIT(BODY_MAX);
	struct http_request_head h, again;
	const char *why = "";
	int status = 0;

	if (http_parse_request(in, &h, &status, &why) < 0 || h.length > BODY_MAX)
		return false;
	buf_reset(out);
	http_put_forward_request(&h, &f, out);
	if (http_parse_request(buf_str(out), &again, &status, &why) != (long)out->n) {
		fprintf(stderr, "forwarded and refused (%d %s): %s\n", status, why, out->p);
		exit(1);
	}
	AUTO(buf) struct buf wire = BUF_INIT(TEXT_MAX);
	buf_putstr(&wire, buf_str(out));
	put_body(&again, &wire, &body);
	buf_reset(meaning);
	put_meaning(&again, buf_str(&body), meaning);
	if (again.keep_alive && !again.is_websocket) {
		buf_puts(&wire, NEXT);
		buf_puts(meaning, "GET\n/next\nHost:next\n\n\n");
	}
	buf_reset(out);
	buf_putstr(out, buf_str(&wire));
	return true;
}

int
main(int argc, char **argv)
{
	AUTO(buf) struct buf in = BUF_INIT(TEXT_MAX), out = BUF_INIT(TEXT_MAX), text = BUF_INIT(TEXT_MAX);
	unsigned long n_forwarded = 0;

	if (argc != 3)
		return 2;
	unsigned long rounds = strtoul(argv[1], NULL, 10);
	state = strtoul(argv[2], NULL, 10) * 2 + 1;
	for (unsigned long i = 0; i < rounds; i++) {
		AUTO(buf) struct buf hash = BUF_INIT(2 * DIGEST_SHA256_BYTES);

		buf_reset(&in);
		buf_puts(&in, seeds[choose(ARRAY_LEN(seeds))]);
		for (size_t k = choose(MUTATIONS_MAX + 1); k > 0; k--)
			mutate(&in, &text);
		if (!forward(buf_str(&in), &out, &text))
			continue;
		digest_sha256_hex(buf_str(&text), &hash);
		printf("%zu %s\n", out.n, hash.p);
		fwrite(out.p, 1, out.n, stdout);
		n_forwarded++;
	}
	printf("# %lu %lu\n", rounds, n_forwarded);
	return fflush(stdout) == 0 ? 0 : 1;
}
