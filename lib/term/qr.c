/* Modules of a QR code: ISO/IEC 18004:2015, sections 6.3 (patterns), 7.7 (placement), 7.8 (masks), 7.9 (format), 7.10 (version). */
#include "lib/term/qr.h"

#include <stdlib.h>
#include <string.h>

#include "lib/term/qr_data.h"

/* The code under construction; `fixed` marks modules that hold no data. */
struct draft {
	struct qr *q;
	uint8_t fixed[QR_SIZE_MAX][QR_SIZE_MAX];
};

bool
qr_is_dark(const struct qr *q, int x, int y)
{
	return x >= 0 && y >= 0 && (unsigned)x < q->size && (unsigned)y < q->size && q->dark[y][x];
}

/* ---- function patterns --------------------------------------------------------------------------------- */

static void
set(struct draft *d, int x, int y, bool dark)
{
	if (x < 0 || y < 0 || (unsigned)x >= d->q->size || (unsigned)y >= d->q->size)
		return;
	d->q->dark[y][x] = dark;
	d->fixed[y][x] = 1;
}

/* Rings around a centre; `light` holds a bit for each light ring. */
static void
put_rings(struct draft *d, int cx, int cy, int radius, unsigned light)
{
	for (int y = -radius; y <= radius; y++) {
		for (int x = -radius; x <= radius; x++) {
			int ring = abs(x) > abs(y) ? abs(x) : abs(y);

			set(d, cx + x, cy + y, !(light >> ring & 1));
		}
	}
}

/* Annex E: row and column coordinates of the centres of alignment patterns. */
static const uint8_t centres[11][3] = {
	{ 0 }, { 0 }, { 6, 18 }, { 6, 22 }, { 6, 26 }, { 6, 30 }, { 6, 34 },
	{ 6, 22, 38 }, { 6, 24, 42 }, { 6, 26, 46 }, { 6, 28, 50 },
};

static void
put_alignment(struct draft *d)
{
	const uint8_t *c = centres[d->q->version];
	int n = c[0] == 0 ? 0 : c[2] == 0 ? 2 : 3;

	for (int i = 0; i < n; i++) {
		for (int k = 0; k < n; k++) {
			/* Three corners hold finder patterns. */
			if ((i == 0 && k == 0) || (i == 0 && k == n - 1) || (i == n - 1 && k == 0))
				continue;
			put_rings(d, c[i], c[k], 2, 1u << 1);
		}
	}
}

/* Bits of a value and its BCH remainder. */
static unsigned
with_bch(unsigned value, unsigned n_check, unsigned generator)
{
	unsigned rest = value;

	for (unsigned i = 0; i < n_check; i++)
		rest = rest << 1 ^ (rest >> (n_check - 1) & 1) * generator;
	return value << n_check | (rest & ((1u << n_check) - 1));
}

/* Level M is 00, then the mask's number; table C.1 is made by this and the pattern 101010000010010. */
static void
put_format(struct draft *d, unsigned mask)
{
	unsigned bits = with_bch(mask, 10, 0x537) ^ 0x5412;
	int size = (int)d->q->size;

	for (int i = 0; i < 15; i++) {
		bool dark = bits >> i & 1;

		/* Once around the upper left finder pattern, beside the timing patterns ... */
		if (i < 8)
			set(d, 8, i < 6 ? i : i + 1, dark);
		else
			set(d, i == 8 ? 7 : 14 - i, 8, dark);
		/* ... and once split between the other two. */
		if (i < 8)
			set(d, size - 1 - i, 8, dark);
		else
			set(d, 8, size - 15 + i, dark);
	}
	set(d, 8, size - 8, true);
}

static void
put_version(struct draft *d)
{
	unsigned bits = with_bch(d->q->version, 12, 0x1F25);
	int size = (int)d->q->size;

	if (d->q->version < 7)
		return;
	for (int i = 0; i < 18; i++) {
		bool dark = bits >> i & 1;

		set(d, size - 11 + i % 3, i / 3, dark);
		set(d, i / 3, size - 11 + i % 3, dark);
	}
}

static void
put_patterns(struct draft *d)
{
	int size = (int)d->q->size;

	for (int i = 0; i < size; i++) {
		set(d, 6, i, i % 2 == 0);
		set(d, i, 6, i % 2 == 0);
	}
	put_rings(d, 3, 3, 4, 1u << 2 | 1u << 4);
	put_rings(d, size - 4, 3, 4, 1u << 2 | 1u << 4);
	put_rings(d, 3, size - 4, 4, 1u << 2 | 1u << 4);
	put_alignment(d);
	put_version(d);
	put_format(d, 0);		/* reserves its modules */
}

/* ---- data ---------------------------------------------------------------------------------------------- */

