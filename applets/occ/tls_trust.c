/* occ tls trust: the local authority into the trust store of this machine, or how to do it elsewhere */
#include <unistd.h>

#include "applets/occ/tls.h"
#include "applets/occ/trust.h"
#include "lib/base/clock.h"
#include "lib/base/path.h"
#include "lib/proc/spawn.h"

#define RUN_MS 120000
#define FILE_MODE 0644
#define OUTPUT_MAX 65536

struct tls_trust_opts {
	bool install, remove;
};

static const struct opt tls_trust_opts[] = {
	FLAG(struct tls_trust_opts, install, 0, "install", "trust it on this machine"),
	FLAG(struct tls_trust_opts, remove, 0, "remove", "trust it on this machine no more"),
	OPT_LAST
};

static int
run_words(struct run *r, const char *const *argv, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX), line = BUF_INIT(1024);
	int status;

	for (size_t i = 0; argv[i]; i++)
		buf_printf(&line, "%s%s", i ? " " : "", argv[i]);
	term_row(r->term, "Run", "%s", line.p);
	if (spawn_run(argv, STR_NULL, &out, clock_due_ms(RUN_MS), &status, e) < 0)
		return -1;
	return status == 0 ? 0 : err_set(e, ERR_FAIL, "%s: exit status %d", argv[0], status);
}

static int
no_store(const struct run *r, struct err *e)
{
	err_set(e, ERR_NOT_FOUND, "this system's trust store is not known");
	return err_note(e, "try", "%s tls trust   (how to do it by hand)", r->cli->prog);
}

static int
check_root(const struct run *r, const char *option, struct err *e)
{
	if (geteuid() == 0)
		return 0;
	err_set(e, ERR_PERM, "this machine's trust store is root's");
	return err_note(e, "try", "sudo %s tls trust %s   (with --user or --instance as now)", r->cli->prog, option);
}

static bool
is_there(const char *path, const struct buf *pem)
{
	AUTO(buf) struct buf now = BUF_INIT(CERT_TEXT_MAX);
	struct err ignored = ERR_INIT;

	return file_read(path, &now, &ignored) == 0 && str_eq(buf_str(&now), buf_str(pem));
}

static int
install(struct run *r, const struct tls *t, const struct trust_store *s, const struct buf *pem, struct err *e)
{
	const char *file = trust_file(r->arena, s, "", t->scope.instance);

	if (file && is_there(file, pem)) {
		term_row(r->term, "Trust", "nothing to do: %s is there already (%s)", file, s->system);
		return 0;
	}
	if (check_root(r, "--install", e) < 0)
		return -1;
	if (file) {
		term_row(r->term, "Copy", "%s to %s", path_tilde(r->arena, t->paths.ca_cert, t->scope.home), file);
		if (file_save(file, buf_str(pem), FILE_MODE, e) < 0)
			return -1;
	}
	if (run_words(r, trust_argv(r->arena, s->add, t->paths.ca_cert), e) < 0)
		return -1;
	term_row(r->term, "Trust", "this machine's programs trust it (%s); Firefox and Chromium have stores of their own: %s tls trust", s->system, r->cli->prog);
	return 0;
}

static int
take_away(struct run *r, const struct tls *t, const struct trust_store *s, struct err *e)
{
	const char *file = trust_file(r->arena, s, "", t->scope.instance);

	if (file && !file_exists(file)) {
		term_row(r->term, "Trust", "nothing to do: there is no %s", file);
		return 0;
	}
	if (check_root(r, "--remove", e) < 0)
		return -1;
	if (file) {
		term_row(r->term, "Remove", "%s", file);
		if (file_remove(file, e) < 0)
			return -1;
	}
	return run_words(r, trust_argv(r->arena, s->remove, t->paths.ca_cert), e);
}

static int
tls_trust_run(struct run *r, struct err *e)
{
	const struct tls_trust_opts *o = r->opts;
	AUTO(buf) struct buf pem = BUF_INIT(CERT_TEXT_MAX), out = BUF_INIT(OCC_TEXT_MAX);
	const struct trust_store *s = o->install || o->remove ? trust_store_here(r->arena, "") : NULL;
	struct cert_facts *f = arena_zero(r->arena, sizeof *f);
	struct tls t;

	if (o->install && o->remove)
		return err_set(e, ERR_USAGE, "--install and --remove exclude each other");
	if (tls_open(r, &t, e) < 0)
		return -1;
	if ((o->install || o->remove) && !s)
		return no_store(r, e);
	if (o->remove)
		return take_away(r, &t, s, e);
	if (tls_authority(&t, &pem, e) < 0 || cert_read(buf_str(&pem), f, e) < 0)
		return -1;
	if (o->install)
		return install(r, &t, s, &pem, e);
	trust_put_manual(r->cli->prog, f->sha256, &out);
	return occ_put_text(r, &out, "text", e);
}

static const char *const tls_trust_examples[] = {
	"tls trust", "how to trust the local authority, on each kind of system",
	"tls trust --install", "on this machine; --remove takes it back",
	NULL
};

CMD(occ_tls_trust) = {
	.applet = "occ", .name = "tls trust", .group = "Access", .args = "", .args_max = 0,
	.brief = "trust the edge's local authority, or see how to",
	.about = "With edge.mode self-signed browsers warn until they trust the authority that the edge has made. It is limited to the names and addresses of this "
		 "deployment: whoever has its key can speak for nothing else.",
	.examples = tls_trust_examples,
	.opts = tls_trust_opts, .opts_bytes = sizeof(struct tls_trust_opts),
	.run = tls_trust_run,
};
