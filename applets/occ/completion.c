/* occ completion: the script that a shell completes commands with */
#include "applets/applet.h"

#include <string.h>

#include "lib/base/mem.h"

/* How to install each: the program's name stands between the pieces. */
static const struct {
	const char *shell;
	const char *before, *middle, *after;
} shells[] = {
	{ "bash", "echo 'source <(", " completion bash)' >> ~/.bashrc", NULL },
	{ "zsh", "echo 'source <(", " completion zsh)' >> ~/.zshrc", NULL },
	{ "fish", "", " completion fish > ~/.config/fish/completions/", ".fish" },
};

static int
completion_run(struct run *r, struct err *e)
{
	AUTO(buf) struct buf script = BUF_INIT(OCC_TEXT_MAX);
	const char *prog = r->cli->prog;
	size_t i = 0;

	while (i < ARRAY_LEN(shells) && strcmp(shells[i].shell, r->argv[0]) != 0)
		i++;
	if (i == ARRAY_LEN(shells)) {
		err_set(e, ERR_USAGE, "there is no completion for %s", r->argv[0]);
		return err_note(e, "shells", "bash, zsh, fish");
	}
	if (cli_dump(r->cli, shells[i].shell, &script, e) < 0)
		return -1;
	term_put(r->term, buf_str(&script));
	if (r->term->is_out_tty)
		term_warn(r->term, prog, "to install it: %s%s%s%s%s", shells[i].before, prog, shells[i].middle,
		    shells[i].after ? prog : "", shells[i].after ? shells[i].after : "");
	return 0;
}

static const char *const completion_examples[] = {
	"completion bash >> ~/.bashrc", "complete commands in bash from the next login on",
	NULL
};

CMD(occ_completion) = {
	.applet = "occ", .name = "completion", .group = "Program", .args = "bash|zsh|fish", .args_min = 1, .args_max = 1,
	.brief = "print the completion script of a shell",
	.about = "Commands, options and configuration keys are completed, for occ and opencode-cloud alike.",
	.examples = completion_examples,
	.run = completion_run,
};
