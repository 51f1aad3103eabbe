/*
 * cert_test.c - certificates made here, judged by openssl and read back; what is wrong with others
 */
#include "lib/tls/cert.h"

#include "tests/unit/tls_kit.h"

static const char *const names[] = { "a.test", "*.Preview.a.test", "203.0.113.7", "2001:db8::7" };

/* Runs openssl; its status, what it wrote in out. */
static int
openssl(struct arena *a, const char *words, struct buf *out)
{
	struct strlist argv = { .v = NULL };
	struct err e = ERR_INIT;
	struct str rest = str_of(words);
	int status = -1;

	strlist_add(a, &argv, "openssl");
	while (rest.n > 0)
		strlist_add(a, &argv, arena_str(a, str_cut(&rest, ' ')));
	T_CALL(spawn_run(argv.v, STR_NULL, out, clock_due_ms(TLS_SOON_MS), &status, &e));
	return status;
}

static void
check_text(const struct tls_kit *k, struct arena *a)
{
	AUTO(buf) struct buf ca = BUF_INIT(20000);
	AUTO(buf) struct buf leaf = BUF_INIT(20000);
	static const char *const of_ca[] = {
		"Subject: CN = test authority", "CA:TRUE, pathlen:0", "X509v3 Name Constraints: critical", "DNS:a.test", "DNS:preview.a.test", "DNS:localhost",
		"IP:203.0.113.7/255.255.255.255", "IP:127.0.0.0/255.0.0.0", "IP:2001:DB8:0:0:0:0:0:7/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF",
		"Certificate Sign, CRL Sign", "Subject Key Identifier", "Authority Key Identifier", "NIST CURVE: P-256", "ecdsa-with-SHA256",
	};
	static const char *const of_leaf[] = {
		"Issuer: CN = test authority", "CA:FALSE", "TLS Web Server Authentication", "DNS:a.test, DNS:*.preview.a.test, IP Address:203.0.113.7",
		"Digital Signature", "Subject Key Identifier", "Authority Key Identifier",
	};

	t_row("what openssl reads in the authority's certificate");
	T_EQ(openssl(a, arena_printf(a, "x509 -noout -text -in %s", tls_kit_file(a, "ca.pem", buf_str(&k->ca))), &ca), 0);
	for (size_t i = 0; i < ARRAY_LEN(of_ca); i++)
		T_HAS(ca.p, of_ca[i]);
	t_row("what openssl reads in the leaf");
	T_EQ(openssl(a, arena_printf(a, "x509 -noout -text -in %s", tls_kit_file(a, "leaf.pem", buf_str(&k->chain))), &leaf), 0);
	for (size_t i = 0; i < ARRAY_LEN(of_leaf); i++)
		T_HAS(leaf.p, of_leaf[i]);
}

static void
check_serials(const struct tls_kit *k, struct arena *a)
{
	AUTO(buf) struct buf out = BUF_INIT(1000);

	t_row("serials: 20 bytes, positive, each another");
	for (int i = 0; i < 2; i++)
		T_EQ(openssl(a, arena_printf(a, "x509 -noout -serial -in %s", tls_kit_file(a, "s.pem", i ? buf_str(&k->chain) : buf_str(&k->ca))), &out), 0);
	struct str rest = buf_str(&out), first = str_cut(&rest, '\n'), second = str_cut(&rest, '\n');
	T_EQ(first.n, strlen("serial=") + 40);
	T_EQ(second.n, first.n);
	T_OK(!str_eq(first, second));
	T_OK(first.p[7] >= '4' && first.p[7] <= '7');
}

/* What a client that trusts the authority makes of leaves with these names: inside and outside of what it may certify. */
static void
check_constraints(const struct tls_kit *k, struct arena *a)
{
	static const struct {
		const char *name;
		bool is_inside;
	} rows[] = {
		{ "a.test", true }, { "deep.er.a.test", true }, { "*.preview.a.test", true }, { "localhost", true }, { "203.0.113.7", true },
		{ "127.0.0.1", true }, { "127.9.9.9", true }, { "::1", true }, { "2001:db8::7", true },
		{ "b.test", false }, { "test", false }, { "xa.test", false }, { "203.0.113.8", false }, { "128.0.0.1", false }, { "::2", false },
		{ "2001:db8::8", false }, { "www.google.com", false },
	};
	const char *ca = tls_kit_file(a, "ca.pem", buf_str(&k->ca));

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(buf) struct buf leaf = BUF_INIT(CERT_TEXT_MAX);
		AUTO(buf) struct buf out = BUF_INIT(10000);
		const struct cert_names one = { .v = &rows[i].name, .n = 1 };
		struct err e = ERR_INIT;

		t_row("openssl verify: %s", rows[i].name);
		T_CALL(cert_leaf_new(buf_str(&k->key), buf_str(&k->ca), buf_str(&k->ca_key), &one, clock_epoch_s(), 1, &leaf, &e));
		const char *path = tls_kit_file(a, "one.pem", buf_str(&leaf));
		int status = openssl(a, arena_printf(a, "verify -x509_strict -purpose sslserver -CAfile %s %s", ca, path), &out);
		T_OK((status == 0) == rows[i].is_inside);
		T_CALL(cert_check_pair(buf_str(&leaf), buf_str(&k->key), clock_epoch_s(), &e));
		T_OK(!cert_is_trusted(buf_str(&leaf), "/nonexistent"));
	}
}

