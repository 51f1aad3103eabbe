/* password.c - the third question: the present password, a generated one, or one that is typed */
#include "applets/occ-setup/setup.h"

#include <string.h>

#include "lib/base/mem.h"

#define KEEP_TEXT "keep the present one"
#define MAKE_TEXT "generate one, 139 bits, shown at the end"
#define TYPE_TEXT "type one, twice, at least 12 characters"

static int
ask_password(struct setup *s, enum setup_move *ret, struct err *e)
{
	static const char *const first[] = { MAKE_TEXT, TYPE_TEXT }, *const first_is[] = { PASSWORD_KEEP, PASSWORD_GIVEN };
	static const char *const again[] = { KEEP_TEXT, MAKE_TEXT, TYPE_TEXT }, *const again_is[] = { PASSWORD_KEEP, PASSWORD_GENERATE, PASSWORD_GIVEN };
	const char *const *values = s->facts.has_password ? again_is : first_is;
	size_t n = s->facts.has_password ? 3 : 2, dflt = 0, choice = 0;
	enum term_reply reply;

	for (size_t i = 0; i < n; i++)
		dflt = strcmp(values[i], s->answers.text[ANSWER_PASSWORD]) == 0 ? i : dflt;
	if (term_choose(s->r->term, s->facts.has_password ? again : first, n, dflt, &choice, &reply, e) < 0)
		return -1;
	*ret = setup_move_of(reply);
	return *ret == SETUP_NEXT ? answer_set(s->r->arena, &s->answers, ANSWER_PASSWORD, values[choice], e) : 0;
}

static bool
is_typed(const struct setup *s)
{
	return answer_is(&s->answers, ANSWER_PASSWORD, PASSWORD_GIVEN) && !s->o->password_file && !s->o->password_stdin;
}

/* The words for back and quit are too short for a password. */
static int
ask_once(struct setup *s, const char *question, struct buf *line, enum setup_move *ret, struct err *e)
{
	if (!buf_room(line, line->ceiling))
		return buf_check(line, "password", e);
	if (term_ask_secret(s->r->term, question, "--password-file FILE", line, e) < 0)
		return -1;
	*ret = setup_move_of(term_reply_of(buf_str(line)));
	return 0;
}

/* Told at once, so that a bad one is not typed twice. */
static int
check_first(const struct buf *one, struct err *e)
{
	AUTO(credentials) struct credentials scratch;

	credentials_init(&scratch);
	if (one->n == 0)
		return err_set(e, ERR_USAGE, "the password is empty");
	return credentials_set_password(&scratch, buf_str(one), e);
}

static int
check_second(const struct buf *one, const struct buf *two, struct err *e)
{
	if (one->n != two->n || mem_differs(one->p, two->p, one->n))
		return err_set(e, ERR_USAGE, "the two are not the same");
	return 0;
}

/* 1 when both were typed alike and are good, 0 when they have to be typed again or the person goes elsewhere. */
static int
type_twice(struct setup *s, struct buf *one, struct buf *two, enum setup_move *ret, struct err *e)
{
	int rc;

	if (ask_once(s, "New password:", one, ret, e) < 0)
		return -1;
	if (*ret != SETUP_NEXT)
		return 0;
	rc = check_first(one, e);
	if (rc == 0 && ask_once(s, "The password again:", two, ret, e) < 0)
		return -1;
	if (*ret != SETUP_NEXT)
		return 0;
	if (rc < 0 || check_second(one, two, e) < 0) {
		term_error(s->r->term, s->r->cli->prog, e);
		err_clear(e);
		return 0;
	}
	buf_reset(&s->password);
	buf_putstr(&s->password, buf_str(one));
	return 1;
}

static int
type_password(struct setup *s, enum setup_move *ret, struct err *e)
{
	int done = 0;

	while (done == 0 && *ret == SETUP_NEXT) {
		struct buf one = BUF_SECRET_INIT(s->password.ceiling), two = BUF_SECRET_INIT(s->password.ceiling);

		done = type_twice(s, &one, &two, ret, e);
		buf_wipe(&one);
		buf_wipe(&two);
	}
	return done < 0 ? -1 : 0;
}

const struct setup_step setup_password[] = {
	{ "3. Password", NULL, ask_password },
	{ NULL, is_typed, type_password },
	{ NULL, NULL, NULL },
};
