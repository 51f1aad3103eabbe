/* doctor_service.c - the container, opencode in it, its database, its way out */
#include <string.h>

#include "applets/occ/doctor.h"
#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/deploy/backup_helper.h"
#include "lib/deploy/ready.h"
#include "lib/engine/exec.h"
#include "lib/net/addr.h"

#define SLOW_MS 2000			/* a healthy opencode answers within a few ms */
#define ASK_MS 15000
#define RESTARTS_MANY 3
#define CLOCK_APART_S 60
#define OUTPUT_MAX 4096

/* A command in the container: its exit status and output; -1: it could not be run. */
static int
inside(struct doctor *d, const char *const *argv, struct buf *out)
{
	const struct exec_spec spec = { .argv = argv };
	struct err ignored = ERR_INIT;
	int status = -1;

	if (exec_capture(&d->s.engine, d->r->arena, d->container.id, &spec, STR_NULL, out, NULL, clock_due_ms(ASK_MS), &status, &ignored) < 0)
		return -1;
	return status;
}

static void
unknown(struct doctor *d, struct doctor_finding *f, struct str why)
{
	doctor_fine(d, f, "it could not be looked at: " STR_FMT, STR_ARG(str_take(str_trim(why), 200)));
	f->verdict = DOCTOR_SKIPPED;
}

/* ---- the container ---- */

static void
look_container(struct doctor *d, struct doctor_finding *f)
{
	const struct container *c = &d->container;

	if (c->is_oom_killed)
		doctor_wrong(d, f, "occ config set container.memory BYTES   then occ start", "it was killed: out of memory (limit container.memory)");
	else if (!(d->has & DOCTOR_RUNNING) && d->s.state.is_desired_up)
		doctor_wrong(d, f, "occ start", "it should run, and is %s%s%s", container_state_name(c->state), c->error[0] ? ": " : "", c->error);
	else if (c->restarts > RESTARTS_MANY)
		doctor_odd(d, f, "occ incidents", "the engine has restarted it %lld times", (long long)c->restarts);
	else
		doctor_fine(d, f, "%s", container_state_name(c->state));
}

/* Not started: who has the port that it will want? */
static void
look_port(struct doctor *d, struct doctor_finding *f)
{
	struct err ignored = ERR_INIT;
	unsigned port = (unsigned)d->s.config.server.port;

	if ((d->has & DOCTOR_RUNNING) || addr_port_is_free(d->s.config.server.bind, port, &ignored) != 0) {
		doctor_fine(d, f, "%u on %s", port, d->s.config.server.bind);
		return;
	}
	const char *owner = addr_port_owner(d->r->arena, port);
	doctor_wrong(d, f, "occ config set server.port PORT   with a free one", "port %u on %s is taken%s%s", port, d->s.config.server.bind, owner ? " by " : "", owner ? owner : "");
}

static void
look_answer(struct doctor *d, struct doctor_finding *f)
{
	AUTO(buf) struct buf took = BUF_INIT(64);
	struct err e = ERR_INIT;
	const char *version;
	int64_t began_ms = clock_now_ms();

	if (ready_once(&d->s, &d->container, &d->credentials, clock_due_ms(ASK_MS), &version, &e) < 0) {
		doctor_error(d, f, &e);
		if (!f->fix)
			f->fix = "occ restart";
		return;
	}
	int64_t ms = clock_now_ms() - began_ms;
	num_put_duration(&took, ms);
	if (ms > SLOW_MS)
		doctor_odd(d, f, "occ status", "opencode %s took %s for an answer: the machine is short of something", version, took.p);
	else
		doctor_fine(d, f, "opencode %s, after %s", version, took.p);
}

/* It has to refuse who has no password. */
static void
look_closed(struct doctor *d, struct doctor_finding *f)
{
	AUTO(buf) struct buf body = BUF_INIT(1u << 20);
	struct err e = ERR_INIT;
	int status = vantage_http(&d->s, &d->container, "GET", "/global/health", STR_NULL, NULL, &body, clock_due_ms(ASK_MS), &e);

	if (status < 0)
		doctor_error(d, f, &e);
	else if (status != 401)
		doctor_wrong(d, f, "occ stop --now   then occ start", "opencode answers %d to who brings no password", status);
}

/* ---- what is in it ---- */

