/*
 * incident.c - the ring of incidents: everything is redacted, then cut to fit, then written in one put
 *
 * Texts of known places have a limit each, in bytes of JSON, so that what remains for the log is known; the log's lines are then taken from the newest one
 * backwards, as long as they fit. Each line is redacted by itself before it is cut.
 */
#include "lib/deploy/incident.h"

#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/deploy/incident_redact.h"
#include "lib/json/jsonw.h"

#define PAYLOAD_MAX (INCIDENT_BYTES_MAX - SLOT_HEAD_BYTES)
#define TEXT_MAX (4u << 20)		/* of one redacted text before it is cut */
/* In bytes of JSON: */
#define ACTION_MAX 256
#define ERROR_MAX 4096
#define NAME_MAX_BYTES 512		/* identities and references */
#define BUSY_MAX 256			/* one session */
#define LINE_MAX_BYTES 4096
#define QUOTE_MAX 16			/* one character with its quotes */
#define BYTE_MAX 6			/* one byte: \u001b */

_Static_assert(ACTION_MAX + ERROR_MAX + 3 * NAME_MAX_BYTES + (INCIDENT_BUSY_MAX + 1) * (BUSY_MAX + 3) + INCIDENT_SAMPLES_MAX * 140 + 1024 +
    2 * LINE_MAX_BYTES < PAYLOAD_MAX, "there is always room for some log");

/* ---- opening ---- */

int
incident_ring_open(struct incident_ring *r, const char *path, struct err *e)
{
	bool is_new;

	return slots_open(&r->slots, path, INCIDENTS_MAX, INCIDENT_BYTES_MAX, &is_new, e) < 0 ? err_wrap(e, "incidents") : 0;
}

int
incident_ring_read(struct incident_ring *r, const char *path, struct err *e)
{
	return slots_open_read(&r->slots, path, e) < 0 ? err_wrap(e, "incidents") : 0;
}

void
incident_ring_auto(struct incident_ring *r)
{
	slots_auto(&r->slots);
}

/* ---- fitting ---- */

/* Bytes of the first character: a UTF-8 sequence, or one byte that belongs to none. */
static size_t
char_bytes(struct str s)
{
	size_t n = 1;

	while (n < 4 && n < s.n && str_utf8_valid(str_take(s, n)) == 0)
		n++;
	return str_utf8_valid(str_take(s, n)) == n ? n : 1;
}

/* The longest prefix of whole characters that takes at most max bytes in JSON, quotes not counted. */
static struct str
fitting(struct str s, size_t max)
{
	AUTO(buf) struct buf quoted = BUF_INIT(QUOTE_MAX);
	size_t at = 0, used = 0;

	if (s.n <= max / BYTE_MAX)
		return s;
	while (at < s.n) {
		struct str c = str_skip(s, at);

		c = str_take(c, char_bytes(c));
		buf_reset(&quoted);
		jsonw_quote(&quoted, c);
		used += quoted.n - 2;
		if (used > max)
			break;
		at += c.n;
	}
	return str_take(s, at);
}

/* Redacted and cut, "..." where it was cut. A text too large to be looked through goes. */
static struct str
kept(struct arena *a, const struct redactor *r, struct str text, size_t max)
{
	AUTO(buf) struct buf clean = BUF_INIT(TEXT_MAX);
	struct str fit;

	redactor_put(r, text, &clean);
	if (clean.fault != BUF_OK)
		return STR_LIT(REDACT_MARK);
	fit = fitting(buf_str(&clean), max);
	if (fit.n < clean.n) {
		fit = fitting(fit, max - 3);
		buf_trunc(&clean, fit.n);
		buf_puts(&clean, "...");
	}
	return str_from(arena_str(a, buf_str(&clean)), clean.n);
}

static const char *
kept_text(struct arena *a, const struct redactor *r, const char *text, size_t max)
{
	return kept(a, r, str_of(text), max).p;
}

static void
keep_texts(struct arena *a, const struct redactor *r, const struct incident *from, struct incident *to)
{
	to->action = kept_text(a, r, from->action, ACTION_MAX);
	to->error = kept_text(a, r, from->error, ERROR_MAX);
	to->container_id = kept_text(a, r, from->container_id, NAME_MAX_BYTES);
	to->image_id = kept_text(a, r, from->image_id, NAME_MAX_BYTES);
	to->image_ref = kept_text(a, r, from->image_ref, NAME_MAX_BYTES);
	to->busy = (struct strlist){ .v = NULL };
	for (size_t k = 0; k < from->busy.n && k < INCIDENT_BUSY_MAX; k++)
		strlist_add(a, &to->busy, kept_text(a, r, from->busy.v[k], BUSY_MAX));
	if (from->busy.n > INCIDENT_BUSY_MAX)
		strlist_add(a, &to->busy, arena_printf(a, "and %zu more", from->busy.n - INCIDENT_BUSY_MAX));
}

/* ---- the log ---- */

