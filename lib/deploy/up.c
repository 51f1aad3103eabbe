/* up.c - `start` and `restart`: look, plan, apply, and again while the outcome of a step decides what follows */
#include "lib/deploy/up.h"

#include "lib/base/clock.h"
#include "lib/deploy/apply.h"
#include "lib/deploy/bring_up.h"
#include "lib/deploy/edge.h"
#include "lib/deploy/expose.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/observe.h"
#include "lib/deploy/port_choice.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/restore_mark.h"
#include "lib/deploy/status_file.h"
#include "lib/deploy/update.h"

#define LOCK_MS 0		/* another command at work is said at once */
#define ROUNDS_MAX 4		/* a plan is partial at most for a recovered container and for an image */

struct up {
	struct service *s;
	const struct up_options *o;
	struct up_result *result;
	struct credentials *credentials;
	struct spec_input spec;
	struct observed observed;
	struct plan_wish wish;		/* what of the options is still to be done */
};

static void
say(const struct up *u, const char *label, const char *text)
{
	if (u->o->report.row)
		u->o->report.row(u->o->report.ctx, label, text);
}

/* /info takes up to a second: asked only when a container will be made. */
static int
learn_host(struct up *u, const struct plan *p, struct err *e)
{
	struct engine_info info;

	if ((!plan_has(p, PLAN_CREATE) && !plan_has(p, PLAN_CREATE_NEXT)) || u->spec.host_memory_bytes)
		return 0;
	if (engine_info_get(&u->s->engine, u->s->arena, &info, e) < 0)
		return -1;
	u->spec.host_memory_bytes = info.memory_bytes;
	return 0;
}

static const char *
either(const char *wanted, const char *configured)
{
	return wanted[0] ? wanted : configured;
}

static void
override(struct up *u)
{
	struct config *c = &u->s->config;
	const struct update_wish *w = u->o->update;

	if (w) {
		c->image.source = either(w->set_source, c->image.source);
		c->image.ref = either(w->set_ref, c->image.ref);
		c->image.opencode = either(w->set_opencode, c->image.opencode);
	}
	if (u->o->port)
		c->server.port = u->o->port;
	if (u->o->bind)
		c->server.bind = u->o->bind;
}

/* What a flag or a taken port changed is written down once it holds, so that the next command sees the same. */
static int
save_overrides(struct up *u, struct err *e)
{
	struct service *s = u->s;

	if (u->o->bind && config_set(s->arena, &s->scope, "server.bind", u->o->bind, e) < 0)
		return -1;
	if ((u->o->port || u->result->is_port_moved)
	    && config_set(s->arena, &s->scope, "server.port",
	        arena_printf(s->arena, "%llu", (unsigned long long)s->config.server.port), e) < 0)
		return -1;
	u->result->is_saved = u->o->bind || u->o->port || u->result->is_port_moved;
	return 0;
}

/* Saved before anything is made with them. */
static int
ensure_passwords(struct up *u, struct err *e)
{
	bool is_edge_new = false;

	if (edge_is_on(&u->s->config) && credentials_ensure_edge(u->credentials, &is_edge_new, e) < 0)
		return -1;
	if (!u->credentials->has_password) {
		if (credentials_generate_password(u->credentials, e) < 0)
			return -1;
		u->result->is_password_new = true;
	}
	return u->result->is_password_new || is_edge_new ? credentials_save(&u->s->scope, u->credentials, e) : 0;
}

/* Behind the edge opencode is published for it alone. */
static int
check_edge(const struct service *s, struct err *e)
{
	const struct config *c = &s->config;
	const char *key;

	if (edge_check_engine(c, s->is_remote, e) == 0
	    && edge_check_ports(c, edge_port(c, s->scope.kind), edge_redirect_port(c, s->scope.kind), &key, e) == 0)
		return 0;
	return err_note(e, "changed", "nothing");
}

/* Which container of ours holds the ports now, if any. */
static const struct container *
holder_of(const struct observed *o)
{
	const struct plan_facts *f = &o->facts;

	if (f->has_container && (f->state == CONTAINER_RUNNING || f->state == CONTAINER_PAUSED))
		return &o->container;
	return f->has_next && o->next.state == CONTAINER_RUNNING ? &o->next : NULL;
}

/* Everything that can be refused is refused before anything is changed. */
static int
check(struct up *u, struct err *e)
{
	struct service *s = u->s;
	const struct plan_facts *f = &u->observed.facts;
	bool is_free_choice = !u->o->port && !u->o->is_unattended && config_origin_of(&s->config, "server.port") == CONFIG_DEFAULT;
	const struct port_facts port = { .holder = holder_of(&u->observed),
		.kept = is_free_choice && f->has_container && !plan_is_live(f->state) ? &u->observed.container : NULL,
		.may_move = is_free_choice && !f->has_container && !f->has_next };

	if (check_edge(s, e) < 0)
		return -1;
	/* Without one, this start makes one. */
	if (expose_check(&s->config, !u->credentials->has_password || u->credentials->password.n > 0, e) < 0)
		return -1;
	return port_choose(s, &port, &u->result->is_port_moved, e);
}

