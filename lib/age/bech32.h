/*
 * bech32.h - pure: 32 bytes as a word that a person may copy, with a check of what was typed (BIP 173)
 *
 * As age writes its keys: "age1..." in lower case, "AGE-SECRET-KEY-1..." in upper case.
 */
#ifndef OCC_AGE_BECH32_H
#define OCC_AGE_BECH32_H

#include "lib/base/buf.h"

#define BECH32_DATA_BYTES 32

/* Appended in lower case; the prefix has to be in lower case. */
void bech32_put(struct buf *out, const char *prefix, const unsigned char data[BECH32_DATA_BYTES]);
/* All in one case. ERR_PARSE: another prefix or length, a byte that is no digit of it, mixed case, a typing error. Never shows the text. */
int bech32_parse(struct str text, const char *prefix, unsigned char ret[BECH32_DATA_BYTES], struct err *e) MUST_CHECK;

#endif
