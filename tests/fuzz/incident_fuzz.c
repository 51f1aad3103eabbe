/*
 * incident_fuzz.c - a record that is read, written and read again is the same; redaction leaves no canary
 */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/deploy/incident.h"

#define CANARY "kV7d-9sQe/p+w_canary"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_record(struct str in)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf one = BUF_INIT(1u << 20), two = BUF_INIT(1u << 20);
	struct incident i, again;
	struct err e = ERR_INIT;

	if (incident_parse(&a, in, &i, &e) < 0)
		return;
	incident_emit(&i, 0, &one);
	if (buf_check(&one, "record", &e) < 0)
		abort();
	/* What it became may be too large for a record: that is said, not cut. */
	if (incident_parse(&a, buf_str(&one), &again, &e) < 0) {
		if (e.code != ERR_TOO_BIG)
			abort();
		return;
	}
	incident_emit(&again, 0, &two);
	if (!str_eq(buf_str(&one), buf_str(&two)))
		abort();
}

/* The canary in a form that the first byte tells, in the middle of the rest. */
static void
fuzz_redaction(struct str in, unsigned form)
{
	AUTO(credentials) struct credentials cr;
	AUTO(buf) struct buf text = BUF_INIT(1u << 20), canary = BUF_INIT(4096), out = BUF_INIT(1u << 22), again = BUF_INIT(1u << 22);
	struct err e = ERR_INIT;
	size_t half = in.n / 2;

	credentials_init(&cr);
	if (credentials_set_password(&cr, STR_LIT(CANARY), &e) < 0)
		abort();
	if (form % 3 == 1)
		buf_puturl(&canary, STR_LIT(CANARY), "");
	else if (form % 3 == 2)
		buf_putb64(&canary, STR_LIT("user:" CANARY), form & 4);
	else
		buf_puts(&canary, CANARY);
	buf_putstr(&text, str_take(in, half));
	buf_putstr(&text, buf_str(&canary));
	buf_putstr(&text, str_skip(in, half));
	incident_redact(buf_str(&text), &cr, &out);
	if (str_find(buf_str(&out), buf_str(&canary)) != STR_NONE || str_find(buf_str(&out), STR_LIT(CANARY)) != STR_NONE)
		abort();
	incident_redact(buf_str(&out), &cr, &again);
	if (str_find(buf_str(&again), STR_LIT(CANARY)) != STR_NONE)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > 100000)
		return 0;
	if (data[0] == '{')
		fuzz_record(str_from(data, size));
	else
		fuzz_redaction(str_from(data + 1, size - 1), data[0]);
	return 0;
}
