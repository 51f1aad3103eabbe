/*
 * remote.c - GET and POST over libcurl, its only user
 *
 * The multi interface, because it lets the wait see the person's Ctrl-C at once. What curl would take from its surroundings
 * unasked (a proxy in front of this very machine, other protocols, credentials in the URL) is switched off; netrc is off
 * unless asked for, and our build of curl has none.
 */
#include "lib/http/remote.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/net/addr.h"

#define REDIRECTS_MAX 5L
#define CONNECT_MAX_MS 15000
#define STALL_S 30L			/* less than a byte a second for so long: the peer is gone */
#define WAIT_SLICE_MS 1000

/* Debian and Alpine, Fedora, RHEL, openSUSE, OpenWrt and others, macOS and BSD. */
static const char *const ca_files[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/ca-bundle.pem",
	"/var/lib/ca-certificates/ca-bundle.pem",
	"/etc/ssl/cert.pem",
	"/usr/local/etc/openssl/cert.pem",
	NULL,
};

struct target {
	const char *origin;		/* scheme, host and port: for error texts */
	bool is_plain;			/* http */
	bool is_local;			/* this machine */
};

/* One transfer, freed together. */
struct transfer {
	CURLM *multi;
	CURL *easy;
	struct curl_slist *fields;
	struct buf *body;
	struct buf password;
	char why[CURL_ERROR_SIZE];
};

static void
transfer_auto(struct transfer *t)
{
	if (t->multi && t->easy)
		curl_multi_remove_handle(t->multi, t->easy);
	curl_easy_cleanup(t->easy);
	curl_multi_cleanup(t->multi);
	curl_slist_free_all(t->fields);
	buf_fini(&t->password);
	curl_global_cleanup();
}

const char *
remote_ca_file(struct arena *a)
{
	/* A name a person set counts even if it is wrong: silently trusting others instead would be worse. */
	const char *set = getenv("SSL_CERT_FILE");

	if (!set || !*set)
		set = getenv("CURL_CA_BUNDLE");
	if (set && *set)
		return arena_strdup(a, set);
	for (const char *const *file = ca_files; *file; file++)
		if (access(*file, R_OK) == 0)
			return *file;
	return NULL;
}

/* libcurl's write callback: fewer bytes taken than given end the transfer. */
static size_t
take(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;

	buf_put(t->body, p, size * n);
	return t->body->fault == BUF_OK ? size * n : 0;
}

static void
curlu_auto(CURLU **u)
{
	curl_url_cleanup(*u);
}

/* One part of a URL in the arena, or NULL. */
static const char *
part_of(struct arena *a, CURLU *u, CURLUPart part)
{
	char *text = NULL;
	const char *copy = curl_url_get(u, part, &text, CURLU_NO_DEFAULT_PORT) == CURLUE_OK ? arena_strdup(a, text) : NULL;

	curl_free(text);
	return copy;
}

/* What the URL says of the peer. Its path and query may hold a token: they never reach an error text. */
static int
read_url(struct arena *a, const char *url, struct target *ret, struct err *e)
{
	AUTO(curlu) CURLU *u = curl_url();
	CURLUcode code = u ? curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER) :
		CURLUE_OUT_OF_MEMORY;

	if (code == CURLUE_USER_NOT_ALLOWED)
		return err_set(e, ERR_REFUSED, "the URL holds credentials");
	if (code != CURLUE_OK)
		return err_set(e, ERR_USAGE, "malformed URL");
	const char *scheme = part_of(a, u, CURLUPART_SCHEME), *host = part_of(a, u, CURLUPART_HOST);
	const char *port = part_of(a, u, CURLUPART_PORT);
	if (!scheme || !host)
		return err_set(e, ERR_USAGE, "malformed URL");
	/* An IPv6 literal keeps its brackets here. */
	const char *plain = arena_str(a, str_trim_char(str_trim_char(str_of(host), '['), ']'));
	ret->origin = arena_printf(a, "%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "");
	ret->is_plain = strcmp(scheme, "http") == 0;
	ret->is_local = addr_scope_of(plain) == ADDR_LOOPBACK;
	return 0;
}

static long
clamp_ms(int64_t ms, int64_t max)
{
	return (long)(ms < 1 ? 1 : ms > max ? max : ms);
}