static void
look_database(struct doctor *d, struct doctor_finding *f)
{
	static const char *const argv[] = { "python3", "-c",
		"import os, sqlite3, sys\n"
		"p = '" SERVICE_HOME "/" BACKUP_DATABASE_AT "'\n"
		"if not os.path.exists(p): sys.exit(0)\n"
		"try: found = sqlite3.connect(p, timeout=10).execute('pragma quick_check').fetchone()[0]\n"
		"except sqlite3.OperationalError as e: print(e); sys.exit(4)\n"
		"except sqlite3.Error as e: found = str(e)\n"
		"if found != 'ok': print(found); sys.exit(3)\n", NULL };
	AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);

	int status = inside(d, argv, &out);
	if (status != 0 && status != 3)
		unknown(d, f, buf_str(&out));
	else if (status == 3)
		doctor_wrong(d, f, "occ backup restore latest", "the session database is damaged: " STR_FMT, STR_ARG(str_take(str_trim(buf_str(&out)), 200)));
}

/* SQLite's write-ahead log needs shared memory and locks, which some file systems of virtual machines and networks lack. */
static void
look_filesystem(struct doctor *d, struct doctor_finding *f)
{
	static const char *const argv[] = { "stat", "-f", "-c", "%T", SERVICE_HOME, NULL };
	static const char *const bad[] = { "nfs", "nfs4", "smb2", "cifs", "fuseblk", "fuse", "9p", "v9fs", "vboxsf" };
	AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);

	if (inside(d, argv, &out) != 0) {
		unknown(d, f, buf_str(&out));
		return;
	}
	struct str type = str_trim(buf_str(&out));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (str_is(type, bad[i])) {
			doctor_wrong(d, f, NULL, "the agent's home is on " STR_FMT ": SQLite's log is not safe there", STR_ARG(type));
			return;
		}
	}
	doctor_fine(d, f, STR_FMT, STR_ARG(type));
}

static void
look_clock(struct doctor *d, struct doctor_finding *f)
{
	static const char *const argv[] = { "date", "+%s", NULL };
	AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);
	struct err ignored = ERR_INIT;
	uint64_t theirs;

	if (inside(d, argv, &out) != 0 || num_u64(str_trim(buf_str(&out)), 0, INT64_MAX, &theirs, &ignored) < 0) {
		unknown(d, f, buf_str(&out));
		return;
	}
	int64_t apart_s = (int64_t)theirs - clock_epoch_s();
	if (apart_s > CLOCK_APART_S || apart_s < -CLOCK_APART_S)
		doctor_wrong(d, f, "sudo timedatectl set-ntp true   on the engine's machine", "the container's clock is %lld s %s of this machine's", (long long)(apart_s < 0 ? -apart_s : apart_s),
		    apart_s < 0 ? "behind that" : "ahead");
}

/* ---- the way out ---- */

static void
look_names(struct doctor *d, struct doctor_finding *f)
{
	static const char *const argv[] = { "getent", "hosts", "opencode.ai", NULL };
	AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);

	int status = inside(d, argv, &out);
	if (status != 0 && status != 2)		/* 2: not found (getent(1)) */
		unknown(d, f, buf_str(&out));
	else if (status == 2)
		doctor_wrong(d, f, "look at /etc/docker/daemon.json (\"dns\") of the engine's machine", "names of the internet are not found in the container (opencode.ai)");
}

/* The role of the machine is then the agent's, too. */
static void
look_metadata(struct doctor *d, struct doctor_finding *f)
{
	static const char *const argv[] = { "curl", "-q", "-s", "-o", "/dev/null", "--noproxy", "*", "-m", "2", "http://169.254.169.254/", NULL };
	AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);

	int status = inside(d, argv, &out);
	if (status != 0 && status != 7 && status != 28)		/* refused, no answer in time (curl(1)) */
		unknown(d, f, buf_str(&out));
	else if (status == 0)
		doctor_wrong(d, f, "aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 1 ...",
		    "the cloud's metadata service answers in the container: the agent has this machine's role");
}

const struct doctor_check doctor_service_checks[] = {
	{ "container", "a container that runs when it should", DOCTOR_CONTAINER, look_container, NULL },
	{ "port", "its port", DOCTOR_ENGINE | DOCTOR_LOCAL, look_port, NULL },
	{ "answer", "opencode answers, soon, with the password", DOCTOR_RUNNING | DOCTOR_CREDENTIALS, look_answer, NULL },
	{ "closed", "and not without", DOCTOR_RUNNING, look_closed, NULL },
	{ "database", "a session database without damage", DOCTOR_RUNNING, look_database, NULL },
	{ "file system", "a file system that SQLite is safe on", DOCTOR_RUNNING, look_filesystem, NULL },
	{ "clock", "the container's clock is right", DOCTOR_RUNNING, look_clock, NULL },
	{ "names", "names are found in the container", DOCTOR_RUNNING | DOCTOR_NETWORK, look_names, NULL },
	{ "metadata", "the cloud's metadata service is closed to the agent", DOCTOR_RUNNING | DOCTOR_NETWORK, look_metadata, NULL },
	{ NULL, NULL, 0, NULL, NULL },
};
