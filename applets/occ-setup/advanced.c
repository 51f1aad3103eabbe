/* advanced.c - the rest: a list with the present values, changed by number */
#include "applets/occ-setup/setup.h"

#include "lib/base/num.h"
#include "lib/deploy/mount.h"
#include "lib/deploy/service.h"

#define LINES_BYTES_MAX 8192
#define N_ADVANCED ((size_t)ANSWER__N - ANSWER_ADVANCED)

static void
show_list(struct setup *s)
{
	AUTO(buf) struct buf out = BUF_INIT(LINES_BYTES_MAX);

	for (size_t i = 0; i < N_ADVANCED; i++) {
		size_t id = ANSWER_ADVANCED + i;
		const char *text = s->answers.text[id];

		if (answer_rows[id].kind == ANSWER_BOOL)
			text = answer_is(&s->answers, (enum answer_id)id, "true") ? "yes" : "no";
		buf_printf(&out, "  %2zu) %-10s %s\n", i + 1, answer_rows[id].name, text[0] ? text : "-");
	}
	term_printf(s->r->term, "\nAdvanced settings: the number of one changes it, Enter ends.\n%s", out.p);
}

/* The host's directory has to be there, and one that can be given away. */
static int
check_workspace(struct setup *s, struct err *e)
{
	const char *host = s->answers.text[ANSWER_WORKSPACE], *remark = NULL;
	struct config_mount m = { .host = str_of(host), .target = STR_LIT(SERVICE_WORKSPACE "/x") };

	if (!host[0] || mount_check(&s->s, &m, &remark, e) == 0) {
		if (remark)
			term_warn(s->r->term, s->r->cli->prog, "%s", remark);
		return 0;
	}
	term_error(s->r->term, s->r->cli->prog, e);
	err_clear(e);
	s->answers.text[ANSWER_WORKSPACE] = "";
	return 0;
}

static int
change_bool(struct setup *s, enum answer_id id, enum setup_move *ret, struct err *e)
{
	bool is_yes = answer_is(&s->answers, id, "true");
	enum term_reply reply;

	if (term_prompt_bool(s->r->term, answer_rows[id].text, is_yes, &is_yes, &reply, e) < 0)
		return -1;
	*ret = setup_move_of(reply);
	return *ret == SETUP_NEXT ? answer_set(s->r->arena, &s->answers, id, is_yes ? "true" : "false", e) : 0;
}

static int
change_one(struct setup *s, enum answer_id id, enum setup_move *ret, struct err *e)
{
	const struct answer_row *row = &answer_rows[id];
	AUTO(buf) struct buf question = BUF_INIT(LINES_BYTES_MAX);
	const struct schema_key *k = row->kind == ANSWER_OF_KEY ? schema_find(row->key) : NULL;

	if (row->kind == ANSWER_BOOL)
		return change_bool(s, id, ret, e);
	buf_printf(&question, "%s", row->text);
	for (size_t i = 0; k && k->type == SCHEMA_ENUM && k->allowed[i]; i++)
		buf_printf(&question, "%s%s", i ? ", " : " (", k->allowed[i]);
	if (k && k->type == SCHEMA_ENUM)
		buf_putc(&question, ')');
	if (!k && row->kind == ANSWER_TEXT)
		buf_puts(&question, " (- for none)");
	if (setup_ask_text(s, id, question.p, ret, e) < 0)
		return -1;
	return id == ANSWER_WORKSPACE && *ret == SETUP_NEXT ? check_workspace(s, e) : 0;
}

int
setup_advanced(struct setup *s, struct err *e)
{
	for (;;) {
		AUTO(buf) struct buf line = BUF_INIT(LINES_BYTES_MAX);
		struct err ignored = ERR_INIT;
		enum setup_move move = SETUP_NEXT;
		enum term_reply reply;
		uint64_t number;

		show_list(s);
		if (term_prompt(s->r->term, "Number, or Enter when done", NULL, &line, &reply, e) < 0)
			return -1;
		if (reply == TERM_QUIT)
			return 0;
		if (reply == TERM_BACK || line.n == 0)
			return 1;
		if (num_u64(buf_str(&line), 1, N_ADVANCED, &number, &ignored) < 0) {
			term_warn(s->r->term, s->r->cli->prog, "a number from 1 to %zu", N_ADVANCED);
			continue;
		}
		if (change_one(s, (enum answer_id)(ANSWER_ADVANCED + number - 1), &move, e) < 0)
			return -1;
		if (move == SETUP_QUIT)
			return 0;
	}
}
