/* doctor_host.c - this machine: settings, files, the program, room, units, certificates, backups */
#include "applets/occ/doctor.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "applets/occ/service_show.h"
#include "applets/occ/tls.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/deploy/backup.h"
#include "lib/deploy/build_check.h"
#include "lib/deploy/edge.h"
#include "lib/deploy/expose.h"
#include "lib/net/addr.h"
#include "lib/deploy/restore_mark.h"
#include "lib/proc/self.h"

#define OTHERS (S_IRWXG | S_IRWXO)
#define ROOM_BYTES (256ull << 20)		/* for what this program writes */
#define MEMORY_BYTES (300ull << 20)		/* free, swap included: below it the kernel ends something soon */
#define FEW_FILES 1000
#define BACKUP_OLD_S (8 * 24 * 3600)
#define CERTIFICATE_SOON_S (7 * 24 * 3600)
#define TEXT_MAX 65536

/* ---- settings ---- */

static void
look_settings(struct doctor *d, struct doctor_finding *f)
{
	struct service_request rq;
	struct err e = ERR_INIT;

	if (occ_request(d->r, &rq, &e) < 0 || service_open(&d->s, d->r->arena, &rq, &e) < 0) {
		doctor_error(d, f, &e);
		return;
	}
	d->has |= DOCTOR_SETTINGS;
	if (d->s.config.warnings.n > 0)
		doctor_odd(d, f, "occ config validate", "%s", d->s.config.warnings.v[0]);
	else
		doctor_fine(d, f, "%s", path_tilde(d->r->arena, d->scope.config_path, d->scope.home));
}

static void
look_credentials(struct doctor *d, struct doctor_finding *f)
{
	struct err e = ERR_INIT;

	if (credentials_load(&d->scope, &d->credentials, &e) < 0) {
		doctor_error(d, f, &e);
		return;
	}
	if (d->credentials.has_password)
		d->has |= DOCTOR_CREDENTIALS;
	if (d->credentials.has_password && d->credentials.password.n == 0)
		doctor_odd(d, f, "occ password rotate", "the password is empty: who reaches the port is let in");
}

/* What others may read or write of what is ours alone. */
static void
look_files(struct doctor *d, struct doctor_finding *f)
{
	const char *paths[] = { d->scope.credentials_path, d->scope.state_path, d->scope.incidents_path, d->scope.backups_dir };
	AUTO(buf) struct buf fix = BUF_INIT(4096);

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct stat st;
		mode_t allowed = i == 0 || i == 3 ? 0 : S_IRGRP | S_IROTH;

		if (stat(paths[i], &st) < 0 || !(st.st_mode & OTHERS & ~allowed))
			continue;
		strlist_add(d->r->arena, &d->open_files, paths[i]);
		buf_printf(&fix, "%s %s", fix.n ? "" : "chmod go=", paths[i]);
	}
	if (d->open_files.n > 0)
		doctor_wrong(d, f, fix.p, "others may read or change %s", path_tilde(d->r->arena, d->open_files.v[0], d->scope.home));
}

static int
mend_files(struct doctor *d, struct err *e)
{
	for (size_t i = 0; i < d->open_files.n; i++) {
		struct stat st;

		if (stat(d->open_files.v[i], &st) < 0 || chmod(d->open_files.v[i], st.st_mode & 07777 & ~(mode_t)OTHERS) < 0)
			return err_sys(e, "chmod %s", d->open_files.v[i]);
	}
	return 0;
}

static void
look_restore(struct doctor *d, struct doctor_finding *f)
{
	struct err e = ERR_INIT;

	if (restore_mark_check(d->r->arena, &d->scope, &e) < 0)
		doctor_error(d, f, &e);
}

/* ---- this program ---- */

/* Which `occ` a person gets who types it. Another file of the same bytes is this program. */
static void
look_path(struct doctor *d, struct doctor_finding *f)
{
	struct err ignored = ERR_INIT;
	const char *self = self_path(d->r->arena, &ignored), *path = getenv("PATH");
	struct stat mine, other;

	if (!self || !path || stat(self, &mine) < 0)
		return;
	for (struct str rest = str_of(path); rest.n > 0;) {
		const char *found = path_join(d->r->arena, arena_str(d->r->arena, str_cut(&rest, ':')), "occ");

		if (stat(found, &other) < 0 || !S_ISREG(other.st_mode))
			continue;
		/* Scripts that call us, and copies, are as good: only another program's size tells. */
		if ((other.st_dev == mine.st_dev && other.st_ino == mine.st_ino) || other.st_size == mine.st_size || other.st_size < 4096)
			doctor_fine(d, f, "%s", found);
		else
			doctor_odd(d, f, arena_printf(d->r->arena, "rm %s   or put %s before it in PATH", found, path_dir(d->r->arena, self)), "`occ` is %s, which is not this program (%s)",
			    found, self);
		return;
	}
}

