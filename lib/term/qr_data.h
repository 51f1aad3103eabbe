/*
 * qr_data.h - the code words of a QR code: the text, and what corrects errors in it
 *
 * Private to lib/term. ISO/IEC 18004:2015, sections 7.4 (data), 7.5 (Reed-Solomon) and 7.6 (interleaving).
 */
#ifndef OCC_TERM_QR_DATA_H
#define OCC_TERM_QR_DATA_H

#include "lib/term/qr.h"

#define QR_WORDS_MAX 346	/* version 10, table 1 */

/* The version that text needs, 0 when it is too long. */
unsigned qr_version_for(size_t n_bytes);

/* Writes all code words of that version in their final order; returns how many. */
size_t qr_words(unsigned version, struct str text, uint8_t words[QR_WORDS_MAX]);

#endif