/* Pairs of columns from the right, upwards and downwards in turn; the column of the timing pattern is left out. */
static void
put_words(struct draft *d, const uint8_t *words, size_t n_words)
{
	int size = (int)d->q->size;
	size_t at = 0;

	for (int right = size - 1; right >= 1; right -= 2) {
		if (right == 6)
			right = 5;
		for (int step = 0; step < size; step++) {
			bool is_up = ((right + 1) & 2) == 0;
			int y = is_up ? size - 1 - step : step;

			for (int x = right; x > right - 2; x--) {
				if (d->fixed[y][x] || at >= n_words * 8)
					continue;
				d->q->dark[y][x] = words[at / 8] >> (7 - at % 8) & 1;
				at++;
			}
		}
	}
}

/* Table 10; x is the column (j there), y the row (i). */
static bool
is_masked(unsigned mask, int x, int y)
{
	switch (mask) {
	case 0:
		return (x + y) % 2 == 0;
	case 1:
		return y % 2 == 0;
	case 2:
		return x % 3 == 0;
	case 3:
		return (x + y) % 3 == 0;
	case 4:
		return (x / 3 + y / 2) % 2 == 0;
	case 5:
		return x * y % 2 + x * y % 3 == 0;
	case 6:
		return (x * y % 2 + x * y % 3) % 2 == 0;
	default:
		return ((x + y) % 2 + x * y % 3) % 2 == 0;
	}
}

/* Twice the same mask gives the code without one again. */
static void
put_mask(struct draft *d, unsigned mask)
{
	for (int y = 0; y < (int)d->q->size; y++) {
		for (int x = 0; x < (int)d->q->size; x++)
			d->q->dark[y][x] ^= !d->fixed[y][x] && is_masked(mask, x, y);
	}
}

/* ---- the mask of least penalty ------------------------------------------------------------------------- */

/* One row or column as a penalty sees it: the last modules as bits, the run that goes on. */
static unsigned
line_penalty(const struct qr *q, int line, bool is_row)
{
	unsigned penalty = 0, run = 0, bits = 0;
	bool last = false;

	for (int i = 0; i < (int)q->size; i++) {
		bool dark = is_row ? q->dark[line][i] : q->dark[i][line];

		run = i > 0 && dark == last ? run + 1 : 1;
		last = dark;
		/* N1: 3 for five of a colour, 1 for each further. */
		penalty += run == 5 ? 3 : run > 5 ? 1 : 0;
		/* N3: 40 for 1:1:3:1:1 with four light modules on one side. */
		bits = (bits << 1 | dark) & 0x7FF;
		if (i >= 10 && (bits == 0x05D || bits == 0x5D0))
			penalty += 40;
	}
	return penalty;
}

/* N2: 3 for each block of 2 by 2 of one colour. N4: 10 for each 5 % away from half dark. */
static unsigned
area_penalty(const struct qr *q)
{
	unsigned penalty = 0, n_dark = 0, total = q->size * q->size;

	for (unsigned y = 0; y < q->size; y++) {
		for (unsigned x = 0; x < q->size; x++) {
			uint8_t dark = q->dark[y][x];

			n_dark += dark;
			if (x + 1 < q->size && y + 1 < q->size && dark == q->dark[y][x + 1] && dark == q->dark[y + 1][x] &&
			    dark == q->dark[y + 1][x + 1])
				penalty += 3;
		}
	}
	unsigned off = n_dark * 2 > total ? n_dark * 2 - total : total - n_dark * 2;

	return total == 0 ? 0 : penalty + off * 10 / total * 10;
}

static unsigned
penalty_of(const struct qr *q)
{
	unsigned penalty = area_penalty(q);

	for (int i = 0; i < (int)q->size; i++)
		penalty += line_penalty(q, i, true) + line_penalty(q, i, false);
	return penalty;
}

int
qr_make(struct str text, struct qr *q, struct err *e)
{
	struct draft d = { .q = q };
	uint8_t words[QR_WORDS_MAX];
	unsigned best = 0, least = ~0u;
	unsigned version = qr_version_for(text.n);

	if (version == 0)
		return err_set(e, ERR_TOO_BIG, "a text of %zu bytes does not fit into a QR code of version 10", text.n);
	memset(q, 0, sizeof *q);
	q->version = version;
	q->size = 17 + 4 * version;
	put_patterns(&d);
	put_words(&d, words, qr_words(version, text, words));
	for (unsigned mask = 0; mask < 8; mask++) {
		put_mask(&d, mask);
		put_format(&d, mask);
		if (penalty_of(q) < least) {
			least = penalty_of(q);
			best = mask;
		}
		put_mask(&d, mask);
	}
	put_mask(&d, best);
	put_format(&d, best);
	return 0;
}
