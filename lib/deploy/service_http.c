/* service_http.c - talking to opencode from where we stand: the published port, or inside the container of a remote engine */
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/deploy/edge.h"
#include "lib/deploy/service.h"
#include "lib/deploy/vantage.h"
#include "lib/engine/exec.h"
#include "lib/net/addr.h"

#define REQUEST_BYTES_MAX 65536

/* The engine's view of opencode's published port: NetworkSettings while it runs, HostConfig always. */
static const struct json *
binding_of(const struct container *c)
{
	const struct json *live = json_get(json_path(c->raw, "NetworkSettings.Ports"), VANTAGE_PORT_KEY);
	const struct json *b = json_at(live, 0);

	return b ? b : json_at(json_get(json_path(c->raw, "HostConfig.PortBindings"), VANTAGE_PORT_KEY), 0);
}

int
vantage_address(struct service *s, const struct container *c, const char **ret_host, unsigned *ret_port, struct err *e)
{
	const struct json *b = binding_of(c);
	const char *host = json_str(json_get(b, "HostIp"), "");
	uint64_t port;

	if (!b || num_u64(str_of(json_str(json_get(b, "HostPort"), "")), 1, 65535, &port, e) < 0) {
		err_set(e, ERR_NOT_RUNNING, "%s publishes no port", s->names.container);
		return -1;
	}
	if (!host[0] || addr_scope_of(host) == ADDR_ANY)
		host = addr_is_ipv6(host) ? "::1" : "127.0.0.1";
	*ret_host = host;
	*ret_port = (unsigned)port;
	return 0;
}

bool
vantage_is_exposed(const struct container *c)
{
	return addr_scope_of(json_str(json_get(binding_of(c), "HostIp"), "0.0.0.0")) != ADDR_LOOPBACK;
}

const char *
vantage_user(const struct service *s, const struct container *c)
{
	const char *user = container_label(c, LABEL_USER);

	return user ? user : s->config.auth.username;
}

bool
vantage_is_inner(const struct container *c)
{
	const char *password = container_label(c, LABEL_PASSWORD);

	return password && str_is(str_of(password), LABEL_PASSWORD_INNER);
}

struct str
vantage_password(const struct container *c, const struct credentials *cr)
{
	return credentials_for_opencode(cr, vantage_is_inner(c));
}

void
vantage_put_request(const char *method, const char *path, struct str host, const char *user, struct str password,
    struct str body, struct buf *out)
{
	buf_printf(out, "%s %s HTTP/1.1\r\nHost: " STR_FMT "\r\nConnection: close\r\n", method, path, STR_ARG(host));
	if (password.p) {
		buf_puts(out, "Authorization: ");
		http_put_basic(out, user, password);
		buf_puts(out, "\r\n");
	}
	if (body.p)
		buf_printf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.n);
	buf_puts(out, "\r\n");
	buf_putstr(out, body);
}

static int
over_port(struct service *s, const struct container *c, const char *method, const char *path, struct str body,
    const struct credentials *cr, struct buf *out, int64_t due_ms, struct err *e)
{
	AUTO(http_conn) struct http_conn conn = HTTP_CONN_INIT;
	struct buf host_port = BUF_INIT(256), request = BUF_INIT(REQUEST_BYTES_MAX);
	const char *host;
	unsigned port;

	if (vantage_address(s, c, &host, &port, e) < 0)
		return -1;
	if (stream_tcp(&conn.stream, host, port, due_ms, e) < 0)
		return -1;
	addr_put_hostport(&host_port, host, port);
	vantage_put_request(method, path, buf_str(&host_port), vantage_user(s, c), cr ? vantage_password(c, cr) : STR_NULL, body, &request);
	int r = buf_check(&request, "request to opencode", e);
	if (r == 0)
		r = stream_write_all(&conn.stream, buf_str(&request), due_ms, e);
	buf_wipe(&request);
	buf_fini(&host_port);
	if (r < 0 || http_recv_head(&conn, false, due_ms, e) < 0)
		return -1;
	int status = conn.head.status;
	return http_recv_all(&conn, out, due_ms, e) < 0 ? -1 : status;
}

/* One line of a curl configuration file: in a quoted value \ and " are escaped (curl(1), --config). */
static void
put_curl_option(struct buf *out, const char *name, struct str value)
{
	buf_printf(out, "%s = \"", name);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		if (c == '"' || c == '\\')
			buf_putc(out, '\\');
		buf_putc(out, c);
	}
	buf_puts(out, "\"\n");
}

