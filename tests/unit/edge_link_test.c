/* edge_link_test.c - one-time links hold once, for ten minutes, a bounded number of them */
#include "applets/occ-tls/link.h"

#include "lib/base/mem.h"
#include "tests/t.h"

int
main(void)
{
	struct links l = { .slots = { { .until_ms = 0 } } };
	struct err e = ERR_INIT;
	char tokens[LINK_SLOTS + 1][LINK_TOKEN_CHARS + 1];
	AUTO(buf) struct buf token = BUF_SECRET_INIT(256);

	t_row("a link holds once");
	T_CALL(link_new(&l, 1000, &token, &e));
	T_EQ(token.n, LINK_TOKEN_CHARS);
	T_OK(!link_use(&l, str_take(buf_str(&token), LINK_TOKEN_CHARS - 1), 1000));
	T_OK(!link_use(&l, STR_NULL, 1000));
	T_OK(link_use(&l, buf_str(&token), 1000));
	T_OK(!link_use(&l, buf_str(&token), 1000));

	t_row("the token itself is not kept");
	buf_reset(&token);
	T_CALL(link_new(&l, 1000, &token, &e));
	T_OK(!memmem(&l, sizeof l, token.p, 8));

	t_row("until its time is over, and then not before it either");
	T_OK(!link_use(&l, buf_str(&token), 1000 + LINK_LIFE_MS));
	T_OK(!link_use(&l, buf_str(&token), 1000));

	t_row("one more than there is room for: the oldest goes");
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		buf_reset(&token);
		T_CALL(link_new(&l, 2000 + (int64_t)i, &token, &e));
		str_copy(tokens[i], sizeof tokens[i], token.p);
	}
	T_OK(!link_use(&l, str_of(tokens[0]), 3000));
	for (size_t i = 1; i < ARRAY_LEN(tokens); i++)
		T_OK(link_use(&l, str_of(tokens[i]), 3000));

	t_row("no room for the token");
	AUTO(buf) struct buf small = BUF_INIT(8);
	T_FAILS(link_new(&l, 1, &small, &e), ERR_TOO_BIG);
	for (size_t i = 0; i < LINK_SLOTS; i++)
		T_EQ(l.slots[i].until_ms, 0);
	return t_done();
}
