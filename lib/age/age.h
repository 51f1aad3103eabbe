/*
 * age.h - files encrypted in the age v1 format (C2SP age.md), for recipients' X25519 keys or a passphrase, a piece at a time
 *
 * What is written can be read by every program of the format, and the other way. Memory is flat but for a passphrase's key derivation. A reader gives out no byte that
 * has not been authenticated; that nothing is missing at the end is known when it has said 0.
 */
#ifndef OCC_AGE_AGE_H
#define OCC_AGE_AGE_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/source.h"
#include "lib/tls/x25519.h"

#define AGE_FILE_KEY_BYTES 16
#define AGE_RECIPIENTS_MAX 64
#define AGE_PASSPHRASE_MAX 4096		/* bytes */

struct age_recipient { unsigned char key[X25519_BYTES]; };
struct age_identity { unsigned char key[X25519_BYTES]; };		/* a secret */

/* "age1..."; ERR_PARSE. */
int age_recipient_parse(struct str text, struct age_recipient *ret, struct err *e) MUST_CHECK;
void age_recipient_put(const struct age_recipient *r, struct buf *out);
struct age_recipient age_recipient_of(const struct age_identity *id);

int age_identity_new(struct age_identity *ret, struct err *e) MUST_CHECK;
/* "AGE-SECRET-KEY-1..."; ERR_PARSE, which does not show the text. */
int age_identity_parse(struct str text, struct age_identity *ret, struct err *e) MUST_CHECK;
void age_identity_put(const struct age_identity *id, struct buf *out);
/* Does it look like one? Such a text is not to be shown. */
bool age_is_identity(struct str text);

/* An identity file as age-keygen makes it: a key a line, empty lines and comments between. The first ret_n of at most max. ERR_PARSE with the number of the bad line, or for none. */
int age_identities_parse(struct str text, struct age_identity *ret, size_t max, size_t *ret_n, struct err *e) MUST_CHECK;

/* Whom a file is for. */
struct age_for {
	const struct age_recipient *v;		/* any of these can read it */
	size_t n;				/* at most AGE_RECIPIENTS_MAX; 0: who knows the passphrase */
	struct str passphrase;
	unsigned log2_n;			/* of scrypt; AGE_LOG2_N */
};
#define AGE_LOG2_N 17				/* 128 MiB and about half a second */

struct age_writer;
int age_writer_open(struct age_writer **ret, struct sink out, const struct age_for *f, struct err *e) MUST_CHECK;
void age_writer_free(struct age_writer *w);	/* NULL is fine */
int age_writer_put(struct age_writer *w, struct str data, struct err *e) MUST_CHECK;
/* The last piece: without it nobody can read to the end. */
int age_writer_end(struct age_writer *w, struct err *e) MUST_CHECK;

/* What one has to read with. The key of a file that was opened stays here, so that opening it again asks nobody and derives nothing: wiped by age_keys_wipe. */
struct age_keys {
	const struct age_identity *v;
	size_t n;
	int (*ask)(void *ctx, struct buf *ret, struct err *e);	/* for the passphrase of a file that has one; NULL: nobody knows it */
	void *ctx;
	bool has_file_key;
	unsigned char file_key[AGE_FILE_KEY_BYTES];
};
void age_keys_wipe(struct age_keys *k);

/* Is this the beginning of such a file? At least AGE_MAGIC_BYTES of it are needed to say so. */
#define AGE_MAGIC "age-encryption.org/v1\n"
#define AGE_MAGIC_BYTES (sizeof AGE_MAGIC - 1)
bool age_is(struct str beginning);

struct age_reader;
/* Reads the head. ERR_REFUSED: for other keys, another passphrase, or for a passphrase that nobody is there to ask for. ERR_PARSE: damaged. */
int age_reader_open(struct age_reader **ret, struct source in, struct age_keys *k, struct err *e) MUST_CHECK;
void age_reader_free(struct age_reader *r);	/* NULL is fine */
/* > 0 of at most n bytes; 0 at the end, when nothing is missing and nothing follows; -1: ERR_PARSE, or the source's. */
ssize_t age_reader_read(struct age_reader *r, void *p, size_t n, struct err *e) MUST_CHECK;

#endif
