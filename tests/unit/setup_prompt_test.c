/* setup_prompt_test.c - plain questions on a terminal: defaults, back, quit, wrong answers, no terminal */
#include "tests/unit/pty.h"

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/term/prompt.h"

static struct child child;

static const char *const replies[] = { [TERM_ANSWER] = "answer", [TERM_BACK] = "back", [TERM_QUIT] = "quit" };
static const char *const choices[] = { "one", "two\033[2J", "three" };

/* What the row under test asks; set before the child is made. */
enum kind { TEXT, BOOL, CHOICE };
static enum kind kind;
static const char *dflt;

static int
ask(struct term *t, struct buf *out, enum term_reply *reply, struct err *e)
{
	size_t choice = 9;
	bool yes = false;
	int rc;

	if (kind == TEXT)
		return term_prompt(t, "Name", dflt, out, reply, e);
	if (kind == BOOL) {
		rc = term_prompt_bool(t, "Sure", strcmp(dflt, "yes") == 0, &yes, reply, e);
		buf_puts(out, yes ? "yes" : "no");
		return rc;
	}
	rc = term_choose(t, choices, 3, dflt ? 1 : 3, &choice, reply, e);
	buf_printf(out, "%zu", choice);
	return rc;
}

static void
body(void)
{
	AUTO(buf) struct buf out = BUF_INIT(4096);
	enum term_reply reply = TERM_ANSWER;
	struct err e = ERR_INIT;
	struct term t;
	int rc;

	term_init(&t, true, false);
	if (cancel_install(&e) < 0)
		_exit(9);
	rc = ask(&t, &out, &reply, &e);
	printf("<%s %s>\n", rc < 0 ? "error" : replies[reply], rc < 0 ? e.msg : out.p);
	fflush(stdout);
	_exit(rc < 0 ? err_exit_status(e.code) : 0);
}

static const struct {
	const char *name;
	enum kind kind;
	const char *dflt, *wait, *type, *then, *type_then, *want;
	int status;
} rows[] = {
	{ "Enter takes the default", TEXT, "ann", "Name [ann]: ", "\n", NULL, NULL, "<answer ann>", 0 },
	{ "a text", TEXT, "ann", "Name [ann]: ", "  bob b \n", NULL, NULL, "<answer bob b>", 0 },
	{ "- is nothing", TEXT, "ann", "Name [ann]: ", "-\n", NULL, NULL, "<answer >", 0 },
	{ "no default", TEXT, NULL, "Name: ", "\n", NULL, NULL, "<answer >", 0 },
	{ "an empty default", TEXT, "", "Name: ", "\n", NULL, NULL, "<answer >", 0 },
	{ "b", TEXT, "ann", "Name [ann]: ", "b\n", NULL, NULL, "<back b>", 0 },
	{ "Back", TEXT, "ann", "Name [ann]: ", "Back\n", NULL, NULL, "<back Back>", 0 },
	{ "quit", TEXT, "ann", "Name [ann]: ", " quit\n", NULL, NULL, "<quit quit>", 0 },
	{ "a word that begins so", TEXT, "ann", "Name [ann]: ", "bob\n", NULL, NULL, "<answer bob>", 0 },
	{ "Ctrl-C", TEXT, "ann", "Name [ann]: ", "\003", NULL, NULL, "<error ", 130 },
	{ "Ctrl-D", TEXT, "ann", "Name [ann]: ", "\004", NULL, NULL, "<error no answer>", 130 },
	{ "yes by default", BOOL, "yes", "Sure [yes]: ", "\n", NULL, NULL, "<answer yes>", 0 },
	{ "no by default", BOOL, "no", "Sure [no]: ", "\n", NULL, NULL, "<answer no>", 0 },
	{ "Y", BOOL, "no", "Sure [no]: ", "Y\n", NULL, NULL, "<answer yes>", 0 },
	{ "neither, then no", BOOL, "yes", "Sure [yes]: ", "maybe\n", "yes or no.\r\nSure [yes]: ", "n\n", "<answer no>", 0 },
	{ "neither, then back", BOOL, "yes", "Sure [yes]: ", "maybe\n", "yes or no.\r\nSure [yes]: ", "b\n", "<back no>", 0 },
	{ "the choice by default", CHOICE, "", "  2) two?[2J\r\n  3) three\r\nChoice [2]: ", "\n", NULL, NULL, "<answer 1>", 0 },
	{ "another choice", CHOICE, "", "Choice [2]: ", "3\n", NULL, NULL, "<answer 2>", 0 },
	{ "no such choice", CHOICE, "", "Choice [2]: ", "4\n", "from 1 to 3, b to go back, or q to quit.\r\nChoice [2]: ", "1\n", "<answer 0>", 0 },
	{ "a choice without a default", CHOICE, NULL, "Choice: ", "\n", "from 1 to 3", "1\n", "<answer 0>", 0 },
	{ "q at a choice", CHOICE, "", "Choice [2]: ", "q\n", NULL, NULL, "<quit 9>", 0 },
};

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("%s", rows[i].name);
		kind = rows[i].kind;
		dflt = rows[i].dflt;
		child_spawn(&child, true, 80, body);
		if (child_expect(&child, rows[i].wait))
			child_type(&child, rows[i].type);
		if (rows[i].then && child_expect(&child, rows[i].then))
			child_type(&child, rows[i].type_then);
		T_EQ(child_end(&child), rows[i].status);
		T_HAS(child.text, rows[i].want);
	}
	t_row("without a terminal nothing waits");
	kind = TEXT;
	dflt = "ann";
	T_EQ(child_run(&child, false, 80, body), 2);
	T_HAS(child.text, "<error there is no terminal to ask on: Name [ann]:>");
	return t_done();
}