/* The first refusal, or CURLE_OK: option after option. */
static CURLcode
set_limits(struct transfer *t, bool is_http_ok, int64_t left_ms)
{
	const char *protocols = is_http_ok ? "http,https" : "https";
	CURL *c = t->easy;
	CURLcode code;

	/* Started on https it stays there: a redirect never takes the encryption away. */
	if ((code = curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols)) ||
	    (code = curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, protocols)) ||
	    (code = curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L)) ||
	    (code = curl_easy_setopt(c, CURLOPT_MAXREDIRS, REDIRECTS_MAX)) ||
	    (code = curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L)) ||
	    (code = curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, clamp_ms(left_ms, CONNECT_MAX_MS))) ||
	    (code = curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, clamp_ms(left_ms, INT_MAX))) ||
	    (code = curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L)) ||
	    (code = curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, STALL_S)))
		return code;
	return curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)(t->body->ceiling - t->body->n));
}

static CURLcode
set_identity(struct transfer *t, const struct remote_request *r, const struct target *at, const char *ca_file)
{
	CURL *c = t->easy;
	CURLcode code;

	if ((code = curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2)) ||
	    (ca_file && (code = curl_easy_setopt(c, CURLOPT_CAINFO, ca_file))) ||
	    (code = curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L)) ||
	    (code = curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L)) ||
	    (code = curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L)))
		return code;
	/* A proxy cannot reach this machine's own addresses, whatever NO_PROXY says. */
	if (at->is_local && (code = curl_easy_setopt(c, CURLOPT_PROXY, "")))
		return code;
	if (!r->user)
		return CURLE_OK;
	if ((code = curl_easy_setopt(c, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC)) ||
	    (code = curl_easy_setopt(c, CURLOPT_USERNAME, r->user)))
		return code;
	return curl_easy_setopt(c, CURLOPT_PASSWORD, t->password.p);
}

/* Without "Expect: 100-continue", which few receivers of small bodies know. */
static CURLcode
set_post(struct transfer *t, struct arena *a, const struct remote_request *r)
{
	struct curl_slist *type = curl_slist_append(NULL, arena_printf(a, "Content-Type: %s", r->content_type));
	CURL *c = t->easy;
	CURLcode code;

	t->fields = type ? curl_slist_append(type, "Expect:") : NULL;
	if (!t->fields) {
		curl_slist_free_all(type);
		return CURLE_OUT_OF_MEMORY;
	}
	if ((code = curl_easy_setopt(c, CURLOPT_POST, 1L)) ||
	    (code = curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->fields)) ||
	    (code = curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->post.n)) ||
	    (code = curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->post.p ? r->post.p : "")))
		return code;
	return curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
}

static CURLcode
set_up(struct transfer *t, const struct remote_request *r, const struct target *at, const char *ca_file, int64_t left_ms)
{
	CURL *c = t->easy;
	CURLcode code;

	if ((code = curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->why)) ||
	    (code = curl_easy_setopt(c, CURLOPT_URL, r->url)) ||
	    (code = curl_easy_setopt(c, CURLOPT_USERAGENT, "opencode-cloud")) ||
	    (code = curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take)) ||
	    (code = curl_easy_setopt(c, CURLOPT_WRITEDATA, t)) ||
	    (code = set_limits(t, r->allow_http && at->is_plain, left_ms)))
		return code;
	return set_identity(t, r, at, ca_file);
}

static enum err_code
code_of(CURLcode code)
{
	static const struct {
		CURLcode curl;
		enum err_code ours;
	} rows[] = {
		{ CURLE_PEER_FAILED_VERIFICATION, ERR_TLS }, { CURLE_SSL_CONNECT_ERROR, ERR_TLS },
		{ CURLE_SSL_CACERT_BADFILE, ERR_TLS }, { CURLE_SSL_CERTPROBLEM, ERR_TLS }, { CURLE_SSL_CIPHER, ERR_TLS },
		{ CURLE_SSL_ISSUER_ERROR, ERR_TLS }, { CURLE_SSL_INVALIDCERTSTATUS, ERR_TLS },
		{ CURLE_OPERATION_TIMEDOUT, ERR_TIMEOUT },
		{ CURLE_COULDNT_RESOLVE_HOST, ERR_ENGINE }, { CURLE_COULDNT_RESOLVE_PROXY, ERR_ENGINE },
		{ CURLE_COULDNT_CONNECT, ERR_ENGINE }, { CURLE_GOT_NOTHING, ERR_ENGINE }, { CURLE_RECV_ERROR, ERR_ENGINE },
		{ CURLE_SEND_ERROR, ERR_ENGINE }, { CURLE_PARTIAL_FILE, ERR_ENGINE }, { CURLE_PROXY, ERR_ENGINE },
		{ CURLE_UNSUPPORTED_PROTOCOL, ERR_REFUSED }, { CURLE_LOGIN_DENIED, ERR_REFUSED },
		{ CURLE_URL_MALFORMAT, ERR_USAGE },
		{ CURLE_FILESIZE_EXCEEDED, ERR_TOO_BIG },
		{ CURLE_WEIRD_SERVER_REPLY, ERR_PARSE },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].curl == code)
			return rows[i].ours;
	return ERR_FAIL;
}

