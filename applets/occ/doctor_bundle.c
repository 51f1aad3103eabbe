/*
 * doctor_bundle.c - what a maintainer needs in order to help, in one archive without secrets
 *
 * Its members are what doctor has found, and what our own commands say: each runs as a process of its own, so that one which hangs or fails leaves its words in its member and
 * the rest is there. Nothing goes in but through the redactor.
 */
#include "applets/occ/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "applets/occ/incidents.h"
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/deploy/backup_format.h"
#include "lib/deploy/incident_redact.h"
#include "lib/engine/tar.h"
#include "lib/http/gzip.h"
#include "lib/proc/self.h"
#include "lib/proc/spawn.h"
#include "lib/term/sink.h"

#define NAME "opencode-cloud-support"
#define FILE_MODE 0600
#define SAY_MS 60000			/* for one command */
#define SAID_MAX (32u << 20)
#define KEPT_BYTES (256u << 10)		/* of what a command says: its end */
#define SIGNAL_BASE 128			/* of spawn_hear's status */
#define TEXT_MAX (4u << 20)		/* of one member */
#define ARCHIVE_MAX (32u << 20)

/* Lists as one text each: a table of words takes four times the room. The member of a command has the name of its first word; the log is the last. */
#define COMMANDS "status,service status,tls status,history,logs -t -n 1000"
#define OF_CONTAINER "Created,State,HostConfig,Mounts,NetworkSettings.Ports,Config.Image"
#define MISSING "not reached, report.json says why"
#define README "Each file is what the command of its name says; report.json is doctor's, container.json the engine's.\n" \
	REDACT_MARK " stands for a secret or a variable's value. Look through it before you send it"

struct bundle {
	struct doctor *d;
	struct arena *a;
	const struct redactor *redactor;
	struct buf *tar;
	int64_t at_epoch_s;
};

/* ---- where it goes ---- */

static int
taken(struct run *r, const char *path, struct err *e)
{
	err_set(e, ERR_USAGE, "%s is there already", path);
	return err_note(e, "try", DOCTOR_BUNDLE_TRY, r->cli->prog);
}

int
doctor_bundle_path(struct doctor *d, const char **ret, struct err *e)
{
	AUTO(buf) struct buf name = BUF_INIT(4096);
	struct run *r = d->r;

	*ret = r->argc > 0 ? r->argv[0] : NULL;
	if (*ret && strcmp(*ret, "-") == 0)
		return occ_check_pipe(r, "--bundle", e);
	if (!*ret) {
		buf_printf(&name, "%s-", NAME);
		backup_put_file_name(d->scope.instance, clock_epoch_s(), false, &name);
		*ret = name.p;
	}
	*ret = path_absolute(r->arena, *ret, e);
	if (!*ret)
		return -1;
	return file_exists(*ret) ? taken(r, *ret, e) : 0;
}

static int
save(struct run *r, const char *path, struct str data, struct err *e)
{
	if (strcmp(path, "-") == 0)
		return sink_all(STDOUT_FILENO, data, e) < 0 ? -1 : 0;
	if (file_save_new(path, data, FILE_MODE, e) == 0)
		return 0;
	return e->code == ERR_SYS && e->sys == EEXIST ? taken(r, path, e) : -1;
}

/* ---- what goes in ---- */

static void
put(struct bundle *b, const char *name, struct str text)
{
	AUTO(buf) struct buf clean = BUF_INIT(TEXT_MAX);
	struct err e = ERR_INIT;

	redactor_put(b->redactor, text, &clean);
	if (!str_has_suffix(text, "\n"))
		buf_putc(&clean, '\n');
	const struct tar_entry t = { .name = str_of(arena_printf(b->a, "%s/%s", NAME, name)), .type = TAR_FILE, .mode = FILE_MODE, .size = clean.n, .mtime_epoch_s = b->at_epoch_s };
	(void)!tar_put_entry(b->tar, &t, buf_str(&clean), &e);		/* its length is looked at when it is whole */
}

static void
put_versions(struct bundle *b)
{
	AUTO(buf) struct buf out = BUF_INIT(65536);
	const struct doctor *d = b->d;
	struct err e = ERR_INIT;
	struct utsname u;

	buf_printf(&out, "opencode-cloud %s\n", d->r->cli->version);
	if (d->has & DOCTOR_ENGINE)
		buf_printf(&out, "%s %s, API 1.%u, %s/%s, %s\n", d->s.engine.is_podman ? "Podman" : "Docker", d->info.version, d->s.engine.api_minor, d->info.os, d->info.arch,
		    d->info.operating_system);
	else
		buf_printf(&out, "%s\n", "engine " MISSING);
	if (uname(&u) == 0)
		buf_printf(&out, "%s %s %s, %s\n", u.sysname, u.release, u.version, u.machine);
	if (file_read("/etc/os-release", &out, &e) < 0)
		err_clear(&e);		/* not on every system */
	put(b, "versions.txt", buf_str(&out));
}