bool
incident_last_line(struct str *s, struct str *ret_line)
{
	size_t at;

	if (s->n == 0)
		return false;
	if (s->p[s->n - 1] == '\n')
		s->n--;
	at = str_rfind_char(*s, '\n');
	*ret_line = at == STR_NONE ? *s : str_skip(*s, at + 1);
	*s = str_take(*s, at == STR_NONE ? 0 : at + 1);
	if (str_has_suffix(*ret_line, "\r"))
		ret_line->n--;
	return true;
}

/* The newest lines that fit into room bytes of JSON, redacted, in their order. */
static struct str
keep_log(struct arena *a, const struct redactor *r, struct str log, size_t room, bool *ret_is_cut)
{
	AUTO(buf) struct buf quoted = BUF_INIT(LINE_MAX_BYTES + QUOTE_MAX), all = BUF_INIT(INCIDENT_BYTES_MAX);
	struct str lines[INCIDENT_LOG_LINES], line;
	size_t n = 0;

	*ret_is_cut = false;
	while (n < ARRAY_LEN(lines) && incident_last_line(&log, &line)) {
		line = kept(a, r, line, LINE_MAX_BYTES);
		buf_reset(&quoted);
		jsonw_quote(&quoted, line);
		if (quoted.n + 1 > room) {
			*ret_is_cut = true;
			break;
		}
		room -= quoted.n + 1;
		lines[n++] = line;
	}
	while (n > 0) {
		buf_putstr(&all, lines[--n]);
		buf_putc(&all, '\n');
	}
	return str_from(arena_str(a, buf_str(&all)), all.n);
}

/* ---- records ---- */

int
incident_put(struct incident_ring *r, const struct incident *i, const struct credentials *cr, uint64_t *ret_number, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_SECRET_INIT;
	AUTO(redactor) struct redactor redactor;
	AUTO(buf) struct buf text = BUF_INIT(PAYLOAD_MAX);
	struct incident small = *i;

	redactor_init(&redactor, cr);
	small.number = r->slots.last + 1;
	keep_texts(&a, &redactor, i, &small);
	if (small.n_samples > INCIDENT_SAMPLES_MAX)
		small.n_samples = INCIDENT_SAMPLES_MAX;
	small.log = STR_NULL;
	small.is_log_cut = true;	/* the shorter word: what is left over for the log is not less in the end */
	incident_emit(&small, 0, &text);
	if (buf_check(&text, "incident", e) < 0)
		return -1;
	small.log = keep_log(&a, &redactor, i->log, PAYLOAD_MAX - text.n - 1, &small.is_log_cut);
	buf_reset(&text);
	incident_emit(&small, 0, &text);
	if (buf_check(&text, "incident", e) < 0 || slots_put(&r->slots, buf_str(&text), ret_number, e) < 0)
		return err_wrap(e, "write the incident down");
	return 0;
}

void
incident_record(const struct scope *s, const struct incident *i, uint64_t *ret_number)
{
	AUTO(incident_ring) struct incident_ring ring = INCIDENT_RING_INIT;
	AUTO(credentials) struct credentials cr;
	struct incident known = *i;
	struct err e = ERR_INIT;

	*ret_number = 0;
	credentials_init(&cr);
	bool has_cr = credentials_load(s, &cr, &e) == 0;
	if (!has_cr)			/* what is to be taken out of it is not known */
		known.log = STR_LIT("(left out: the credentials cannot be read)");
	err_clear(&e);
	if (incident_ring_open(&ring, s->incidents_path, &e) < 0 || incident_put(&ring, &known, has_cr ? &cr : NULL, ret_number, &e) < 0)
		log_line("incident not recorded: %s", e.msg);
}

size_t
incident_numbers(const struct incident_ring *r, uint64_t ret[INCIDENTS_MAX])
{
	uint64_t all[SLOTS_MAX];
	size_t n = slots_list(&r->slots, all);

	if (n > INCIDENTS_MAX)
		n = INCIDENTS_MAX;
	for (size_t i = 0; i < n; i++)
		ret[i] = all[i];
	return n;
}

/* "there is no incident 3 (any more); there are 20, numbers 18 to 37" */
static int
not_found(const struct incident_ring *r, uint64_t number, struct err *e)
{
	uint64_t all[INCIDENTS_MAX];
	size_t n = incident_numbers(r, all);

	if (n == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no incident %llu: none is recorded", (unsigned long long)number);
	if (n == 1)
		return err_set(e, ERR_NOT_FOUND, "there is no incident %llu; there is one, number %llu", (unsigned long long)number, (unsigned long long)all[0]);
	return err_set(e, ERR_NOT_FOUND, "there is no incident %llu; there are %zu, numbers %llu to %llu", (unsigned long long)number, n,
	    (unsigned long long)all[n - 1], (unsigned long long)all[0]);
}

int
incident_get(const struct incident_ring *r, struct arena *a, uint64_t number, struct incident *ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(SLOT_BYTES_MAX);

	if (slots_get(&r->slots, number, &text, e) < 0)
		return e->code == ERR_NOT_FOUND ? not_found(r, number, e) : err_wrap(e, "read incident %llu", (unsigned long long)number);
	if (incident_parse(a, buf_str(&text), ret, e) < 0)
		return err_wrap(e, "incident %llu", (unsigned long long)number);
	ret->number = number;
	return 0;
}