/* curl's own sentence where it left one. It may quote the peer: one line, no control bytes. */
static int
fail(struct transfer *t, CURLcode code, struct err *e)
{
	if (t->body->fault != BUF_OK)
		return buf_check(t->body, "the answer", e);
	for (char *p = t->why; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = ' ';
	return err_set(e, code_of(code), "%s", t->why[0] ? t->why : curl_easy_strerror(code));
}

/* 1 and the transfer's result when it is over, 0 while it runs. */
static int
is_over(struct transfer *t, CURLcode *ret_code)
{
	int left;
	CURLMsg *m;

	while ((m = curl_multi_info_read(t->multi, &left)) != NULL) {
		if (m->msg == CURLMSG_DONE) {
			*ret_code = m->data.result;
			return 1;
		}
	}
	return 0;
}

/* curl's own timeouts end the transfer; this loop adds only the look at cancellation. */
static int
perform(struct transfer *t, struct err *e)
{
	CURLcode code = CURLE_OK;
	int running;

	for (;;) {
		struct curl_waitfd cancel = { .fd = cancel_fd(), .events = CURL_WAIT_POLLIN };
		CURLMcode m = curl_multi_perform(t->multi, &running);

		if (is_over(t, &code))
			return code == CURLE_OK ? 0 : fail(t, code, e);
		if (m == CURLM_OK)
			m = curl_multi_poll(t->multi, &cancel, cancel.fd >= 0, WAIT_SLICE_MS, NULL);
		if (m != CURLM_OK)
			return err_set(e, ERR_FAIL, "%s", curl_multi_strerror(m));
		if (cancel_check(e) < 0)
			return -1;
	}
}

static int
start(struct transfer *t, struct arena *a, const struct remote_request *r, const struct target *at, const char *ca_file, struct err *e)
{
	int64_t left_ms = r->due_ms == CLOCK_NEVER ? INT_MAX : r->due_ms - clock_now_ms();

	if (left_ms <= 0)
		return err_set(e, ERR_TIMEOUT, "timed out");
	if (!ca_file && !(r->allow_http && at->is_plain)) {
		err_set(e, ERR_TLS, "no certificate bundle found on this machine");
		return err_note(e, "try", "install ca-certificates, or name a bundle in SSL_CERT_FILE");
	}
	buf_putstr(&t->password, r->password);
	if (buf_check(&t->password, "the password", e) < 0)
		return -1;
	if (strlen(t->password.p) != r->password.n)
		return err_set(e, ERR_USAGE, "the password holds a NUL byte");
	t->easy = curl_easy_init();
	t->multi = curl_multi_init();
	if (!t->easy || !t->multi)
		return err_set(e, ERR_FAIL, "libcurl cannot start");
	CURLcode code = set_up(t, r, at, ca_file, left_ms);
	if (code == CURLE_OK && r->content_type)
		code = set_post(t, a, r);
	if (code != CURLE_OK)
		return fail(t, code, e);
	if (curl_multi_add_handle(t->multi, t->easy) != CURLM_OK)
		return err_set(e, ERR_FAIL, "libcurl cannot start");
	return 0;
}

static int
exchange(struct arena *a, const struct remote_request *r, const char *verb, struct buf *body, struct remote_answer *ret, struct err *e)
{
	const char *ca_file = remote_ca_file(a);
	struct target at = { .origin = NULL };
	long status = 0;

	if (read_url(a, r->url, &at, e) < 0)
		return -1;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, ERR_FAIL, "libcurl cannot start");
	AUTO(transfer) struct transfer t = { .body = body, .password = BUF_SECRET_INIT(r->password.n) };
	if (start(&t, a, r, &at, ca_file, e) < 0 || perform(&t, e) < 0)
		return err_wrap(e, "%s %s", verb, at.origin);
	if (curl_easy_getinfo(t.easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
		return err_set(e, ERR_FAIL, "%s %s: no status", verb, at.origin);
	*ret = (struct remote_answer){ .status = (int)status, .ca_file = ca_file };
	return 0;
}

int
remote_get(struct arena *a, const struct remote_request *r, struct buf *body, struct remote_answer *ret, struct err *e)
{
	struct remote_request get = *r;

	get.content_type = NULL;
	return exchange(a, &get, "get", body, ret, e);
}

int
remote_post(struct arena *a, const struct remote_request *r, struct buf *body, struct remote_answer *ret, struct err *e)
{
	struct remote_request post = *r;

	if (!post.content_type)
		post.content_type = "application/octet-stream";
	return exchange(a, &post, "post to", body, ret, e);
}