/* A rollback whose image runs already is one of the data alone. */
static bool
takes_data_back(const struct up *u)
{
	const struct update_wish *w = u->o->update;

	return w && w->back_to && !w->keeps_data;
}

static void
make_plan(struct up *u, struct plan *ret)
{
	const struct service_names *n = &u->s->names;
	struct plan_facts *f = &u->observed.facts;

	/* The image of then is what is wanted, whatever it was made from. */
	if (u->o->update && u->o->update->image_id)
		f->is_image_current = f->has_image;
	if (takes_data_back(u) && f->is_same_spec) {
		f->is_same_spec = false;
		f->drift = "the data of then is put back";
	}
	const struct plan_objects objects = { .image = u->spec.image, .network = n->network, .home_volume = n->home_volume,
		.workspace_volume = n->workspace_volume, .container = n->container, .next_container = n->next_container,
		.container_id = f->has_container ? u->observed.container.id : NULL, .next_id = f->has_next ? u->observed.next.id : NULL };

	plan_make(f, &u->wish, &objects, ret);
}

/* The undo has said in which state things are. */
static const char *
what_changed(struct arena *a, const struct err *e)
{
	for (size_t i = 0; i < e->n_notes; i++) {
		if (str_is(str_of(e->notes[i].label), "changed"))
			return arena_strdup(a, e->notes[i].text);
	}
	return "nothing";
}

/* Further published ports may be the taken one; then the engine's own text stays. */
static bool
names_port(struct str text, uint64_t port)
{
	AUTO(buf) struct buf want = BUF_INIT(16);
	size_t at;

	buf_printf(&want, ":%llu", (unsigned long long)port);
	while ((at = str_find(text, buf_str(&want))) != STR_NONE) {
		text = str_skip(text, at + want.n);
		if (!text.n || text.p[0] < '0' || text.p[0] > '9')
			return true;
	}
	return false;
}

/* Another image on the data of this one. */
static bool
plan_changes_version(const struct up *u, const struct plan *p)
{
	const struct plan_facts *f = &u->observed.facts;

	return plan_has(p, PLAN_CREATE_NEXT) && (!f->is_same_image || takes_data_back(u)) && f->has_home;
}

static int
apply_round(struct up *u, const struct plan *p, struct err *e)
{
	struct apply a = { .s = u->s, .options = u->o, .credentials = u->credentials, .spec = &u->spec, .result = u->result, .hold = EDGE_HOLD_INIT,
		.container_id = u->observed.facts.has_container ? u->observed.container.id : NULL };
	AUTO(update) struct update update = UPDATE_INIT;

	if (learn_host(u, p, e) < 0)
		return -1;
	if (plan_changes_version(u, p)) {
		update.s = u->s;
		update.wish = u->o->update;
		update.report = &u->o->report;
		update.old = &u->observed.container;
		a.update = &update;
		if (update_begin(&update, e) < 0)
			return -1;
	}
	if (apply_plan(&a, p, e) == 0)
		return a.update ? update_done(a.update, e) : 0;
	return e->code == ERR_ADDR_IN_USE && names_port(str_of(e->msg), u->s->config.server.port) ? port_explain(u->s, what_changed(u->s->arena, e), e) : -1;
}

static int
apply_rounds(struct up *u, struct plan *p, struct err *e)
{
	for (int round = 0; round < ROUNDS_MAX; round++) {
		if (p->n)
			u->result->is_changed = true;
		if (apply_round(u, p, e) < 0)
			return -1;
		if (!p->is_partial)
			return 0;
		if (observe(u->s, &u->spec, &u->observed, e) < 0)
			return -1;
		plan_take_wish(p, &u->wish);
		make_plan(u, p);
		u->result->plan = *p;
	}
	return err_set(e, ERR_FAIL, "the image keeps changing while it is being used");
}

/* One that was started just now (by a command that was cut, by the engine after a reboot) gets the time of a start. */
static int64_t
confirm_due_ms(const struct up *u, const struct container *c)
{
	int64_t timeout_ms = u->o->timeout_ms >= 0 ? u->o->timeout_ms : READY_START_MS;
	int64_t left_ms = timeout_ms - (clock_epoch_s() - c->started_epoch_s) * 1000;

	if (left_ms > timeout_ms)	/* another clock than ours */
		left_ms = timeout_ms;
	return clock_due_ms(left_ms > READY_ONCE_MS ? left_ms : READY_ONCE_MS);
}

/* When nothing had to be done the running container still has to answer. */
static int
confirm(struct up *u, struct err *e)
{
	struct container *c = &u->result->container;

	if (container_inspect(&u->s->engine, u->s->arena, u->s->names.container, c, e) < 0)
		return -1;
	u->result->since_epoch_s = c->started_epoch_s;
	if (u->result->version)
		return 0;
	if (ready_wait(u->s, c, u->credentials, confirm_due_ms(u, c), &u->result->version, e) < 0) {
		if (e->code == ERR_REFUSED) {
			bring_down(u->s, c->id);
			return err_note(e, "changed", "the container was stopped");
		}
		err_wrap(e, "running, but not answering");
		return e->http == 401 ? -1 : err_note(e, "try", "occ restart --now");	/* there is a better way, noted already */
	}
	return 0;
}

