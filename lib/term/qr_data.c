#include "lib/term/qr_data.h"

#include <string.h>

#define VERSIONS 10
#define BLOCKS_MAX 5		/* of version 9 and 10 */
#define EC_MAX 26

/* Table 9, level M: blocks of `data` words, then blocks of data + 1; each has `ec` correction words. */
static const struct layout {
	uint8_t ec, short_blocks, data, long_blocks;
} layouts[VERSIONS + 1] = {
	{ 0, 0, 0, 0 },
	{ 10, 1, 16, 0 },
	{ 16, 1, 28, 0 },
	{ 26, 1, 44, 0 },
	{ 18, 2, 32, 0 },
	{ 24, 2, 43, 0 },
	{ 16, 4, 27, 0 },
	{ 18, 4, 31, 0 },
	{ 22, 2, 38, 2 },
	{ 22, 3, 36, 2 },
	{ 26, 4, 43, 1 },
};

static size_t
n_data_words(unsigned version)
{
	const struct layout *l = &layouts[version];

	return (size_t)(l->short_blocks + l->long_blocks) * l->data + l->long_blocks;
}

/* The length takes 8 bits up to version 9 and 16 from there on (table 3); the mode before it 4. */
static unsigned
length_bits(unsigned version)
{
	return version < 10 ? 8 : 16;
}

unsigned
qr_version_for(size_t n_bytes)
{
	for (unsigned v = 1; v <= VERSIONS; v++) {
		if (4 + length_bits(v) + n_bytes * 8 <= n_data_words(v) * 8)
			return v;
	}
	return 0;
}

/* ---- data words ---------------------------------------------------------------------------------------- */

struct bits {
	uint8_t *p;
	size_t n;			/* bits written */
};

static void
put_bits(struct bits *b, unsigned value, unsigned n)
{
	while (n-- > 0) {
		if (value >> n & 1)
			b->p[b->n / 8] |= (uint8_t)(0x80u >> b->n % 8);
		b->n++;
	}
}

/* Mode 0100, length, bytes, up to four zero bits, zero bits to a whole word, then 11101100 and 00010001 in turn. */
static void
put_data(unsigned version, struct str text, uint8_t *words)
{
	size_t n_words = n_data_words(version);
	struct bits b = { .p = words };

	memset(words, 0, n_words);
	put_bits(&b, 4, 4);
	put_bits(&b, (unsigned)text.n, length_bits(version));
	for (size_t i = 0; i < text.n; i++)
		put_bits(&b, (unsigned char)text.p[i], 8);
	b.n = (b.n + 4 < n_words * 8 ? b.n + 4 : n_words * 8) + 7;
	for (size_t i = b.n / 8, k = 0; i < n_words; i++, k++)
		words[i] = k % 2 ? 0x11 : 0xEC;
}

/* ---- Reed-Solomon over GF(256), x^8 + x^4 + x^3 + x^2 + 1 ----------------------------------------------- */

static uint8_t
gf_mul(uint8_t a, uint8_t b)
{
	unsigned product = 0;

	for (int i = 7; i >= 0; i--) {
		product = product << 1 ^ (product >> 7 & 1) * 0x11Du;
		product ^= (b >> i & 1u) * a;
	}
	return (uint8_t)product;
}

/* Coefficients of (x - 2^0)(x - 2^1)...(x - 2^(n-1)) without the leading one. */
static void
make_generator(uint8_t *g, size_t n)
{
	uint8_t root = 1;

	memset(g, 0, n);
	g[n - 1] = 1;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			g[k] = gf_mul(g[k], root);
			if (k + 1 < n)
				g[k] ^= g[k + 1];
		}
		root = gf_mul(root, 2);
	}
}

/* Remainder of the data, as a polynomial, divided by the generator. */
static void
correct(const uint8_t *data, size_t n_data, const uint8_t *g, size_t n, uint8_t *ret)
{
	memset(ret, 0, n);
	for (size_t i = 0; i < n_data; i++) {
		uint8_t factor = data[i] ^ ret[0];

		memmove(ret, ret + 1, n - 1);
		ret[n - 1] = 0;
		for (size_t k = 0; k < n; k++)
			ret[k] ^= gf_mul(g[k], factor);
	}
}

/* ---- interleaving -------------------------------------------------------------------------------------- */

size_t
qr_words(unsigned version, struct str text, uint8_t words[QR_WORDS_MAX])
{
	const struct layout *l = &layouts[version];
	size_t n_blocks = (size_t)l->short_blocks + l->long_blocks;
	uint8_t data[QR_WORDS_MAX], generator[EC_MAX], ec[BLOCKS_MAX][EC_MAX];
	const uint8_t *block[BLOCKS_MAX];
	const uint8_t *at = data;
	size_t n = 0;

	put_data(version, text, data);
	make_generator(generator, l->ec);
	for (size_t b = 0; b < n_blocks; b++) {
		size_t n_data = l->data + (size_t)(b >= l->short_blocks);

		block[b] = at;
		correct(at, n_data, generator, l->ec, ec[b]);
		at += n_data;
	}
	/* First words of all blocks, second words, ...; a short block has none at the last place. */
	for (size_t i = 0; i <= l->data; i++) {
		for (size_t b = 0; b < n_blocks; b++) {
			if (i < l->data || b >= l->short_blocks)
				words[n++] = block[b][i];
		}
	}
	for (size_t i = 0; i < l->ec; i++) {
		for (size_t b = 0; b < n_blocks; b++)
			words[n++] = ec[b][i];
	}
	return n;
}
