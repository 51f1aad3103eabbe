/*
 * err.c - fills, wraps and notes errors; the exit status table
 *
 * Texts are formatted into a scratch buffer first, so that an argument may point into the very error it changes.
 * When a text does not fit, the outermost words go: the cause is what a person needs.
 */
#include "lib/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CUT "..."
#define CUT_BYTES (sizeof(CUT) - 1)

/* Messages quote file names and peers: a control character in them would move a terminal's cursor. */
static void
plain_line(char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c < 0x20 || c == 0x7f)
			*s = c == '\t' ? ' ' : '?';
	}
}

/* Shortens s to at most max bytes, "..." included, without splitting a UTF-8 sequence. */
static void
cut_at(char *s, size_t max)
{
	size_t n = strlen(s);

	if (n <= max)
		return;
	if (max < CUT_BYTES) {
		s[0] = '\0';
		return;
	}
	n = max - CUT_BYTES;
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	memcpy(s + n, CUT, CUT_BYTES + 1);
}

/* dst = fmt, at most size - 1 bytes. The scratch is larger than any dst, so that a cut is seen as one. */
static void PRINTF_LIKE(3, 0)
format(char *dst, size_t size, const char *fmt, va_list ap)
{
	char scratch[ERR_MSG_BYTES + ERR_NOTE_BYTES];

	if (vsnprintf(scratch, sizeof scratch, fmt, ap) < 0)
		scratch[0] = '\0';
	plain_line(scratch);
	cut_at(scratch, size - 1);
	memcpy(dst, scratch, strlen(scratch) + 1);
}

/* e->msg = prefix ": " cause; the prefix is shortened, and left out when the cause leaves no room for it. */
static void
join(struct err *e, char *prefix, const char *cause)
{
	char keep[ERR_MSG_BYTES];
	size_t n = strlen(cause), used;

	memcpy(keep, cause, n + 1);
	cut_at(prefix, n + 2 < sizeof e->msg ? sizeof e->msg - 1 - n - 2 : 0);
	used = strlen(prefix);
	if (used > 0) {
		memcpy(e->msg, prefix, used);
		memcpy(e->msg + used, ": ", 2);
		used += 2;
	}
	memcpy(e->msg + used, keep, n + 1);
}

int
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	format(e->msg, sizeof e->msg, fmt, ap);
	va_end(ap);
	e->code = code;
	e->sys = 0;
	e->http = 0;
	e->n_notes = 0;
	return -1;
}

static enum err_code
code_of_errno(int sys)
{
	switch (sys) {
	case EACCES:
	case EPERM:
		return ERR_PERM;
	case ETIMEDOUT:
		return ERR_TIMEOUT;
	default:
		return ERR_SYS;
	}
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	int sys = errno;	/* before anything can change it */
	char prefix[ERR_MSG_BYTES];
	va_list ap;

	va_start(ap, fmt);
	format(prefix, sizeof prefix, fmt, ap);
	va_end(ap);
	e->code = code_of_errno(sys);
	e->sys = e->code == ERR_SYS ? sys : 0;
	e->http = 0;
	e->n_notes = 0;
	join(e, prefix, strerror(sys));
	errno = sys;
	return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	char prefix[ERR_MSG_BYTES];
	va_list ap;

	va_start(ap, fmt);
	format(prefix, sizeof prefix, fmt, ap);
	va_end(ap);
	join(e, prefix, e->msg);
	return -1;
}

int
err_note(struct err *e, const char *label, const char *fmt, ...)
{
	struct err_note *note;
	va_list ap;

	if (e->n_notes >= ERR_NOTES_MAX)
		return -1;
	note = &e->notes[e->n_notes++];
	snprintf(note->label, sizeof note->label, "%s", label);
	va_start(ap, fmt);
	format(note->text, sizeof note->text, fmt, ap);
	va_end(ap);
	return -1;
}

void
err_clear(struct err *e)
{
	*e = (struct err)ERR_INIT;
}

/* Codes that are not named here fail with 1. */
static const unsigned char exit_status[ERR__N] = {
	[ERR_USAGE] = 2,
	[ERR_CONFIG] = 3,
	[ERR_ENGINE] = 4,
	[ERR_PERM] = 5,
	[ERR_NOT_RUNNING] = 6,
	[ERR_UNHEALTHY] = 7,
	[ERR_ADDR_IN_USE] = 8,
	[ERR_IMAGE] = 9,
	[ERR_ROLLED_BACK] = 10,
	[ERR_ROLLBACK_FAILED] = 11,
	[ERR_LOCKED] = 12,
	[ERR_TLS] = 13,
	[ERR_REFUSED] = 14,
	[ERR_TIMEOUT] = 15,
	[ERR_INTERRUPTED] = 130,
};

int
err_exit_status(enum err_code code)
{
	if (code == ERR_NONE)
		return 0;
	if ((size_t)code >= ERR__N || exit_status[code] == 0)
		return 1;
	return exit_status[code];
}

const struct err_exit_row err_exit_rows[] = {
	{ 0, "done" },
	{ 1, "failed" },
	{ 2, "usage" },
	{ 3, "configuration invalid" },
	{ 4, "engine unreachable" },
	{ 5, "permission denied" },
	{ 6, "not running" },
	{ 7, "unhealthy" },
	{ 8, "address in use" },
	{ 9, "image or registry" },
	{ 10, "update rolled back" },
	{ 11, "rollback failed" },
	{ 12, "locked by another command" },
	{ 13, "certificate or TLS" },
	{ 14, "refused as insecure or foreign" },
	{ 15, "timed out" },
	{ 130, "interrupted" },
	{ 0, NULL },
};

/* Writes to descriptor 2 itself: the process ends here, and nobody above is left to print. */
void
err_bug(const char *file, int line, const char *what)
{
	char text[ERR_MSG_BYTES];
	int n = snprintf(text, sizeof text, "bug at %s:%d: %s\n", file, line, what);
	size_t len = n < 0 ? 0 : (size_t)n;

	if (len >= sizeof text)
		len = sizeof text - 1;
	if (write(2, text, len) < 0)
		abort();	/* as below: there is nothing else to do about it */
	abort();
}
