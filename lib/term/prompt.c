/* prompt.c - plain questions, one line each */
#include "lib/term/prompt.h"

#include "lib/base/num.h"
#include "lib/term/clean.h"
#include "lib/term/out.h"

#define ANSWER_MAX 4096
#define WITHOUT_TERMINAL "--help   tells which options answer instead"

enum term_reply
term_reply_of(struct str line)
{
	line = str_trim(line);
	if (str_ieq(line, STR_LIT("b")) || str_ieq(line, STR_LIT("back")))
		return TERM_BACK;
	if (str_ieq(line, STR_LIT("q")) || str_ieq(line, STR_LIT("quit")))
		return TERM_QUIT;
	return TERM_ANSWER;
}

/* One line with the spaces at its ends gone. */
static int
ask_line(struct term *t, const char *question, const char *dflt, struct buf *line, enum term_reply *ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(OUT_LINE_MAX), typed = BUF_INIT(ANSWER_MAX);

	buf_puts(&text, question);
	if (dflt && dflt[0])
		buf_printf(&text, " [%s]", dflt);
	buf_putc(&text, ':');
	if (term_ask(t, text.p, WITHOUT_TERMINAL, &typed, e) < 0)
		return -1;
	*ret = term_reply_of(buf_str(&typed));
	buf_reset(line);
	buf_putstr(line, str_trim(buf_str(&typed)));
	return buf_check(line, "the answer", e);
}

int
term_prompt(struct term *t, const char *question, const char *dflt, struct buf *answer, enum term_reply *ret, struct err *e)
{
	if (ask_line(t, question, dflt, answer, ret, e) < 0)
		return -1;
	if (answer->n == 0 && dflt)
		buf_puts(answer, dflt);
	else if (str_is(buf_str(answer), "-"))
		buf_reset(answer);
	return buf_check(answer, "the answer", e);
}

int
term_prompt_bool(struct term *t, const char *question, bool dflt, bool *ret_yes, enum term_reply *ret, struct err *e)
{
	AUTO(buf) struct buf line = BUF_INIT(ANSWER_MAX);

	for (;;) {
		if (ask_line(t, question, dflt ? "yes" : "no", &line, ret, e) < 0)
			return -1;
		struct str s = buf_str(&line);
		bool is_yes = str_ieq(s, STR_LIT("y")) || str_ieq(s, STR_LIT("yes"));
		bool is_no = str_ieq(s, STR_LIT("n")) || str_ieq(s, STR_LIT("no"));
		if (s.n == 0 || is_yes || is_no || *ret != TERM_ANSWER) {
			*ret_yes = s.n == 0 ? dflt : is_yes;
			return 0;
		}
		out_err(STR_LIT("Please answer yes or no.\n"));
	}
}

int
term_choose(struct term *t, const char *const *choices, size_t n, size_t dflt, size_t *ret_choice, enum term_reply *ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(OUT_LINE_MAX), line = BUF_INIT(ANSWER_MAX), number = BUF_INIT(16);
	struct err ignored = ERR_INIT;
	uint64_t choice = dflt + 1;

	term_progress_end(t);
	for (size_t i = 0; i < n; i++) {
		buf_printf(&text, "  %zu) ", i + 1);
		clean_put(&text, str_of(choices[i]));
		buf_putc(&text, '\n');
	}
	out_err(buf_str(&text));
	if (dflt < n)
		buf_printf(&number, "%zu", dflt + 1);
	for (;;) {
		if (ask_line(t, "Choice", number.p, &line, ret, e) < 0)
			return -1;
		if (*ret != TERM_ANSWER)
			return 0;
		if ((line.n == 0 && dflt < n) || num_u64(buf_str(&line), 1, n, &choice, &ignored) == 0) {
			*ret_choice = (size_t)choice - 1;
			return 0;
		}
		buf_reset(&text);
		buf_printf(&text, "Please answer with a number from 1 to %zu, b to go back, or q to quit.\n", n);
		out_err(buf_str(&text));
	}
}
