/*
 * qr.h - a short text as a QR code (ISO/IEC 18004): byte mode, versions 1 to 10, error correction level M
 *
 * Private to lib/term; no allocation. A URL of up to 213 bytes fits.
 */
#ifndef OCC_TERM_QR_H
#define OCC_TERM_QR_H

#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/str.h"

#define QR_SIZE_MAX 57		/* version 10 */
#define QR_QUIET 4		/* light modules around, section 9.1 */

struct qr {
	unsigned version;
	unsigned size;			/* modules in a row */
	uint8_t dark[QR_SIZE_MAX][QR_SIZE_MAX];		/* [y][x]: 1 dark, 0 light */
};

/* The smallest version that holds the text, with the mask of least penalty. ERR_TOO_BIG when none does. */
int qr_make(struct str text, struct qr *q, struct err *e) MUST_CHECK;

/* Is the module dark? False outside the code. */
bool qr_is_dark(const struct qr *q, int x, int y);

#endif
