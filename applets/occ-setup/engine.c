/* engine.c - the engine: found, or installed and started with this system's own commands when the person agrees */
#include "applets/occ-setup/setup.h"

#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/engine/recipe.h"
#include "lib/engine/remedy.h"
#include "lib/proc/spawn.h"

#define INSTALL_MS (20 * 60 * 1000)	/* a slow mirror */
#define COMING_UP_MS 60000
#define LOOK_AGAIN_MS 250
#define WORDS_MAX 16

/* What of the recipe is needed here: one list of command lines. */
struct commands {
	const char *v[2 * RECIPE_COMMANDS_MAX];
	size_t n;
	bool is_roots;		/* the engine will be root's, and this process is not */
};

static void
add(struct setup *s, const struct recipe *recipe, const char *const *lines, struct commands *ret)
{
	ret->is_roots = !recipe->is_users && geteuid() != 0;
	for (size_t i = 0; i < RECIPE_COMMANDS_MAX && lines[i]; i++)
		ret->v[ret->n++] = arena_printf(s->r->arena, "%s%s", ret->is_roots ? "sudo " : "", lines[i]);
}

/* Nothing to offer for an engine that was named, lies elsewhere, or on a system that is not known. */
static bool
commands_of(struct setup *s, struct commands *ret)
{
	const struct service_request *rq = &s->s.rq;
	const struct recipe *recipe = recipe_here();
	enum remedy_installed has = remedy_installed();
	bool has_systemd = file_exists("/run/systemd/system");

	*ret = (struct commands){ .n = 0 };
	if (!recipe || rq->engine_url || rq->context || rq->engine_env.docker_host || rq->engine_env.docker_context || s->s.config.engine.url[0])
		return false;
	if (has == REMEDY_NOTHING || has == REMEDY_CLIENT_ONLY)
		add(s, recipe, recipe->install, ret);
	if (has != REMEDY_PODMAN)
		add(s, recipe, has_systemd ? recipe->start : recipe->start_plain, ret);
	return ret->n > 0;
}

static void
show(struct setup *s, const struct commands *c, const char *why)
{
	term_printf(s->r->term, "  engine      %s\n\nThese commands of this system would install and start one:\n", why);
	for (size_t i = 0; i < c->n; i++)
		term_printf(s->r->term, "  %s\n", c->v[i]);
	if (c->is_roots)
		term_printf(s->r->term, "The engine is root's then. Where it has a group for others, docker, you come in with\n"
			    "  sudo usermod -aG docker $USER\nafter you have logged in again; then `occ setup` goes on.\n");
}

/* Its output is the person's to see; its input is nobody's, so that it cannot wait for an answer. sudo asks on the terminal itself. */
static int
run(struct setup *s, const char *line, struct err *e)
{
	static const char *const env[] = { "DEBIAN_FRONTEND=noninteractive", NULL };
	const char *argv[WORDS_MAX + 1] = { NULL };
	struct str rest = str_of(line);
	struct spawn sp = { .argv = argv, .env = env, .in_fd = -1, .out_fd = STDOUT_FILENO, .err_fd = -1 };
	pid_t pid;
	int status = 0;

	for (size_t i = 0; i < WORDS_MAX && rest.n > 0; i++)
		argv[i] = arena_str(s->r->arena, str_cut(&rest, ' '));
	term_printf(s->r->term, "+ %s\n", line);
	if (spawn_start(&sp, &pid, e) < 0 || spawn_wait(pid, clock_due_ms(INSTALL_MS), &status, e) < 0)
		return err_wrap(e, "%s", line);
	if (status == 0)
		return 0;
	err_set(e, ERR_ENGINE, "`%s` ended with %d", line, status);
	return err_note(e, "try", "the command by hand; then `occ setup` again");
}

static int
come_up(struct setup *s, struct err *e)
{
	int64_t due_ms = clock_due_ms(COMING_UP_MS);
	struct err nap = ERR_INIT;

	term_progress(s->r->term, "Engine", "coming up");
	while (service_connect(&s->s, e) < 0) {
		if (e->code != ERR_ENGINE || clock_now_ms() >= due_ms)
			return -1;
		service_auto(&s->s);
		if (fd_wait_many(NULL, 0, clock_due_ms(LOOK_AGAIN_MS), &nap) < 0 && nap.code != ERR_TIMEOUT) {
			*e = nap;
			return -1;
		}
	}
	term_progress_end(s->r->term);
	return 0;
}

static int
install(struct setup *s, const struct commands *c, const struct err *why, struct err *e)
{
	bool is_wanted = s->o->install_engine;

	if (s->o->dry_run) {
		err_clear(e);
		return 0;
	}
	if (!is_wanted && s->can_ask && !s->o->yes &&
	    term_confirm(s->r->term, "Run these commands now?", true, "--install-engine", &is_wanted, e) < 0)
		return -1;
	if (!is_wanted) {
		*e = *why;
		return err_note(e, "or", "occ setup --install-engine   (runs the commands above)");
	}
	for (size_t i = 0; i < c->n; i++)
		if (run(s, c->v[i], e) < 0)
			return -1;
	err_clear(e);
	return come_up(s, e);
}

int
setup_engine(struct setup *s, struct err *e)
{
	struct commands c;

	if (service_connect(&s->s, e) == 0)
		return 0;
	const struct err why = *e;
	service_auto(&s->s);
	if (e->code != ERR_ENGINE || !commands_of(s, &c))
		return -1;
	show(s, &c, why.msg);
	return install(s, &c, &why, e);
}
