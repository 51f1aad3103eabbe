/*
 * tls_chain_test.c - long chains, RSA beside ECDSA, identities that cannot be served, records that come together, a reader that is slow
 */
#include "lib/tls/server.h"

#include "tests/unit/tls_kit.h"

#define NAMES_LONG 90
#define BIG_REPLY ((size_t)4 << 20)

static const char *const names[] = { "a.test" };

/* Names of n bytes each. */
static const char *const *
long_names(struct arena *a, size_t n)
{
	const char **v = arena_zero(a, NAMES_LONG * sizeof *v);

	for (size_t i = 0; i < NAMES_LONG; i++) {
		AUTO(buf) struct buf b = BUF_INIT(300);
		buf_printf(&b, "h%02zu", i);
		while (b.n + strlen(".a.test") < n)
			buf_puts(&b, b.n % 50 == 49 ? "." : "x");
		buf_puts(&b, ".a.test");
		v[i] = arena_str(a, buf_str(&b));
	}
	return v;
}

/* One client; its report and whether the server was content. */
static void
serve(struct tls_server *s, const char *words, size_t n_reply, const char *want)
{
	AUTO(buf) struct buf report = BUF_INIT(1000);
	struct tls_facts facts;
	struct err e = ERR_INIT;
	char name[256];

	tls_client_tell(words);
	AUTO(fd) int fd = tls_client_accept();
	T_CALL(tls_kit_serve(s, fd, n_reply, &facts, name, &e));
	tls_client_report(&report);
	T_HAS(report.p, want);
}

static void
check_long_chain(struct arena *a)
{
	AUTO(tls_kit) struct tls_kit k = TLS_KIT_INIT;
	struct tls_server *s = NULL;
	struct err e = ERR_INIT;

	t_row("a chain of more than 6 KB");
	tls_kit_make(&k, long_names(a, 62), NAMES_LONG);
	const struct tls_identity id = tls_kit_identity(&k);
	T_OK(k.chain.n > 8192);		/* base64 of 6 KB */
	if (T_CALL(tls_server_new(&s, &id, 1, &e))) {
		const char *words = arena_printf(a, "ca=long.pem sni=%s", long_names(a, 62)[7]);
		tls_kit_file(a, "long.pem", buf_str(&k.ca));
		serve(s, words, 100, "TLSv1.3 ");
		serve(s, arena_printf(a, "%s max=1.2", words), 100, "TLSv1.2 ");
	}
	tls_server_free(s);
}

static void
check_too_long_chain(struct arena *a)
{
	AUTO(tls_kit) struct tls_kit k = TLS_KIT_INIT;
	AUTO(buf) struct buf twice = BUF_INIT(CERT_TEXT_MAX);
	struct tls_server *s = NULL;
	struct err e = ERR_INIT;

	t_row("a chain that no handshake has room for");
	tls_kit_make(&k, long_names(a, 130), NAMES_LONG);
	buf_putstr(&twice, buf_str(&k.chain));
	buf_putstr(&twice, buf_str(&k.chain));
	const struct tls_identity id = { .chain_pem = buf_str(&twice), .key_pem = buf_str(&k.key) };
	T_FAILS(tls_server_new(&s, &id, 1, &e), ERR_TLS);
	T_HAS(e.msg, "bytes, and a handshake has room for ");
}

/* Two texts of openssl's: a key, and a certificate signed with itself. */
static void
make_rsa(struct arena *a, const char *bits, struct buf *key, struct buf *chain)
{
	const char *path = arena_printf(a, "%s/rsa.pem", t_tmpdir());
	const char *const make_key[] = { "openssl", "genrsa", bits, NULL };
	const char *const make_cert[] = { "openssl", "req", "-x509", "-new", "-key", path, "-subj", "/CN=rsa.test", "-days", "2", "-addext",
		"subjectAltName=DNS:a.test", NULL };
	struct err e = ERR_INIT;
	int status = -1;

	T_CALL(spawn_run(make_key, STR_NULL, key, clock_due_ms(TLS_SOON_MS), &status, &e));
	T_EQ(status, 0);
	tls_kit_file(a, "rsa.pem", buf_str(key));
	T_CALL(spawn_run(make_cert, STR_NULL, chain, clock_due_ms(TLS_SOON_MS), &status, &e));
	T_EQ(status, 0);
}

