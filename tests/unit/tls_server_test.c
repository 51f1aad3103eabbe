/*
 * tls_server_test.c - TLS with OpenSSL's client at the other end: versions, suites, names, tickets, faults of the socket, memory
 */
/* ldflags: -Wl,--wrap=recv,--wrap=send,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free */
#include "lib/tls/server.h"

#include <errno.h>
#include <malloc.h>
#include <sys/socket.h>

#include "tests/unit/tls_kit.h"

#define REPLY_BYTES 100000
#define SESSION_BYTES_MAX ((size_t)35 << 10)	/* 40 KiB a connection, less what the proxy needs for itself */

/* --- faults of the socket ------------------------------------------------------------------------------------------- */

ssize_t __real_recv(int fd, void *p, size_t n, int flags);
ssize_t __real_send(int fd, const void *p, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *p, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *p, size_t n, int flags);

static struct {
	size_t n_recv, n_send;		/* bytes at once; 0: as asked for */
	unsigned again, intr;		/* every so many calls; 0: never */
	unsigned calls;
	bool has_raised_sigpipe_flag;	/* a send without MSG_NOSIGNAL */
} fault;

static bool
is_faulty(void)
{
	fault.calls++;
	if (fault.intr && fault.calls % fault.intr == 0) {
		errno = EINTR;
		return true;
	}
	if (fault.again && fault.calls % fault.again == 0) {
		errno = EAGAIN;
		return true;
	}
	return false;
}

ssize_t
__wrap_recv(int fd, void *p, size_t n, int flags)
{
	if (is_faulty())
		return -1;
	return __real_recv(fd, p, fault.n_recv && fault.n_recv < n ? fault.n_recv : n, flags);
}

ssize_t
__wrap_send(int fd, const void *p, size_t n, int flags)
{
	if (!(flags & MSG_NOSIGNAL))
		fault.has_raised_sigpipe_flag = true;
	if (is_faulty())
		return -1;
	return __real_send(fd, p, fault.n_send && fault.n_send < n ? fault.n_send : n, flags);
}

/* --- memory in use ---------------------------------------------------------------------------------------------------- */

void *__real_malloc(size_t n);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t each);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static size_t in_use, most_in_use;

static void *
counted(void *p)
{
	in_use += p ? malloc_usable_size(p) : 0;
	most_in_use = in_use > most_in_use ? in_use : most_in_use;
	return p;
}

static void
uncounted(void *p)
{
	in_use -= p ? malloc_usable_size(p) : 0;
}

void *
__wrap_malloc(size_t n)
{
	return counted(__real_malloc(n));
}

void *
__wrap_calloc(size_t n, size_t each)
{
	/* musl's own would come by __wrap_malloc and be counted twice. */
	void *p = counted(__real_malloc(n * each));

	return p ? memset(p, 0, n * each) : p;
}

void *
__wrap_realloc(void *p, size_t n)
{
	uncounted(p);
	return counted(__real_realloc(p, n));
}

void
__wrap_free(void *p)
{
	uncounted(p);
	__real_free(p);
}

/* --- what is agreed on ------------------------------------------------------------------------------------------------ */

#define NAMES_A "a.test", "*.preview.a.test", "127.0.0.1"
static const char *const names_a[] = { NAMES_A };
static const char *const names_b[] = { "b.test", "::1" };

/* In TLS 1.3 the client's order of suites counts, in 1.2 ours. `want` is the client's report; `name` what the server heard. */
static const struct {
	const char *client, *want, *name;
} agreed[] = {
	{ "", "TLSv1.3 TLS_AES_256_GCM_SHA384 - full - 100000\n", "" },
	{ "max=1.2", "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384 - full - 100000\n", "" },
	{ "max=1.2 ciphers=ECDHE-ECDSA-AES128-GCM-SHA256", "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256 - full - 100000\n", "" },
	{ "max=1.2 ciphers=ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384 - full - 100000\n", "" },
	{ "alpn=h2,http/1.1", "TLSv1.3 TLS_AES_256_GCM_SHA384 http/1.1 full - 100000\n", "" },
	{ "max=1.2 alpn=http/1.1", "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384 http/1.1 full - 100000\n", "" },
	{ "group=X25519", "TLSv1.3 TLS_AES_256_GCM_SHA384 - full - 100000\n", "" },
	{ "group=prime256v1", "TLSv1.3 TLS_AES_256_GCM_SHA384 - full - 100000\n", "" },
	{ "group=secp384r1", "TLSv1.3 TLS_AES_256_GCM_SHA384 - full - 100000\n", "" },
	{ "sni=a.test ca=a", "TLSv1.3 TLS_AES_256_GCM_SHA384 - full opencode-cloud_server 100000\n", "a.test" },
	{ "sni=3000.preview.a.test ca=a", "TLSv1.3 TLS_AES_256_GCM_SHA384 - full opencode-cloud_server 100000\n", "3000.preview.a.test" },
	{ "sni=b.test ca=b", "TLSv1.3 TLS_AES_256_GCM_SHA384 - full opencode-cloud_server 100000\n", "b.test" },
	{ "sni=B.TEST ca=b max=1.2", "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384 - full opencode-cloud_server 100000\n", "B.TEST" },
	{ "sni=elsewhere.test", "TLSv1.3 TLS_AES_256_GCM_SHA384 - full - 100000\n", "elsewhere.test" },
	{ "ca=a", "TLSv1.3 TLS_AES_256_GCM_SHA384 - full opencode-cloud_server 100000\n", "" },
	{ "drip", "TLSv1.3 TLS_AES_256_GCM_SHA384 - full - 100000\n", "" },
	{ "drip max=1.2", "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384 - full - 100000\n", "" },
};