static void
check_facts(const struct tls_kit *k, int64_t now)
{
	static const struct {
		const char *name;
		bool is_covered;
	} rows[] = {
		{ "a.test", true }, { "A.TEST", true }, { "a.test.", true }, { "x.preview.a.test", true }, { "X.preview.A.test", true }, { "203.0.113.7", true },
		{ "2001:DB8:0::7", true }, { "x.y.preview.a.test", false }, { "preview.a.test", false }, { ".preview.a.test", false }, { "b.test", false },
		{ "x.a.test", false }, { "203.0.113.8", false }, { "", false }, { "a.test..", false }, { "127.0.0.1", false }, { "203.0.113.7.", false },
		{ "[2001:db8::7]", false }, { "*.preview.a.test", true },
	};
	static struct cert_facts f;
	struct err e = ERR_INIT;

	t_row("facts of the authority");
	T_CALL(cert_read(buf_str(&k->ca), &f, &e));
	T_STR(f.subject, "CN=test authority");
	T_STR(f.issuer, "CN=test authority");
	T_OK(f.is_ca && f.is_self_signed && f.n_names == 0 && f.n_chain == 1);
	T_EQ(f.until_epoch_s - f.from_epoch_s, (int64_t)CERT_CA_DAYS * 86400 + 3600);
	t_row("facts of the leaf");
	T_CALL(cert_read(buf_str(&k->chain), &f, &e));
	T_STR(f.subject, "CN=opencode-cloud server");
	T_STR(f.issuer, "CN=test authority");
	T_OK(!f.is_ca && !f.is_self_signed && f.n_names == 4);
	T_STR(f.names[1], "*.preview.a.test");
	T_STR(f.names[2], "203.0.113.7");
	T_STR(f.names[3], "2001:db8::7");
	T_OK(f.from_epoch_s <= now - 3600 + 60 && f.from_epoch_s >= now - 3600 - 60);
	T_EQ(f.until_epoch_s - f.from_epoch_s, (int64_t)CERT_LEAF_DAYS * 86400 + 3600);
	T_EQ(strlen(f.sha256), 32 * 3 - 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("covers \"%s\"", rows[i].name);
		T_EQ(cert_covers(&f, rows[i].name), rows[i].is_covered);
	}
}

/* --- what is wrong, each with its own sentence ----------------------------------------------------------------------- */

static void
wrong(const char *row, struct str chain, struct str key, int64_t now, const char *want)
{
	struct err e = ERR_INIT;

	t_row("wrong: %s", row);
	T_FAILS(cert_check_pair(chain, key, now, &e), ERR_TLS);
	T_HAS(e.msg, want);
}

static struct str
joined(struct buf *b, const struct buf *first, const struct buf *second)
{
	buf_reset(b);
	buf_putstr(b, buf_str(first));
	buf_putstr(b, buf_str(second));
	return buf_str(b);
}