void
vantage_put_curl(const char *user, const char *path, struct str password, int64_t max_s, struct buf *out)
{
	struct buf value = BUF_SECRET_INIT(REQUEST_BYTES_MAX);

	buf_printf(&value, "http://127.0.0.1:%d%s", SERVICE_PORT, path);
	put_curl_option(out, "url", buf_str(&value));
	buf_printf(out, "max-time = %lld\n", (long long)max_s);
	if (password.p) {
		buf_reset(&value);
		buf_printf(&value, "%s:", user);
		buf_putstr(&value, password);
		put_curl_option(out, "user", buf_str(&value));
	}
	buf_wipe(&value);
}

static void
put_curl_config(const char *user, const char *method, const char *path, struct str body, struct str password,
    int64_t left_s, struct buf *out)
{
	vantage_put_curl(user, path, password, left_s, out);
	put_curl_option(out, "request", str_of(method));
	if (body.p) {
		put_curl_option(out, "header", STR_LIT("Content-Type: application/json"));
		put_curl_option(out, "data-raw", body);
	}
	put_curl_option(out, "write-out", STR_LIT("\\n%{http_code}"));
}

static int
by_exec(struct service *s, const struct container *c, const char *method, const char *path, struct str body,
    const struct credentials *cr, struct buf *out, int64_t due_ms, struct err *e)
{
	static const char *const argv[] = { "curl", "-q", "-sS", "--noproxy", "*", "-K", "-", NULL };
	const struct exec_spec spec = { .argv = argv, .has_stdin = true };
	struct buf options = BUF_INIT(REQUEST_BYTES_MAX), trouble = BUF_INIT(4096);
	int64_t left_s = (due_ms - clock_now_ms()) / 1000;
	uint64_t status = 0;
	int exit_code = 0;

	put_curl_config(vantage_user(s, c), method, path, body, cr ? vantage_password(c, cr) : STR_NULL, left_s < 1 ? 1 : left_s, &options);
	int r = buf_check(&options, "request to opencode", e);
	if (r == 0)
		r = exec_capture(&s->engine, s->arena, c->id, &spec, buf_str(&options), out, &trouble, due_ms, &exit_code, e);
	buf_wipe(&options);
	if (r == 0 && exit_code != 0)
		r = err_set(e, ERR_UNHEALTHY, "opencode did not answer inside the container: " STR_FMT,
		    STR_ARG(str_trim(buf_str(&trouble))));
	buf_fini(&trouble);
	if (r < 0)
		return -1;
	size_t cut = str_rfind_char(buf_str(out), '\n');
	if (cut == STR_NONE || num_u64(str_skip(buf_str(out), cut + 1), 100, 599, &status, e) < 0)
		return err_set(e, ERR_PARSE, "curl inside the container gave no status");
	buf_trunc(out, cut);
	return (int)status;
}

int
service_http(struct service *s, const struct container *c, const char *method, const char *path, struct str json_body, bool with_auth,
    struct buf *out, int64_t due_ms, struct err *e)
{
	AUTO(credentials) struct credentials cr;

	credentials_init(&cr);
	if (with_auth && credentials_load(&s->scope, &cr, e) < 0)
		return -1;
	return vantage_http(s, c, method, path, json_body, with_auth ? &cr : NULL, out, due_ms, e);
}

int
vantage_http(struct service *s, const struct container *c, const char *method, const char *path, struct str json_body,
    const struct credentials *cr, struct buf *out, int64_t due_ms, struct err *e)
{
	return s->is_remote ? by_exec(s, c, method, path, json_body, cr, out, due_ms, e)
	                    : over_port(s, c, method, path, json_body, cr, out, due_ms, e);
}

int
vantage_http_inside(struct service *s, const struct container *c, const char *path, const struct credentials *cr, struct buf *out, int64_t due_ms,
    struct err *e)
{
	return by_exec(s, c, "GET", path, STR_NULL, cr, out, due_ms, e);
}

const char *
service_url_at(struct arena *a, const struct config *c, enum scope_kind kind, bool is_inner, const char *host, unsigned port)
{
	AUTO(buf) struct buf url = BUF_INIT(512);

	if (c->server.public_url[0])
		return c->server.public_url;
	/* A container that was not made for it is not behind it yet, though it is configured by now: the next start changes that. */
	if (edge_is_on(c) && (is_inner || !host))
		return edge_url(a, c, kind);
	if (!host) {
		host = addr_scope_of(c->server.bind) == ADDR_ANY ? "127.0.0.1" : c->server.bind;
		port = (unsigned)c->server.port;
	}
	buf_puts(&url, "http://");
	addr_put_hostport(&url, host, port);
	return arena_str(a, buf_str(&url));
}

const char *
service_url(struct service *s, const struct container *c)
{
	struct err ignored = ERR_INIT;
	const char *host = NULL;
	unsigned port = 0;

	if (c && vantage_address(s, c, &host, &port, &ignored) < 0)
		host = NULL;
	return service_url_at(s->arena, &s->config, s->scope.kind, c && vantage_is_inner(c), host, port);
}