static void
check_rsa(const struct tls_kit *k, struct arena *a)
{
	AUTO(buf) struct buf key = BUF_SECRET_INIT(CERT_TEXT_MAX);
	AUTO(buf) struct buf chain = BUF_INIT(CERT_TEXT_MAX);
	AUTO(buf) struct buf weak_key = BUF_SECRET_INIT(CERT_TEXT_MAX);
	AUTO(buf) struct buf weak = BUF_INIT(CERT_TEXT_MAX);
	struct tls_server *s = NULL;
	struct err e = ERR_INIT;

	t_row("RSA beside ECDSA: who knows only the one gets it");
	make_rsa(a, "2048", &key, &chain);
	const struct tls_identity ids[] = { tls_kit_identity(k), { .chain_pem = buf_str(&chain), .key_pem = buf_str(&key) } };
	if (T_CALL(tls_server_new(&s, ids, 2, &e))) {
		serve(s, "max=1.2 sni=a.test ciphers=ECDHE-RSA-AES128-GCM-SHA256", 100, "TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 ");
		serve(s, "max=1.2 sni=a.test ciphers=ECDHE-ECDSA-AES128-GCM-SHA256", 100, "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256 ");
		serve(s, "sni=a.test", 100, "TLSv1.3 ");
	}
	tls_server_free(s);
	t_row("RSA alone, TLS 1.3 and 1.2");
	if (T_CALL(tls_server_new(&s, &ids[1], 1, &e))) {
		serve(s, "", 100, "TLSv1.3 ");
		serve(s, "max=1.2", 100, "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 ");
		serve(s, "max=1.2 group=X25519", 100, "TLSv1.2 ");
		serve(s, "max=1.2 group=secp384r1", 100, "TLSv1.2 ");
	}
	tls_server_free(s);
	t_row("RSA that is too short");
	make_rsa(a, "1024", &weak_key, &weak);
	const struct tls_identity weak_id = { .chain_pem = buf_str(&weak), .key_pem = buf_str(&weak_key) };
	T_FAILS(tls_server_new(&s, &weak_id, 1, &e), ERR_TLS);
	T_HAS(e.msg, "an RSA key of 1024 bits is too short");
}

static void
check_refused(const struct tls_kit *k, const struct tls_kit *other)
{
	const struct tls_identity good = tls_kit_identity(k), ids[] = { good, { .chain_pem = good.chain_pem, .key_pem = buf_str(&other->key) } };
	struct tls_server *s = NULL;
	struct err e = ERR_INIT;

	t_row("a key that is another's, named by its place");
	T_FAILS(tls_server_new(&s, ids, 2, &e), ERR_TLS);
	T_HAS(e.msg, "certificate chain 2 of 2: the key does not belong");
	T_FAILS(tls_server_new(&s, &ids[1], 1, &e), ERR_TLS);
	T_OK(str_has_prefix(str_of(e.msg), "the key does not belong"));
	t_row("no identity, and too many");
	T_FAILS(tls_server_new(&s, ids, 0, &e), ERR_TLS);
	T_FAILS(tls_server_new(&s, ids, TLS_IDENTITIES_MAX + 1, &e), ERR_TLS);
	T_OK(s == NULL);
}

/* A session outlives the caller's count of its server. */
static void
check_count(const struct tls_kit *k)
{
	const struct tls_identity id = tls_kit_identity(k);
	struct tls_server *s = NULL, *fresh = NULL;
	struct tls_session *t = NULL;
	struct err e = ERR_INIT;
	int pair[2] = { -1, -1 };

	t_row("a server that is let go while it has a session");
	T_CALL(fd_socketpair(pair, &e));
	T_CALL(fd_nonblock(pair[0], &e));
	T_CALL(tls_server_new(&s, &id, 1, &e));
	T_CALL(tls_server_new(&fresh, &id, 1, &e));
	T_CALL(tls_session_new(&t, s, pair[0], &e));
	tls_server_inherit(fresh, s);
	tls_server_inherit(fresh, s);
	tls_server_free(s);
	T_EQ(tls_handshake(t, &e), TLS_AGAIN_READ);
	tls_session_free(t);
	tls_server_rotate(fresh, clock_now_ms() + TLS_TICKET_LIFE_S * INT64_C(1000));
	tls_server_free(fresh);
	tls_server_free(NULL);
	tls_session_free(NULL);
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	AUTO(tls_kit) struct tls_kit k = TLS_KIT_INIT;
	AUTO(tls_kit) struct tls_kit other = TLS_KIT_INIT;
	AUTO(arena) struct arena a = ARENA_INIT;
	struct tls_server *s = NULL;
	struct err e = ERR_INIT;

	t_row("identities");
	tls_kit_make(&k, names, ARRAY_LEN(names));
	tls_kit_make(&other, names, ARRAY_LEN(names));
	tls_client_open(&a);
	check_long_chain(&a);
	check_too_long_chain(&a);
	check_rsa(&k, &a);
	check_refused(&k, &other);
	check_count(&k);
	const struct tls_identity id = tls_kit_identity(&k);
	T_CALL(tls_server_new(&s, &id, 1, &e));
	t_row("a reply far larger than what the socket holds");
	serve(s, "", BIG_REPLY, arena_printf(&a, " %zu\n", BIG_REPLY));
	serve(s, "max=1.2", BIG_REPLY, arena_printf(&a, " %zu\n", BIG_REPLY));
	t_row("two records in one segment: the second waits inside");
	serve(s, "split", 10, "TLSv1.3 ");
	serve(s, "split max=1.2", 10, "TLSv1.2 ");
	tls_server_free(s);
	tls_client_close();
	return t_done();
}
