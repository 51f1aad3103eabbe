/*
 * buf.h - the one growing byte buffer, always with a ceiling, always NUL-terminated
 *
 * A buf that hit its ceiling or ran out of memory latches: later appends do nothing, the bytes stay
 * as they were, and buf_check says so once. So append freely and ask at the end. buf.p is never NULL.
 */
#ifndef OCC_BASE_BUF_H
#define OCC_BASE_BUF_H

#include <stdarg.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/str.h"

enum buf_fault { BUF_OK, BUF_CEILING, BUF_NOMEM };

struct buf {
	char *p;		/* NUL at p[n] */
	size_t n;
	size_t cap;		/* bytes allocated, 0 while p is the shared empty string */
	size_t ceiling;		/* largest n */
	enum buf_fault fault;
	bool secret;		/* what growing and freeing leave behind is overwritten */
};

extern char buf_empty[1];
#define BUF_INIT(ceiling_bytes) { .p = buf_empty, .ceiling = (ceiling_bytes) }
#define BUF_SECRET_INIT(ceiling_bytes) { .p = buf_empty, .ceiling = (ceiling_bytes), .secret = true }

void buf_fini(struct buf *b);		/* frees; b is empty and usable again */
void buf_auto(struct buf *b);
void buf_wipe(struct buf *b);		/* overwrites the whole allocation, then frees: for secrets */
void buf_reset(struct buf *b);		/* n = 0, fault cleared, memory kept */
struct str buf_str(const struct buf *b);

void buf_put(struct buf *b, const void *p, size_t n);
static inline void buf_puts(struct buf *b, const char *cstr) { buf_put(b, cstr, strlen(cstr)); }
static inline void buf_putstr(struct buf *b, struct str s) { buf_put(b, s.p, s.n); }
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* Percent-encodes everything outside RFC 3986 unreserved; `keep` lists further bytes kept as they are. */
void buf_puturl(struct buf *b, struct str s, const char *keep);
void buf_puthex(struct buf *b, const void *p, size_t n);		/* lower case */
void buf_putb64(struct buf *b, struct str s, bool url);			/* RFC 4648 section 4, or 5 when url; padded */
int buf_unb64(struct buf *b, struct str s, struct err *e) MUST_CHECK;	/* both alphabets, padding optional */

/* Room for n more bytes at p + n, to read into; NULL when the ceiling forbids it (latched). buf_grew counts
 * what was really written there. */
void *buf_room(struct buf *b, size_t n);
void buf_grew(struct buf *b, size_t n);
void buf_drop(struct buf *b, size_t n);		/* removes n bytes from the front */
void buf_trunc(struct buf *b, size_t n);	/* keeps the first n bytes */

/* 0, or -1 with ERR_TOO_BIG ("<what> is larger than N bytes") or ERR_SYS/ENOMEM. */
int buf_check(const struct buf *b, const char *what, struct err *e) MUST_CHECK;

#endif