/* "NAME=***" */
static const char *
masked(struct arena *a, struct str variable)
{
	struct str name = str_cut(&variable, '=');

	return arena_printf(a, STR_FMT "=" REDACT_MARK, STR_ARG(name));
}

static void
put_config(struct bundle *b)
{
	AUTO(buf) struct buf out = BUF_INIT(TEXT_MAX);
	const struct doctor *d = b->d;
	struct config c = d->s.config;

	c.container.env = (struct strlist){ .v = NULL };
	for (size_t i = 0; i < d->s.config.container.env.n; i++)
		strlist_add(b->a, &c.container.env, masked(b->a, str_of(d->s.config.container.env.v[i])));
	if (d->has & DOCTOR_SETTINGS) {
		if (c.backup.after[0])
			c.backup.after = REDACT_MARK;
		buf_printf(&out, "%s: %s\n", "desired", d->s.state.is_desired_up ? "up" : "down");
		for (const struct schema_key *k = schema_keys; k->name; k++)
			buf_printf(&out, "%s: %s   (%s)\n", k->name, config_value_json(b->a, &c, k), config_where(b->a, &c, &d->scope, k->name));
	} else {
		buf_puts(&out, MISSING);
	}
	put(b, "config.txt", buf_str(&out));
}

/* Labels stay out: among them are digests of the settings, and a short value can be guessed from one. */
static void
put_container(struct bundle *b)
{
	AUTO(buf) struct buf out = BUF_INIT(TEXT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);
	const struct json *raw = b->d->container.raw;

	if (!(b->d->has & DOCTOR_CONTAINER)) {
		put(b, "container.json", STR_LIT(MISSING));
		return;
	}
	jsonw_object(&w, NULL);
	for (struct str rest = STR_LIT(OF_CONTAINER); rest.n > 0;) {
		const char *key = arena_str(b->a, str_cut(&rest, ','));
		const struct json *j = json_path(raw, key);

		if (j)
			jsonw_raw(&w, key, j->raw);
	}
	jsonw_array(&w, "Config.Env");
	for (JSON_EACH(v, json_path(raw, "Config.Env")))
		jsonw_str(&w, NULL, masked(b->a, v->text));
	jsonw_end(&w);
	jsonw_end(&w);
	put(b, "container.json", buf_str(&out));
}

static void
put_incidents(struct bundle *b)
{
	AUTO(incident_ring) struct incident_ring ring = INCIDENT_RING_INIT;
	AUTO(buf) struct buf out = BUF_INIT(TEXT_MAX);
	uint64_t numbers[INCIDENTS_MAX];
	struct err e = ERR_INIT;
	struct incident one;

	size_t n = incidents_open(b->d->r, &ring, &e) < 0 ? 0 : incident_numbers(&ring, numbers);
	for (size_t i = 0; i < n; i++) {
		if (incident_get(&ring, b->a, numbers[i], &one, &e) < 0)
			continue;		/* written over at this moment */
		incident_emit(&one, 2, &out);
		buf_putc(&out, '\n');
	}
	if (out.n == 0)
		buf_printf(&out, "%s", e.code ? e.msg : "none");
	put(b, "incidents.json", buf_str(&out));
}

/* ---- what our commands say ---- */

/* What we were called with: the same instance, the same engine. */
static void
add_globals(const struct run *r, struct strlist *argv)
{
	for (const struct opt *o = r->cli->globals; o->kind == OPT_STR; o++) {
		const char *value = *(const char *const *)(const void *)((const char *)r->g + o->offset);

		if (!value)
			continue;
		strlist_add(r->arena, argv, arena_printf(r->arena, "--%s", o->name));
		strlist_add(r->arena, argv, value);
	}
	if (r->g->is_system)
		strlist_add(r->arena, argv, "--system");
	if (r->g->is_user)
		strlist_add(r->arena, argv, "--user");
}

