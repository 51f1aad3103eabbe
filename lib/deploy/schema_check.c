/* schema_check.c - addresses, URLs, references, names, versions: what a string of the configuration may be */
#include "lib/deploy/schema_check.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/deploy/backup_keys.h"
#include "lib/deploy/config.h"
#include "lib/deploy/edge.h"
#include "lib/deploy/notice.h"
#include "lib/engine/image.h"

#define QUOTE_MAX 80		/* at most this much of a wrong value is quoted */
#define HOST_BYTES_MAX 253	/* RFC 1035 section 2.3.4, as text */
#define USERNAME_BYTES_MAX 64
#define PACKAGE_BYTES_MAX 64

#define QUOTED(v) STR_ARG(str_take((v), QUOTE_MAX))

static bool
is_lower_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool
is_alnum(char c)
{
	return is_lower_digit(c) || (c >= 'A' && c <= 'Z');
}

/* Every byte is a letter, a digit or one of extra. */
static bool
is_made_of(struct str v, const char *extra)
{
	for (size_t i = 0; i < v.n; i++)
		if (!is_alnum(v.p[i]) && !(v.p[i] && strchr(extra, v.p[i])))
			return false;
	return true;
}

static bool
is_ip(int family, struct str v)
{
	char text[INET6_ADDRSTRLEN], binary[sizeof(struct in6_addr)];

	if (v.n == 0 || v.n >= sizeof text)
		return false;
	memcpy(text, v.p, v.n);
	text[v.n] = '\0';
	return strlen(text) == v.n && inet_pton(family, text, binary) == 1;
}

bool
check_is_ip(struct str v)
{
	return is_ip(AF_INET, v) || is_ip(AF_INET6, v);
}

static bool
is_host_name(struct str v)
{
	return v.n > 0 && v.n <= HOST_BYTES_MAX && is_alnum(v.p[0]) && is_alnum(v.p[v.n - 1]) && is_made_of(v, ".-_");
}

static bool
is_port(struct str v)
{
	struct err ignored = ERR_INIT;
	uint64_t port;

	return num_u64(v, 1, 65535, &port, &ignored) == 0;
}

/* HOST, HOST:PORT, [IPV6] or [IPV6]:PORT. */
static bool
is_host_port(struct str v)
{
	struct str host = v, port = STR_NULL;
	bool has_port;

	if (v.n > 0 && v.p[0] == '[') {
		size_t end = str_find_char(v, ']');

		if (end == STR_NONE || !is_ip(AF_INET6, str_skip(str_take(v, end), 1)))
			return false;
		port = str_skip(v, end + 1);
		return port.n == 0 || (port.p[0] == ':' && is_port(str_skip(port, 1)));
	}
	has_port = str_find_char(v, ':') != STR_NONE;
	if (has_port) {
		port = v;
		host = str_cut(&port, ':');
	}
	return is_host_name(host) && (!has_port || is_port(port));
}

int
check_text(struct str v, struct err *e)
{
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < 0x20 || v.p[i] == 0x7f)
			return err_set(e, ERR_CONFIG, "holds a control character");
	return 0;
}

int
check_engine_url(struct str v, struct err *e)
{
	struct str rest;

	if (v.n == 0 || str_has_prefix(v, "unix:///"))
		return 0;
	if (str_has_prefix(v, "tcp://") || str_has_prefix(v, "http://") || str_has_prefix(v, "https://"))
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' is not supported: whoever reaches an engine over TCP owns its host; use ssh://USER@HOST",
			       QUOTED(v));
	if (!str_has_prefix(v, "ssh://"))
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' is neither unix:///PATH nor ssh://[USER@]HOST[:PORT]", QUOTED(v));
	rest = str_skip(v, 6);
	rest = str_cut(&rest, '/');
	if (str_find_char(rest, '@') != STR_NONE) {
		struct str user = str_cut(&rest, '@');

		if (user.n == 0 || user.p[0] == '-' || !is_made_of(user, "._-"))
			return err_set(e, ERR_CONFIG, "'" STR_FMT "' has no proper user name in ssh://USER@HOST", QUOTED(v));
	}
	if (!is_host_port(rest))
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' has no proper host in ssh://[USER@]HOST[:PORT]", QUOTED(v));
	return 0;
}

int
check_bind(struct str v, struct err *e)
{
	if (check_is_ip(v))
		return 0;
	return err_set(e, ERR_CONFIG, "'" STR_FMT "' is not an IP address (127.0.0.1: this machine only; 0.0.0.0: everybody who can reach it)",
		       QUOTED(v));
}

