/* summary.c - everything that will be changed and run, and what will not be touched; then the last question */
#include "applets/occ-setup/setup.h"

#include "lib/base/path.h"
#include "lib/cli/layout.h"
#include "lib/deploy/config_value.h"

#define KEY_COLUMN 27
#define TEXT_BYTES_MAX (4 * CONFIG_BYTES_MAX)

static void
show_keys(struct setup *s)
{
	const struct setup_changes *c = &s->changes;
	const char *path = path_tilde(s->r->arena, s->s.scope.config_path, s->s.scope.home);

	if (c->n == 0) {
		term_printf(s->r->term, "Configuration: %s stays as it is\n", path);
		return;
	}
	term_printf(s->r->term, "Configuration: changed in %s\n", path);
	for (size_t i = 0; i < c->n; i++) {
		AUTO(buf) struct buf env = BUF_INIT(128), from_to = BUF_INIT(TEXT_BYTES_MAX), line = BUF_INIT(2 * TEXT_BYTES_MAX);

		buf_printf(&from_to, "%s%s -> %s", c->before[i], c->was_default[i] ? " (default)" : "", c->pairs[i].json);
		layout_pair(&line, str_of(c->pairs[i].key), buf_str(&from_to), 2, KEY_COLUMN, layout_width(s->r->term->width));
		term_put(s->r->term, buf_str(&line));
		config_put_env_name(c->pairs[i].key, &env);
		if (occ_env(env.p))
			term_warn(s->r->term, s->r->cli->prog, "%s is set in the environment and stands above the file", env.p);
	}
}

static const char *
password_text(enum change_password p)
{
	switch (p) {
	case PASSWORD_FIRST:
		return "generate one, shown at the end";
	case PASSWORD_FRESH:
		return "generate a new one, shown at the end; the present one ends";
	case PASSWORD_TYPED:
		return "the one that was given, into credentials.json (0600)";
	case PASSWORD_STAYS:
		break;
	}
	return NULL;
}

/* Numbers its lines from 1. */
struct list {
	struct term *t;
	unsigned n;
};

static void PRINTF_LIKE(2, 3)
put(struct list *l, const char *fmt, ...)
{
	AUTO(buf) struct buf number = BUF_INIT(16), text = BUF_INIT(TEXT_BYTES_MAX), line = BUF_INIT(2 * TEXT_BYTES_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	buf_printf(&number, "%u.", ++l->n);
	layout_pair(&line, buf_str(&number), buf_str(&text), 2, l->n < 10 ? 6 : 7, layout_width(l->t->width));
	term_put(l->t, buf_str(&line));
}

static void
show_container(struct list *l, const struct setup_changes *c, const char *ssh_comment)
{
	if (c->git_name)
		put(l, "in the container: git config --global user.name '%s'", c->git_name);
	if (c->git_email)
		put(l, "in the container: git config --global user.email '%s'", c->git_email);
	if (c->makes_ssh_key)
		put(l, "in the container: ssh-keygen -t ed25519 -f ~/.ssh/id_ed25519 -C %s, its public half shown at the end", ssh_comment);
	else if (c->shows_ssh_key)
		put(l, "in the container: the public half of ~/.ssh/id_ed25519 is shown; the key stays");
}

static void
show_start(struct setup *s, struct list *l)
{
	const struct plan *p = &s->plan;

	if (!s->has_plan)
		put(l, "start: %s start, with whatever it needs once there is an engine", s->r->cli->prog);
	for (size_t i = 0; s->has_plan && i < p->n; i++)
		put(l, "%s: %s (%s)", plan_step_name(p->steps[i].kind), p->steps[i].object, p->steps[i].why);
	if (s->has_plan && p->is_partial)
		put(l, "create and start the container %s, published on %s port %s, and wait until it answers", s->s.names.container,
		    s->settled.text[ANSWER_BIND], s->settled.text[ANSWER_PORT]);
}

static void
show_service(struct setup *s, struct list *l)
{
	struct unit_plan plan;

	if (!setup_service_plan(s, &plan))
		return;
	for (size_t i = 0; i < plan.n; i++) {
		const struct unit_step *step = &plan.steps[i];
		AUTO(buf) struct buf command = BUF_INIT(8192);

		for (size_t k = 0; step->argv && step->argv[k]; k++)
			buf_printf(&command, "%s%s", k ? " " : ": ", step->argv[k]);
		put(l, "service: %s%s", step->text, command.p);
	}
}

static void
show_actions(struct setup *s)
{
	const struct setup_changes *c = &s->changes;
	struct list l = { .t = s->r->term };
	const char *password = password_text(c->password);

	term_printf(s->r->term, "What will be done:\n");
	if (password)
		put(&l, "password: %s", password);
	show_start(s, &l);
	show_container(&l, c, s->s.names.container);
	if (c->serves_tailscale)
		put(&l, "on this machine: tailscale serve --bg %s", s->settled.text[ANSWER_PORT]);
	show_service(s, &l);
	if (l.n == 0)
		term_printf(s->r->term, "  nothing: it is as it should be\n");
}

static void
show_untouched(struct setup *s)
{
	struct list l = { .t = s->r->term };

	term_printf(s->r->term, "What is not touched:\n");
	put(&l, "the data in the volumes %s and %s", s->s.names.home_volume, s->s.names.workspace_volume);
	put(&l, "other containers, images and instances; this machine's firewall, ssh and users");
	if (s->changes.leaves_tailscale)
		put(&l, "what Tailscale serves: `tailscale serve reset` ends it");
}

void
setup_show(struct setup *s)
{
	show_keys(s);
	show_actions(s);
	show_untouched(s);
}

/* ---- the last question ---- */

static int
choose(struct setup *s, bool is_possible, enum setup_move *ret, bool *ret_advanced, struct err *e)
{
	static const char *const choices[] = { "do it", "change advanced settings first" };
	const char *const *offered = is_possible ? choices : choices + 1;
	size_t n = is_possible ? 2 : 1, choice = 0;
	enum term_reply reply;

	if (term_choose(s->r->term, offered, n, is_possible ? 0 : n, &choice, &reply, e) < 0)
		return -1;
	*ret = setup_move_of(reply);
	*ret_advanced = *ret == SETUP_NEXT && offered[choice] == choices[1];
	return 0;
}

static int
ask_summary(struct setup *s, enum setup_move *ret, struct err *e)
{
	for (;;) {
		bool is_possible = setup_prepare(s, e) == 0, wants_advanced = false;
		int stays = 1;

		if (!is_possible && e->code == ERR_INTERRUPTED)
			return -1;
		if (is_possible)
			setup_show(s);
		else
			term_error(s->r->term, s->r->cli->prog, e);
		err_clear(e);
		if ((s->o->dry_run || s->o->yes) && is_possible)
			return 0;
		if (choose(s, is_possible, ret, &wants_advanced, e) < 0)
			return -1;
		if (wants_advanced)
			stays = setup_advanced(s, e);
		if (stays <= 0)
			*ret = SETUP_QUIT;
		if (stays < 0 || stays == 0 || !wants_advanced)
			return stays < 0 ? -1 : 0;
		term_printf(s->r->term, "\n");
	}
}

const struct setup_step setup_summary[] = {
	{ "Summary", NULL, ask_summary },
	{ NULL, NULL, NULL },
};