/* What the client says of a refusal is OpenSSL's word; ours is the code. */
static const struct {
	const char *client, *want;
} refused[] = {
	{ "alpn=h2", "no application protocol" },
	{ "max=1.2 ciphers=ECDHE-ECDSA-AES128-SHA", "refused: SSLV3_ALERT_HANDSHAKE_FAILURE" },
	{ "max=1.2 ciphers=ECDHE-ECDSA-AES256-SHA384", "refused: SSLV3_ALERT_HANDSHAKE_FAILURE" },
	{ "max=1.2 ciphers=AES128-GCM-SHA256", "refused: SSLV3_ALERT_HANDSHAKE_FAILURE" },
	{ "max=1.2 ciphers=ECDHE-RSA-AES128-GCM-SHA256", "refused: SSLV3_ALERT_HANDSHAKE_FAILURE" },
	/* RFC 8422 section 5.1: the certificate's own curve has to be among them. */
	{ "max=1.2 group=X25519", "refused: SSLV3_ALERT_HANDSHAKE_FAILURE" },
	{ "group=secp521r1", "refused: SSLV3_ALERT_HANDSHAKE_FAILURE" },
	{ "ca=b sni=a.test", "refused: CERTIFICATE_VERIFY_FAILED" },
};

static void
check_agreed(struct tls_server *s, size_t i)
{
	AUTO(buf) struct buf report = BUF_INIT(1000);
	struct tls_facts facts = { .version = "" };
	struct err e = ERR_INIT;
	char name[256];

	tls_client_tell(agreed[i].client);
	AUTO(fd) int fd = tls_client_accept();
	T_CALL(tls_kit_serve(s, fd, REPLY_BYTES, &facts, name, &e));
	tls_client_report(&report);
	T_STR(report.p, agreed[i].want);
	T_STR(name, agreed[i].name);
	T_OK(!facts.is_resumed && str_has_prefix(str_of(agreed[i].want), facts.version));
}

static void
check_refused(struct tls_server *s, size_t i)
{
	AUTO(buf) struct buf report = BUF_INIT(1000);
	struct tls_facts facts;
	struct err e = ERR_INIT;
	char name[256];

	t_row("refused: %s", refused[i].client);
	tls_client_tell(refused[i].client);
	int fd = tls_client_accept();
	T_FAILS(tls_kit_serve(s, fd, 10, &facts, name, &e), ERR_TLS);
	close(fd);
	tls_client_report(&report);
	T_HAS(report.p, refused[i].want);
}

static void
check_faults(struct tls_server *s)
{
	static const struct {
		const char *name;
		size_t n_recv, n_send;
		unsigned again, intr;
	} rows[] = {
		{ "one byte a read", 1, 0, 0, 0 }, { "short writes", 0, 97, 0, 0 }, { "every second call EAGAIN", 0, 0, 2, 0 },
		{ "every third call EINTR", 0, 0, 0, 3 }, { "all of it", 1, 97, 3, 2 },
	};

	for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
		for (size_t i = 0; i < 2; i++) {
			t_row("%s: %s", rows[k].name, i ? "TLS 1.2" : "TLS 1.3");
			fault = (__typeof__(fault)){ .n_recv = rows[k].n_recv, .n_send = rows[k].n_send, .again = rows[k].again, .intr = rows[k].intr };
			check_agreed(s, i);
			T_OK(!fault.has_raised_sigpipe_flag);
		}
	}
	fault = (__typeof__(fault)){ .calls = 0 };
}

/* --- tickets ---------------------------------------------------------------------------------------------------------- */

enum between { NOTHING, ROTATED, ROTATED_TWICE, INHERITED, STRANGER };