int
check_origin(struct str v, struct err *e)
{
	struct str rest, host;

	if (!str_has_prefix(v, "http://") && !str_has_prefix(v, "https://"))
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' has to begin with https:// or http://", QUOTED(v));
	rest = str_skip(v, str_has_prefix(v, "https://") ? 8 : 7);
	host = str_cut(&rest, '/');
	if (!is_host_port(host))
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' has no proper host: https://HOST[:PORT] is allowed", QUOTED(v));
	if (v.n != (size_t)(host.p - v.p) + host.n)
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' has to end behind the host: \"" STR_FMT "\"", QUOTED(v),
			       QUOTED(str_take(v, (size_t)(host.p - v.p) + host.n)));
	return 0;
}

int
check_public_url(struct str v, struct err *e)
{
	return v.n == 0 ? 0 : check_origin(v, e);
}

int
check_username(struct str v, struct err *e)
{
	if (v.n > 0 && v.n <= USERNAME_BYTES_MAX && is_made_of(v, "._@-"))
		return 0;
	return err_set(e, ERR_CONFIG, "'" STR_FMT "' has to be of letters, digits and . _ @ -, 1 to %d of them", QUOTED(v),
		       USERNAME_BYTES_MAX);
}

int
check_image_base(struct str v, struct err *e)
{
	struct image_ref ref;

	if (image_ref_parse(v, &ref, e) == 0)
		return 0;
	e->code = ERR_CONFIG;
	return -1;
}

int
check_image_ref(struct str v, struct err *e)
{
	return v.n == 0 ? 0 : check_image_base(v, e);
}

/* One number of a version: digits, no leading zero (Semantic Versioning 2.0.0, item 2). */
static bool
is_version_number(struct str v)
{
	struct err ignored = ERR_INIT;
	uint64_t n;

	return (v.n == 1 || (v.n > 1 && v.p[0] != '0')) && num_u64(v, 0, 999999, &n, &ignored) == 0;
}

int
check_opencode(struct str v, struct err *e)
{
	struct str pre = v, core = str_cut(&pre, '-'), rest = core, major = str_cut(&rest, '.'), minor = str_cut(&rest, '.');
	bool has_pre = core.n < v.n;

	if (!is_version_number(major) || !is_version_number(minor) || !is_version_number(rest) ||
	    (has_pre && (pre.n == 0 || !is_made_of(pre, ".-"))))
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' is not an exact version, as 1.18.33", QUOTED(v));
	if (str_is(major, "1"))
		return 0;
	if (str_is(major, "2"))
		return err_set(e, ERR_CONFIG, "'" STR_FMT "': opencode 2 is not supported yet; a version of opencode 1 is allowed", QUOTED(v));
	return err_set(e, ERR_CONFIG, "'" STR_FMT "': only versions of opencode 1 are supported", QUOTED(v));
}

/* Debian Policy 5.6.1. */
int
check_package(struct str v, struct err *e)
{
	bool ok = v.n >= 2 && v.n <= PACKAGE_BYTES_MAX && is_lower_digit(v.p[0]);

	for (size_t i = 0; ok && i < v.n; i++)
		ok = is_lower_digit(v.p[i]) || v.p[i] == '+' || v.p[i] == '-' || v.p[i] == '.';
	if (!ok)
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' is not the name of a Debian package (lower case letters, digits, + - .)",
			       QUOTED(v));
	return 0;
}

int
check_ca_bundle(struct str v, struct err *e)
{
	if (str_is(v, "auto") || str_is(v, "none"))
		return 0;
	if (v.n == 0 || v.p[0] != '/')
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' has to be auto, none or the absolute path of a file", QUOTED(v));
	return check_text(v, e);
}

int
check_mount(struct str v, struct err *e)
{
	struct config_mount ignored;

	return config_mount_parse(v, &ignored, e);
}

int
check_port(struct str v, struct err *e)
{
	struct config_port ignored;

	return config_port_parse(v, &ignored, e);
}

/* HOST:ADDRESS; the address may be IPv6, so the first colon cuts. */
int
check_extra_host(struct str v, struct err *e)
{
	struct str address = v, host = str_cut(&address, ':');

	if (host.n < v.n && is_host_name(host) && (check_is_ip(address) || str_is(address, "host-gateway")))
		return 0;
	return err_set(e, ERR_CONFIG, "'" STR_FMT "' is not NAME:ADDRESS or NAME:host-gateway", QUOTED(v));
}