/* ---- room ---- */

static void
look_room(struct doctor *d, struct doctor_finding *f)
{
	AUTO(buf) struct buf text = BUF_INIT(64);
	const char *dir = d->scope.state_dir;
	struct statvfs v;

	while (!file_exists(dir) && strcmp(dir, "/") != 0)
		dir = path_dir(d->r->arena, dir);
	if (statvfs(dir, &v) < 0)
		return;
	num_put_bytes(&text, (uint64_t)v.f_bavail * v.f_frsize);
	if ((uint64_t)v.f_bavail * v.f_frsize < ROOM_BYTES)
		doctor_wrong(d, f, arena_printf(d->r->arena, "du -xh %s | sort -h | tail", dir), "only %s free where this program writes (%s)", text.p, dir);
	else if (v.f_files > 0 && v.f_favail < FEW_FILES)
		doctor_wrong(d, f, NULL, "the file system of %s has room for %llu files more", dir, (unsigned long long)v.f_favail);
	else
		doctor_fine(d, f, "%s free in %s", text.p, dir);
}

static void
look_memory(struct doctor *d, struct doctor_finding *f)
{
	AUTO(buf) struct buf text = BUF_INIT(TEXT_MAX), size = BUF_INIT(64);
	struct err ignored = ERR_INIT;
	uint64_t n;

	if (file_read("/proc/meminfo", &text, &ignored) < 0 || (n = build_check_meminfo(buf_str(&text))) == 0)
		return;
	num_put_bytes(&size, n);
	if (n < MEMORY_BYTES)
		doctor_wrong(d, f, "free -h   then add swap, or end something",
		    "only %s of memory and swap are free", size.p);
	else
		doctor_fine(d, f, "%s of memory and swap are free", size.p);
}

/* A proxy that this shell needs, the agent needs too. */
static void
look_proxy(struct doctor *d, struct doctor_finding *f)
{
	static const char *const names[] = { "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy" };
	const struct strlist *env = &d->s.config.container.env;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = occ_env(names[i]);

		if (!value)
			continue;
		for (size_t k = 0; k < env->n; k++) {
			if (str_has_prefix(str_of(env->v[k]), names[i]))
				return;
		}
		doctor_odd(d, f, arena_printf(d->r->arena, "occ config add container.env \"%s=$%s\"   then occ start", names[i], names[i]),
		    "%s is set here, and not in the container", names[i]);
		return;
	}
}

/* ---- units, certificate, backups ---- */

static void
look_unit(struct doctor *d, struct doctor_finding *f)
{
	struct unit_options uo = { .is_now = false };
	struct err e = ERR_INIT;
	struct unit_state st;

	if (service_look(d->r, &d->s, &uo, &st, &e) < 0) {
		doctor_error(d, f, &e);
		return;
	}
	const struct unit_piece *u = &st.unit[UNIT_WATCHDOG];
	if (st.no_manager)
		doctor_fine(d, f, "no service manager here: %s", st.no_manager);
	else if (!u->installed)
		doctor_odd(d, f, "occ service install --now", "nothing brings it back after a crash or a reboot but the engine");
	else if (u->is_foreign)
		doctor_wrong(d, f, NULL, "%s is somebody else's file", u->path);
	else if (!u->is_enabled)
		doctor_wrong(d, f, "occ service install --now", "%s is installed, and not started at boot", u->name);
	else if (!u->is_active)
		doctor_wrong(d, f, "occ service install --now", "%s does not run: %s", u->name, u->activity);
	else if (d->scope.kind == SCOPE_USER && !st.has_linger)
		doctor_wrong(d, f, "loginctl enable-linger", "%s ends with your last session", u->name);
	else if (st.is_outdated)
		doctor_odd(d, f, "occ service install --now", "%s is another version's", u->name);
	else
		doctor_fine(d, f, "%s: %s", u->name, u->activity);
}

