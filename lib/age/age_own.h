/*
 * age_own.h - what the files of this directory share: the head of a file
 */
#ifndef OCC_AGE_OWN_H
#define OCC_AGE_OWN_H

#include "lib/age/age.h"
#include "lib/tls/aead.h"
#include "lib/tls/kdf.h"

#define AGE_HEAD_MAX 65536

/* The head with its MAC, appended to out. */
int age_head_put(const struct age_for *f, const unsigned char file_key[AGE_FILE_KEY_BYTES], struct buf *out, struct err *e) MUST_CHECK;
/* The file's key, into k, of a head that is whole, its last line feed included. ERR_PARSE, ERR_REFUSED. */
int age_head_open(struct str head, struct age_keys *k, struct err *e) MUST_CHECK;

#endif