/* ---- the edge ---- */

int
check_edge_bind(struct str v, struct err *e)
{
	return str_is(v, "auto") || str_is(v, EDGE_BIND_PRIVATE) ? 0 : check_bind(v, e);
}

/* A wildcard is the whole first label (RFC 6125 section 6.4.3). */
int
check_edge_name(struct str v, struct err *e)
{
	struct str host = str_has_prefix(v, "*.") ? str_skip(v, 2) : v;
	bool is_wild = host.n < v.n;

	if (v.n <= HOST_BYTES_MAX && (check_is_ip(v) || (is_host_name(host) && (!is_wild || !check_is_ip(host)))))
		return 0;
	return err_set(e, ERR_CONFIG, "'" STR_FMT "' is neither a DNS name (code.example.com, *.example.com) nor an IP address", QUOTED(v));
}

int
check_network(struct str v, struct err *e)
{
	struct err ignored = ERR_INIT;
	struct str bits = v, address = str_cut(&bits, '/');
	uint64_t n;

	if (address.n < v.n && check_is_ip(address) && num_u64(bits, 0, is_ip(AF_INET, address) ? 32 : 128, &n, &ignored) == 0)
		return 0;
	err_set(e, ERR_CONFIG, "'" STR_FMT "' is not a network, ADDRESS/BITS, as 10.0.0.0/8 or 2001:db8::/32", QUOTED(v));
	return check_is_ip(v) ? err_note(e, "try", STR_FMT "/%d, for this one address", STR_ARG(v), is_ip(AF_INET, v) ? 32 : 128) : -1;
}

int
check_file_path(struct str v, struct err *e)
{
	if (v.n == 0 || v.p[0] == '/')
		return check_text(v, e);
	return err_set(e, ERR_CONFIG, "'" STR_FMT "' is not the absolute path of a file", QUOTED(v));
}

/* ---- environment of the container ---- */

static bool
ends_as_secret(struct str name)
{
	static const char *const endings[] = { "_KEY", "_TOKEN", "_SECRET", "_PASSWORD" };

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		size_t n = strlen(endings[i]);

		if (name.n >= n && str_ieq(str_skip(name, name.n - n), str_of(endings[i])))
			return true;
	}
	return false;
}

/* The value is never shown: a secret may have been put here by mistake. */
int
check_env(struct str v, struct err *e)
{
	struct str value = v, name = str_cut(&value, '=');

	if (name.n == v.n)
		return err_set(e, ERR_CONFIG, "an element has to be NAME=VALUE");
	if (name.n == 0 || (name.p[0] >= '0' && name.p[0] <= '9') || !is_made_of(name, "_"))
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' is not the name of a variable", QUOTED(name));
	if (str_has_prefix(name, "OPENCODE_SERVER_"))
		return err_set(e, ERR_CONFIG, STR_FMT " is set by auth.username and `occ password set`", QUOTED(name));
	if (str_has_prefix(name, "OCC_") || str_is(name, "HOME"))
		return err_set(e, ERR_CONFIG, STR_FMT " is reserved for the image's own use", QUOTED(name));
	if (ends_as_secret(name)) {
		err_set(e, ERR_CONFIG, STR_FMT " looks like a secret, and this file never holds one", QUOTED(name));
		return err_note(e, "try", "occ secret set " STR_FMT, QUOTED(name));
	}
	return check_text(value, e);
}

int
check_notice(struct str v, struct err *e)
{
	if (notice_kind_of(v) >= 0)
		return 0;
	return err_set(e, ERR_CONFIG, "'" STR_FMT "' is none of failed, recovered, restarted, update, session-finished, question, permission", QUOTED(v));
}

int
check_feed(struct str v, struct err *e)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		if (str_has_prefix(v, schemes[i]) && v.n > strlen(schemes[i]) && str_find_char(v, '@') == STR_NONE)
			return check_text(v, e);
	}
	return v.n == 0 ? 0 : err_set(e, ERR_CONFIG, "'" STR_FMT "' is no address such as https://HOST/newest.json, without user and password", QUOTED(v));
}

int
check_recipient(struct str v, struct err *e)
{
	struct age_recipient ignored;

	if (backup_recipient_parse(v, &ignored, e) == 0)
		return 0;
	e->code = ERR_CONFIG;
	return -1;
}
