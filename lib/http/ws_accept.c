/* ws_accept.c - SHA-1 (RFC 3174) of a message that fits two blocks */
#include "lib/http/ws_accept.h"

#include <stdint.h>

#include "lib/base/mem.h"

#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_MAX 24
#define BLOCK 64
#define MESSAGE (2 * BLOCK)		/* 24 + 36 bytes, the end mark and 8 bytes of length */

static uint32_t
rotate(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

/* Section 5: f and K change every 20 rounds. */
static uint32_t
mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
	switch (round / 20) {
	case 0:
		return ((b & c) | (~b & d)) + 0x5A827999;
	case 1:
		return (b ^ c ^ d) + 0x6ED9EBA1;
	case 2:
		return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
	default:
		return (b ^ c ^ d) + 0xCA62C1D6;
	}
}

/* Section 6.1. */
static void
add_block(uint32_t h[5], const unsigned char block[BLOCK])
{
	uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

	for (unsigned t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (unsigned t = 16; t < ARRAY_LEN(w); t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	for (unsigned t = 0; t < ARRAY_LEN(w); t++) {
		uint32_t next = rotate(a, 5) + mix(t, b, c, d) + e + w[t];

		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

void
ws_put_accept(struct str key, struct buf *out)
{
	uint32_t h[5] = { 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0 };
	unsigned char m[MESSAGE] = { 0 }, digest[20];
	struct str parts[] = { str_take(key, KEY_MAX), STR_LIT(GUID) };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		for (size_t k = 0; k < parts[i].n; k++)
			m[n++] = (unsigned char)parts[i].p[k];
	size_t bytes = n + 9 > BLOCK ? MESSAGE : BLOCK;
	m[n] = 0x80;
	m[bytes - 2] = (unsigned char)(8 * n >> 8);
	m[bytes - 1] = (unsigned char)(8 * n);
	for (size_t at = 0; at < bytes; at += BLOCK)
		add_block(h, m + at);
	for (size_t i = 0; i < sizeof digest; i++)
		digest[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
	buf_putb64(out, str_from(digest, sizeof digest), false);
}
