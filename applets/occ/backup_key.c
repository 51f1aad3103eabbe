/* backup_key.c - occ backup keygen, and keys for the other commands of occ backup */
#include "applets/occ/backup_key.h"

#include "applets/occ/secret_input.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/path.h"

#define FILE_MODE 0600
#define KEY_FILE_MAX 1024

/* ---- for reading ---- */

int
backup_passphrase_read(struct run *r, const char *file, bool is_new, struct buf *out, struct err *e)
{
	const struct secret_input in = { .file = file, .what = "passphrase", .is_twice = is_new, .is_known = !is_new, .instead = "--passphrase-file FILE" };

	if (secret_input_read(r, &in, out, e) < 0)
		return -1;
	return out->n > 0 ? 0 : err_set(e, ERR_USAGE, "the passphrase is empty");
}

static int
ask(void *ctx, struct buf *ret, struct err *e)
{
	struct backup_unlock *u = ctx;

	return backup_passphrase_read(u->r, u->passphrase_file, false, ret, e);
}

void
backup_unlock_auto(struct backup_unlock *u)
{
	backup_keys_auto(&u->keys);
}

int
backup_unlock_open(struct backup_unlock *u, struct run *r, const struct service *s, const struct backup_key_opts *o, struct err *e)
{
	struct err away = ERR_INIT;

	*u = (struct backup_unlock){ .r = r, .passphrase_file = o->passphrase_file };
	u->keys.age.ask = ask;
	u->keys.age.ctx = u;
	if (o->identity)
		return backup_keys_load(&u->keys, o->identity, e);
	/* A key that is not plugged in hinders nobody who does not need it. */
	if (backup_keys_load(&u->keys, s->config.backup.identity, &away) < 0)
		term_warn(r->term, r->cli->prog, "backup.identity: %s", away.msg);
	return 0;
}

/* ---- keygen ---- */

struct keygen_opts {
	const char *output;
};

static const struct opt keygen_opts[] = {
	STR(struct keygen_opts, output, 'o', "output", "FILE", "write the secret key there, readable by you only"),
	OPT_LAST,
};

static const char *const keygen_examples[] = {
	"backup keygen -o backup.key", "a pair of keys; keep the file where the backups are not",
	NULL,
};

/* As age-keygen writes it. */
static void
put_key_file(const struct age_identity *id, const char *recipient, struct buf *out)
{
	buf_puts(out, "# created: ");
	clock_put_rfc3339(out, clock_epoch_s());
	buf_printf(out, "\n# public key: %s\n", recipient);
	age_identity_put(id, out);
	buf_putc(out, '\n');
}

static int
put_json(struct run *r, const char *recipient, const char *path, const struct buf *text, struct err *e)
{
	AUTO(buf) struct buf out = BUF_SECRET_INIT(8192);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "recipient", recipient);
	jsonw_str(&w, "file", path);
	jsonw_str(&w, "identity", path ? NULL : text->p);
	return occ_put_json(r, &w, "the key", e);
}

static int
backup_keygen_run(struct run *r, struct err *e)
{
	const struct keygen_opts *o = r->opts;
	AUTO(buf) struct buf text = BUF_SECRET_INIT(KEY_FILE_MAX), recipient = BUF_INIT(128);
	AUTO(backup_keys) struct backup_keys k = { .age = { .n = 0 } };
	const char *path = o->output ? path_absolute(r->arena, o->output, e) : NULL;

	if ((o->output && !path) || age_identity_new(&k.v[0], e) < 0)
		return -1;
	const struct age_recipient to = age_recipient_of(&k.v[0]);
	age_recipient_put(&to, &recipient);
	put_key_file(&k.v[0], recipient.p, &text);
	/* A key that backups were encrypted for is never replaced. */
	if (buf_check(&text, "the key", e) < 0 || (path && file_save_new(path, buf_str(&text), FILE_MODE, e) < 0))
		return -1;
	if (r->g->wants_json)
		return put_json(r, recipient.p, path, &text, e);
	if (!path) {
		term_printf(r->term, "%s", text.p);
		return 0;
	}
	term_row(r->term, "Secret key", "%s   keep a copy elsewhere: without it nobody reads the backups", path);
	term_row(r->term, "Public key", "%s", recipient.p);
	term_row(r->term, "Next", "%s config add backup.recipients %s", r->cli->prog, recipient.p);
	return 0;
}

CMD(occ_backup_keygen) = {
	.applet = "occ", .name = "backup keygen", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "make a pair of age keys to encrypt backups with",
	.about = "Backups are encrypted for the public key (backup.recipients), and only the secret key reads them: keep it away from this machine, or name its file in backup.identity, so that the "
		 "schedule can prove backups here. Without -o the secret key goes to standard output. It is what age-keygen makes, and `age -d -i FILE` reads the backups, too.",
	.examples = keygen_examples, .opts = keygen_opts, .opts_bytes = sizeof(struct keygen_opts), .run = backup_keygen_run,
};