static void
look_certificate(struct doctor *d, struct doctor_finding *f)
{
	struct tls t = { .scope = d->scope, .config = d->s.config };
	struct err e = ERR_INIT;
	AUTO(certs) struct certs c;

	certs_init(&c);
	if (!edge_is_tls(&d->s.config)) {
		doctor_fine(d, f, "not used");
		return;
	}
	edge_paths_of(d->r->arena, &d->scope, &t.paths);
	if (tls_certs(&t, &c, &e) < 0) {
		if (e.code != ERR_NOT_FOUND)
			doctor_error(d, f, &e);
		else
			doctor_odd(d, f, "occ service install --now   or occ tls run", "the edge has not been started yet");
		return;
	}
	int64_t left_s = c.facts.until_epoch_s - clock_epoch_s();
	bool is_ours = edge_mode_of(&d->s.config) == EDGE_SELF_SIGNED;
	if (left_s < CERTIFICATE_SOON_S)
		doctor_wrong(d, f, is_ours ? "occ tls renew" : "occ config set edge.certificate FILE   with a newer one", "the certificate %s",
		    left_s < 0 ? "has expired" : arena_printf(d->r->arena, "expires in %s", tls_span(d->r->arena, left_s)));
	else
		doctor_fine(d, f, "good for %s", tls_span(d->r->arena, left_s));
}

/* The socket is opened whether the machine has the address or not (FreeBind), and it may have lost it since. */
static void
look_address(struct doctor *d, struct doctor_finding *f)
{
	const struct config *c = &d->s.config;
	struct err e = ERR_INIT;

	if (!edge_is_on(c))
		doctor_fine(d, f, "not used");
	else if (addr_port_is_free(edge_bind(c), 0, &e) < 0 && e.code == ERR_CONFIG)
		doctor_wrong(d, f, "occ config set edge.bind private   then occ service install --now", "nobody reaches the edge: %s (edge.bind)", e.msg);
	else
		doctor_fine(d, f, "%s", edge_bind_text(c));
}

static void
look_exposure(struct doctor *d, struct doctor_finding *f)
{
	struct err e = ERR_INIT;
	bool has_password = d->credentials.has_password && d->credentials.password.n > 0;

	if (expose_check(&d->s.config, has_password || !d->credentials.has_password, &e) < 0)
		doctor_error(d, f, &e);
	else if (d->s.config.server.allow_plain_http)
		doctor_odd(d, f, "occ config unset server.allow_plain_http", "the password may go over plain HTTP (server.allow_plain_http)");
}

static void
look_backups(struct doctor *d, struct doctor_finding *f)
{
	struct err e = ERR_INIT;
	struct backup_file *v;
	size_t n;

	if (backup_list(&d->s, &v, &n, &e) < 0) {
		doctor_error(d, f, &e);
		return;
	}
	int64_t age_s = n ? clock_epoch_s() - v[0].created_epoch_s : 0;
	if (n == 0)
		doctor_odd(d, f, "occ backup create", "there is no backup");
	else if (age_s > BACKUP_OLD_S)
		doctor_odd(d, f, "occ backup create", "the newest backup is %s old", tls_span(d->r->arena, age_s));
	else
		doctor_fine(d, f, "the newest is %s", v[0].name);
}

const struct doctor_check doctor_host_checks[] = {
	{ "settings", "a configuration and a state that can be read", 0, look_settings, NULL },
	{ "credentials", "a password file that can be read, by you alone", 0, look_credentials, NULL },
	{ "files", "files of ours that nobody else reads or changes", 0, look_files, mend_files },
	{ "restore", "no restore that was cut", 0, look_restore, NULL },
	{ "path", "`occ` in PATH is this program", 0, look_path, NULL },
	{ "room", "room for what this program writes", 0, look_room, NULL },
	{ "memory", "free memory and swap", 0, look_memory, NULL },
	{ "exposure", "nothing is open that should not be", DOCTOR_SETTINGS, look_exposure, NULL },
	{ "proxy", "the agent has the proxy of this shell", DOCTOR_SETTINGS, look_proxy, NULL },
	{ "service", "a unit that brings it back", DOCTOR_SETTINGS, look_unit, NULL },
	{ "address", "the edge listens where this machine is", DOCTOR_SETTINGS, look_address, NULL },
	{ "certificate", "the edge's certificate", DOCTOR_SETTINGS, look_certificate, NULL },
	{ "backups", "a recent backup", DOCTOR_SETTINGS, look_backups, NULL },
	{ NULL, NULL, 0, NULL, NULL },
};