static int
save_state(struct up *u, struct err *e)
{
	const struct status_file f = { .is_up = true, .url = service_url(u->s, &u->result->container), .version = u->result->version,
		.written_epoch_s = clock_epoch_s() };

	u->s->state.is_desired_up = true;
	if (state_save(&u->s->scope, &u->s->state, e) < 0)
		return -1;
	return status_file_save(&u->s->scope, &f, e);
}

static int
look(struct up *u, struct err *e)
{
	bool is_adopted;

	if (spec_input_of(u->s, &u->spec, e) < 0 || observe_adopt(u->s, u->spec.owner, u->o->adopt, &is_adopted, e) < 0)
		return -1;
	if (is_adopted) {
		u->spec.deployment = u->s->state.deployment;
		say(u, "Adopted", arena_printf(u->s->arena, "deployment %s", u->s->state.deployment));
	}
	return observe(u->s, &u->spec, &u->observed, e);
}

static void
say_engine(struct up *u)
{
	const struct engine *en = &u->s->engine;

	say(u, "Engine", arena_printf(u->s->arena, "%s %s on %s", en->is_podman ? "Podman" : "Docker", en->version, en->at.url));
}

/* Minutes of building, or what a registry has by now, are for a person to ask for. */
static int
refuse_image(const struct plan *p, const char *image, struct err *e)
{
	if (!plan_has(p, PLAN_BUILD) && !plan_has(p, PLAN_PULL))
		return 0;
	err_set(e, ERR_IMAGE, "the image %s is missing or out of date", image);
	return err_note(e, "try", "occ start");
}

/* What the reference means until then is written down first. */
static int
name_image_of_then(struct up *u, struct err *e)
{
	struct service *s = u->s;
	const char *ref = image_source_ref(s);
	struct image im = { .id = "" };
	struct err absent = ERR_INIT;

	if (image_inspect(&s->engine, s->arena, ref, &im, &absent) < 0 && absent.code != ERR_NOT_FOUND) {
		*e = absent;
		return -1;
	}
	return update_prepare(s, ref, im.id ? im.id : "", e) < 0 ? -1 : update_name_image(s, ref, u->o->update->image_id, e);
}

static int
run(struct up *u, struct err *e)
{
	struct plan *p = &u->result->plan;

	if (restore_mark_check(u->s->arena, &u->s->scope, e) < 0)
		return -1;
	say_engine(u);
	if (!u->o->is_dry_run && update_settle(u->s, &u->o->report, e) < 0)
		return -1;
	override(u);
	if (u->o->update && u->o->update->image_id && !u->o->is_dry_run && name_image_of_then(u, e) < 0)
		return -1;
	if (look(u, e) < 0 || check(u, e) < 0)
		return -1;
	/* A kept container may be just right for the port that it comes down to. */
	if (u->result->is_port_moved && u->observed.facts.has_container && observe(u->s, &u->spec, &u->observed, e) < 0)
		return -1;
	u->wish = (struct plan_wish){ .is_rebuild = u->o->is_rebuild, .is_pull = u->o->is_pull, .is_restart = u->o->is_restart };
	make_plan(u, p);
	if (u->o->is_dry_run)
		return 0;
	if (u->o->is_unattended && refuse_image(p, u->spec.image, e) < 0)
		return -1;
	/* Saved before anything is made: a killed command must find what it owns and who may enter. */
	if (state_save(&u->s->scope, &u->s->state, e) < 0)
		return -1;
	if (ensure_passwords(u, e) < 0)
		return -1;
	if (apply_rounds(u, p, e) < 0 || confirm(u, e) < 0 || save_state(u, e) < 0)
		return -1;
	/* A rollback that came to nothing else than what runs has written down only the meaning of a name. */
	if (u->o->update && u->o->update->image_id && update_mark_remove(&u->s->scope, e) < 0)
		return -1;
	return save_overrides(u, e);
}

int
up_start(struct service *s, const struct up_options *o, struct up_result *ret, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	AUTO(credentials) struct credentials cr;
	struct up u = { .s = s, .o = o, .result = ret, .credentials = &cr };

	*ret = (struct up_result){ .plan = { .reason = "" } };
	credentials_init(&cr);
	if (!o->is_dry_run) {
		/* The watchdog's unit may write where the state is, and nowhere else. */
		if ((o->is_unattended ? scope_prepare_state : scope_prepare)(&s->scope, e) < 0)
			return -1;
		if (state_lock(&lock, &s->scope, o->is_restart ? "restart" : "start", clock_due_ms(LOCK_MS), e) < 0)
			return -1;
	}
	if (o->is_unattended && service_check_wanted(s, e) < 0)
		return -1;
	if (credentials_load(&s->scope, &cr, e) < 0 || service_connect(s, e) < 0)
		return -1;
	int r = run(&u, e);
	if (r < 0 && !o->is_dry_run)
		update_call_off(s);
	return r;
}