static void
check_tickets(struct tls_server *first, const struct tls_identity *id, const char *words, enum between what, bool is_resumed)
{
	AUTO(buf) struct buf report = BUF_INIT(1000);
	struct tls_server *second = NULL;
	struct tls_facts facts;
	struct err e = ERR_INIT;
	char name[256];
	static int64_t later_ms;

	tls_client_tell(words);
	int fd = tls_client_accept();
	T_CALL(tls_kit_serve(first, fd, 10, &facts, name, &e));
	T_OK(!facts.is_resumed);
	close(fd);
	later_ms = later_ms ? later_ms : clock_now_ms();
	for (int i = what == ROTATED ? 1 : what == ROTATED_TWICE ? 2 : 0; i > 0; i--)
		tls_server_rotate(first, later_ms += TLS_TICKET_LIFE_S * INT64_C(1000) / 2);
	if (what == INHERITED || what == STRANGER)
		T_CALL(tls_server_new(&second, id, 1, &e));
	if (what == INHERITED)
		tls_server_inherit(second, first);
	AUTO(fd) int again = tls_client_accept();
	T_CALL(tls_kit_serve(second ? second : first, again, 10, &facts, name, &e));
	T_EQ(facts.is_resumed, is_resumed);
	tls_client_report(&report);
	T_HAS(report.p, is_resumed ? " resumed " : " full ");
	tls_server_free(second);
}

static void
check_all_tickets(struct tls_server *s, const struct tls_identity *id)
{
	static const struct {
		const char *name;
		enum between what;
		bool is_resumed;
	} rows[] = {
		{ "at once", NOTHING, true }, { "after a rotation", ROTATED, true }, { "after two rotations", ROTATED_TWICE, false },
		{ "after a reload", INHERITED, true }, { "at a server without the keys", STRANGER, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("TLS 1.3 ticket %s", rows[i].name);
		check_tickets(s, id, "twice sni=a.test", rows[i].what, rows[i].is_resumed);
		t_row("TLS 1.2 ticket %s", rows[i].name);
		check_tickets(s, id, "twice sni=a.test max=1.2", rows[i].what, rows[i].is_resumed);
	}
}

/* --- memory ----------------------------------------------------------------------------------------------------------- */

static void
check_memory(struct tls_server *s, const char *words)
{
	AUTO(buf) struct buf report = BUF_INIT(1000);
	struct tls_session *t;
	struct err e = ERR_INIT;
	char bytes[16];
	size_t before;
	ssize_t n;

	t_row("memory of an idle session: %s", words);
	tls_client_tell(words);
	AUTO(fd) int fd = tls_client_accept();
	before = most_in_use = in_use;
	T_CALL(tls_session_new(&t, s, fd, &e));
	do
		n = tls_handshake(t, &e);
	while (tls_kit_again(fd, n));
	T_EQ(n, 0);
	do
		n = tls_read(t, bytes, sizeof bytes, &e);
	while (tls_kit_again(fd, n));
	T_EQ(n, 5);
	T_EQ(tls_read(t, bytes, sizeof bytes, &e), TLS_AGAIN_READ);
	T_OK(!tls_has_pending(t));
	printf("# %s: %zu bytes idle, %zu at most during the handshake\n", words, in_use - before, most_in_use - before);
	T_OK(in_use - before <= SESSION_BYTES_MAX);
	T_CALL(tls_bye(t, &e));
	tls_session_free(t);
	tls_client_report(&report);
}

int
main(void)
{
	AUTO(tls_kit) struct tls_kit ka = TLS_KIT_INIT;
	AUTO(tls_kit) struct tls_kit kb = TLS_KIT_INIT;
	AUTO(arena) struct arena a = ARENA_INIT;
	struct tls_server *s = NULL;
	struct err e = ERR_INIT;

	t_row("identities");
	tls_kit_make(&ka, names_a, ARRAY_LEN(names_a));
	tls_kit_make(&kb, names_b, ARRAY_LEN(names_b));
	tls_kit_file(&a, "a", buf_str(&ka.ca));
	tls_kit_file(&a, "b", buf_str(&kb.ca));
	const struct tls_identity ids[] = { tls_kit_identity(&ka), tls_kit_identity(&kb) };
	if (!T_CALL(tls_server_new(&s, ids, ARRAY_LEN(ids), &e)))
		return t_done();
	tls_client_open(&a);
	for (size_t i = 0; i < ARRAY_LEN(agreed); i++) {
		t_row("agreed: %s", agreed[i].client);
		check_agreed(s, i);
	}
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		check_refused(s, i);
	check_faults(s);
	check_all_tickets(s, &ids[0]);
	check_memory(s, "max=1.3");
	check_memory(s, "max=1.2");
	tls_server_free(s);
	tls_client_close();
	return t_done();
}