/* Whole lines: half a secret would not be found. */
static struct str
last_lines(struct str said, bool is_cut)
{
	size_t end = is_cut ? str_rfind_char(said, '\n') : said.n;

	said = str_take(said, end == STR_NONE ? 0 : end);
	if (said.n > KEPT_BYTES) {
		said = str_skip(said, said.n - KEPT_BYTES);
		str_cut(&said, '\n');
	}
	return said;
}

static void
put_said(struct bundle *b, const char *self, struct str words, bool is_log)
{
	AUTO(buf) struct buf said = BUF_SECRET_INIT(SAID_MAX), text = BUF_SECRET_INIT(KEPT_BYTES + ERR_MSG_BYTES + 4);
	struct strlist argv = { .v = NULL };
	struct err e = ERR_INIT;
	int status = 0;

	strlist_add(b->a, &argv, self);
	strlist_add(b->a, &argv, "-q");
	if (!is_log)
		strlist_add(b->a, &argv, "--json");
	add_globals(b->d->r, &argv);
	size_t first = argv.n;
	while (words.n > 0)
		strlist_add(b->a, &argv, arena_str(b->a, str_cut(&words, ' ')));
	bool is_cut = spawn_hear(argv.v, NULL, &said, clock_due_ms(SAY_MS), &status, &e) < 0;
	if (is_cut)
		buf_printf(&text, "(%s)\n", e.msg);
	buf_putstr(&text, last_lines(buf_str(&said), is_cut || status > SIGNAL_BASE));
	put(b, arena_printf(b->a, is_log ? "%s.txt" : "%s.json", argv.v[first]), buf_str(&text));
}

/* Of them the log alone may hold what the redactor has to know. */
static int
put_commands(struct bundle *b, bool has_secrets, struct err *e)
{
	const char *self = self_path(b->a, e);

	if (!self)
		return -1;
	for (struct str rest = STR_LIT(COMMANDS); rest.n > 0;) {
		struct str words = str_cut(&rest, ',');

		if (rest.n > 0 || has_secrets)
			put_said(b, self, words, rest.n == 0);
		else
			put(b, "logs.txt", STR_LIT("(left out: the credentials cannot be read)"));
	}
	return 0;
}

/* ---- the whole ---- */

static int
pack(struct str plain, struct buf *out, struct err *e)
{
	struct gzip *g;

	if (gzip_new(&g, e) < 0)
		return -1;
	gzip_put(g, plain, out);
	gzip_end(g, out);
	gzip_free(g);
	return buf_check(out, "archive", e);
}

static int
tell(struct doctor *d, const char *path, size_t n_bytes, struct err *e)
{
	AUTO(buf) struct buf size = BUF_INIT(64), out = BUF_INIT(65536);
	struct jsonw w = JSONW_INIT(&out, 2);
	struct run *r = d->r;

	if (strcmp(path, "-") == 0)
		return 0;
	if (r->g->wants_json) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "bundle", path);
		jsonw_int(&w, "bytes", (int64_t)n_bytes);
		return occ_put_json(r, &w, "the report", e);
	}
	num_put_bytes(&size, n_bytes);
	term_row(r->term, "Bundle", "%s", size.p);
	term_printf(r->term, "%s\n", path_tilde(r->arena, path, d->scope.home));
	term_row(r->term, "Look", "through it before you send it");
	return 0;
}

int
doctor_bundle(struct doctor *d, const char *path, struct str report, struct err *e)
{
	AUTO(credentials) struct credentials cr;
	AUTO(redactor) struct redactor redactor;
	AUTO(buf) struct buf tar = BUF_INIT(ARCHIVE_MAX), packed = BUF_INIT(ARCHIVE_MAX);
	struct bundle b = { .d = d, .a = d->r->arena, .redactor = &redactor, .tar = &tar, .at_epoch_s = clock_epoch_s() };
	struct err unread = ERR_INIT;

	credentials_init(&cr);
	bool has_secrets = credentials_load(&d->scope, &cr, &unread) == 0;
	redactor_init(&redactor, &cr);
	put(&b, "README.txt", str_of(README));
	put_versions(&b);
	put(&b, "report.json", report);
	put_config(&b);
	put_container(&b);
	put_incidents(&b);
	if (cancel_check(e) < 0 || put_commands(&b, has_secrets, e) < 0)
		return -1;
	tar_put_end(&tar);
	if (buf_check(&tar, "archive", e) < 0 || pack(buf_str(&tar), &packed, e) < 0 || cancel_check(e) < 0 || save(d->r, path, buf_str(&packed), e) < 0)
		return -1;
	return tell(d, path, packed.n, e);
}
