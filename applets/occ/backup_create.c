/* occ backup create: a copy of the agent's work, while it goes on */
#include <string.h>
#include <unistd.h>

#include "applets/occ/backup.h"
#include "applets/occ/backup_key.h"
#include "applets/occ/report.h"
#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/base/path.h"

struct create_opts {
	const char *output;
	bool workspace, credentials, has_passphrase;
	struct strlist recipients;
	const char *passphrase_file;
};

static const struct opt create_opts[] = {
	STR(struct create_opts, output, 'o', "output", "FILE", "write it there; -: to standard output"),
	FLAG(struct create_opts, workspace, 'w', "workspace", "the workspace volume too"),
	FLAG(struct create_opts, credentials, 0, "with-credentials", "the password and the agent's keys too"),
	LIST(struct create_opts, recipients, 'r', "recipient", "KEY", "encrypt it for this age key; may be repeated"),
	FLAG(struct create_opts, has_passphrase, 'p', "passphrase", "encrypt it with a passphrase, which it asks for"),
	STR(struct create_opts, passphrase_file, 0, "passphrase-file", "FILE", "encrypt it with the passphrase in a file"),
	OPT_LAST,
};

static const char *const create_examples[] = {
	"backup create", "into the backups' directory, under the time as its name",
	"backup create -w -o - | ssh box 'cat >backup.tar.gz'", "the workspace too, to another machine",
	"backup create -p", "encrypted with a passphrase",
	NULL,
};

void
backup_put_contents(const struct backup_result *b, struct buf *out)
{
	if (b->head.n_sessions >= 0)
		buf_printf(out, "%lld session%s, ", (long long)b->head.n_sessions, b->head.n_sessions == 1 ? "" : "s");
	buf_printf(out, "%llu files and directories, ", (unsigned long long)b->n_entries);
	num_put_bytes(out, b->n_bytes);
	buf_puts(out, " (");
	num_put_bytes(out, b->n_packed);
	buf_puts(out, b->is_encrypted ? " packed, encrypted)" : " packed)");
	if (b->head.fault && b->head.fault[0])
		buf_puts(out, ", the database DAMAGED");
	if (b->head.opencode && b->head.opencode[0])
		buf_printf(out, ", opencode %s", b->head.opencode);
}

void
backup_put_json(struct jsonw *w, const struct backup_result *b)
{
	AUTO(buf) struct buf created = BUF_INIT(64);

	clock_put_rfc3339(&created, b->head.created_epoch_s);
	jsonw_str(w, "file", b->path);
	jsonw_text(w, "created", buf_str(&created));
	jsonw_str(w, "instance", b->head.instance);
	jsonw_str(w, "opencode", b->head.opencode);
	jsonw_bool(w, "workspace", b->head.has_workspace);
	jsonw_bool(w, "credentials", b->head.has_credentials);
	jsonw_int(w, "sessions", b->head.n_sessions);
	jsonw_str(w, "database_fault", b->head.fault);
	jsonw_str(w, "remark", b->remark);
	jsonw_int(w, "entries", (int64_t)b->n_entries);
	jsonw_int(w, "bytes", (int64_t)b->n_bytes);
	jsonw_int(w, "packed_bytes", (int64_t)b->n_packed);
	jsonw_bool(w, "encrypted", b->is_encrypted);
}

static int
report(struct run *r, const struct service *s, const struct backup_result *b, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(1024), out = BUF_INIT(4096);
	struct jsonw w = JSONW_INIT(&out, 2);

	if (b->remark)
		term_warn(r->term, r->cli->prog, "%s", b->remark);
	if (!b->path)
		return 0;
	if (r->g->wants_json) {
		jsonw_object(&w, NULL);
		backup_put_json(&w, b);
		return occ_put_json(r, &w, "the report", e);
	}
	backup_put_contents(b, &text);
	term_row(r->term, "Backup", "%s", text.p);
	term_printf(r->term, "%s\n", path_tilde(r->arena, b->path, s->scope.home));
	if (!b->head.has_workspace)
		term_row(r->term, "Without", "the workspace: --workspace takes it too");
	return 0;
}

struct cipher {
	struct backup_recipients recipients;
	struct buf passphrase;
	struct age_for encrypts_for;
};

static void
cipher_auto(struct cipher *c)
{
	buf_wipe(&c->passphrase);
}

/* 1: as the options say; 0: as the configuration does. */
static int
choose_cipher(struct run *r, struct cipher *c, struct err *e)
{
	const struct create_opts *o = r->opts;
	bool has_passphrase = o->has_passphrase || o->passphrase_file;

	if (has_passphrase && o->recipients.n > 0)
		return err_set(e, ERR_USAGE, "--recipient and a passphrase exclude each other: the format has one or the other");
	if (backup_recipients_parse(&o->recipients, &c->recipients, e) < 0 || (has_passphrase && backup_passphrase_read(r, o->passphrase_file, true, &c->passphrase, e) < 0))
		return -1;
	c->encrypts_for = (struct age_for){ .v = c->recipients.v, .n = c->recipients.n, .passphrase = buf_str(&c->passphrase), .log2_n = AGE_LOG2_N };
	return has_passphrase || o->recipients.n > 0;
}

static int
backup_create_run(struct run *r, struct err *e)
{
	const struct create_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct backup_options options = { .has_workspace = o->workspace, .has_credentials = o->credentials, .program = r->cli->version, .to_fd = -1, .report = report_of(r) };
	AUTO(cipher) struct cipher cipher = { .passphrase = BUF_SECRET_INIT(AGE_PASSPHRASE_MAX) };
	struct backup_result result;

	int has_cipher = choose_cipher(r, &cipher, e);
	if (has_cipher < 0)
		return -1;
	options.encrypts_for = has_cipher ? &cipher.encrypts_for : NULL;
	if (o->output && strcmp(o->output, "-") == 0) {
		if (occ_check_pipe(r, "-o", e) < 0)
			return -1;
		options.to_fd = STDOUT_FILENO;
	} else if (o->output) {
		options.to = path_absolute(r->arena, o->output, e);
		if (!options.to)
			return -1;
	}
	if (occ_open(r, &s, e) < 0)
		return -1;
	int done = backup_create(&s, &options, &result, e);
	term_progress_end(r->term);
	return done < 0 ? -1 : report(r, &s, &result, e);
}

CMD(occ_backup_create) = {
	.applet = "occ", .name = "backup create", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "copy the agent's sessions and home into a file",
	.about = "opencode goes on meanwhile: the session database is copied by SQLite itself. The agent's whole home is in it (sessions, logins to providers, git identity, "
		 "ssh keys), and the configuration; caches and opencode's logs are not, nor are directories of the host that are mounted. Whoever has the file has the "
		 "agent's logins: it is readable by you only, and encrypted (in the format of age) for who is named here or in backup.recipients.",
	.examples = create_examples, .opts = create_opts, .opts_bytes = sizeof(struct create_opts), .run = backup_create_run,
};