static void
check_wrong(const struct tls_kit *k, const struct tls_kit *other, struct arena *a, int64_t now)
{
	AUTO(buf) struct buf both = BUF_INIT(CERT_TEXT_MAX);
	AUTO(buf) struct buf locked = BUF_INIT(CERT_TEXT_MAX);
	struct str chain = buf_str(&k->chain), key = buf_str(&k->key);
	const int64_t day = 86400;
	struct err e = ERR_INIT;

	t_row("right: the chain with its authority");
	T_CALL(cert_check_pair(joined(&both, &k->chain, &k->ca), key, now, &e));
	wrong("another's key", chain, buf_str(&other->key), now, "the key does not belong to the certificate for \"CN=opencode-cloud server\"");
	wrong("expired", chain, key, now + (CERT_LEAF_DAYS + 1) * day, "expired at 2");
	wrong("too early", chain, key, now - day, "is not valid before 2");
	wrong("the authority first", joined(&both, &k->ca, &k->chain), buf_str(&k->ca_key), now, "out of order: certificate 1 (\"CN=test authority\")");
	wrong("a leaf twice", joined(&both, &k->chain, &k->chain), key, now, "out of order");
	wrong("another authority of the same name", joined(&both, &k->chain, &other->ca), key, now, "is not signed with the key of certificate 2");
	wrong("no PEM", STR_LIT("hello"), key, now, "not PEM: no \"-----BEGIN CERTIFICATE-----\"");
	wrong("nothing", STR_NULL, key, now, "not PEM");
	wrong("DER", STR_LIT("0\x82\0\1"), key, now, "not PEM");
	wrong("a key in place of the chain", key, key, now, "not PEM: no \"-----BEGIN CERTIFICATE-----\"");
	wrong("a chain in place of the key", chain, chain, now, "not PEM: no \"-----BEGIN PRIVATE KEY-----\"");
	wrong("cut certificate", str_take(chain, chain.n - 40), key, now, "certificate 1 does not parse");
	wrong("cut key", chain, str_take(key, key.n - 40), now, "the key does not parse");
	T_EQ(openssl(a, arena_printf(a, "pkey -aes128 -passout pass:x -in %s", tls_kit_file(a, "key.pem", key)), &locked), 0);
	wrong("a key with a passphrase", chain, buf_str(&locked), now, "the key is encrypted");
	buf_reset(&locked);
	T_EQ(openssl(a, "genpkey -algorithm ed25519", &locked), 0);
	wrong("Ed25519", chain, buf_str(&locked), now, "RSA and ECDSA with P-256 or P-384 are supported");
}

static void
check_makers(const struct tls_kit *k, int64_t now)
{
	static const char *const bad[] = { "", "a b.test", "-a.test", "a-.test", "a..test", ".a.test", "*", "*.", "x.*.test", "a.test/", "a:1", "\xc3\xa4.test" };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO(buf) struct buf out = BUF_INIT(CERT_TEXT_MAX);
		const struct cert_names one = { .v = &bad[i], .n = 1 };

		t_row("no name: \"%s\"", bad[i]);
		T_FAILS(cert_ca_new(buf_str(&k->ca_key), "x", &one, now, &out, &e), ERR_TLS);
		T_HAS(e.msg, "neither a host name nor an address");
		T_FAILS(cert_leaf_new(buf_str(&k->key), buf_str(&k->ca), buf_str(&k->ca_key), &one, now, 1, &out, &e), ERR_TLS);
		T_EQ(out.n, 0);
	}
	AUTO(buf) struct buf out = BUF_INIT(CERT_TEXT_MAX);
	static struct cert_facts f;
	const struct cert_names all = { .v = names, .n = ARRAY_LEN(names) }, none = { .n = 0 };
	t_row("an authority's name with what has a meaning in it");
	T_CALL(cert_ca_new(buf_str(&k->ca_key), "a=b, \"c\"+#<d>; \xc3\xa4\\", &all, now, &out, &e));
	T_CALL(cert_read(buf_str(&out), &f, &e));
	T_HAS(f.subject, "CN=a\\=b\\, \\\"c\\\"\\+#\\<d\\>\\; ");
	t_row("its leaf still names it as its issuer");
	AUTO(buf) struct buf leaf = BUF_INIT(CERT_TEXT_MAX);
	T_CALL(cert_leaf_new(buf_str(&k->key), buf_str(&out), buf_str(&k->ca_key), &all, now, 1, &leaf, &e));
	buf_putstr(&leaf, buf_str(&out));
	T_CALL(cert_check_pair(buf_str(&leaf), buf_str(&k->key), now, &e));
	t_row("what is asked for has its limits");
	T_FAILS(cert_ca_new(buf_str(&k->ca_key), "x", &none, now, &out, &e), ERR_TLS);
	T_FAILS(cert_ca_new(buf_str(&k->ca_key), "", &all, now, &out, &e), ERR_TLS);
	T_FAILS(cert_leaf_new(buf_str(&k->key), buf_str(&k->ca), buf_str(&k->ca_key), &all, now, CERT_LEAF_DAYS + 1, &out, &e), ERR_TLS);
	T_FAILS(cert_leaf_new(buf_str(&k->key), buf_str(&k->ca), buf_str(&k->key), &all, now, 1, &out, &e), ERR_TLS);
	T_HAS(e.msg, "authority: the key does not belong");
}

int
main(void)
{
	AUTO(tls_kit) struct tls_kit k = TLS_KIT_INIT;
	AUTO(tls_kit) struct tls_kit other = TLS_KIT_INIT;
	AUTO(arena) struct arena a = ARENA_INIT;
	int64_t now = clock_epoch_s();

	t_row("made");
	tls_kit_make(&k, names, ARRAY_LEN(names));
	tls_kit_make(&other, names, ARRAY_LEN(names));
	check_text(&k, &a);
	check_serials(&k, &a);
	check_constraints(&k, &a);
	check_facts(&k, now);
	check_wrong(&k, &other, &a, now);
	check_makers(&k, now);
	return t_done();
}
