/* gate_form.c - credentials as they are presented: user:password in base64, and the posted form */
#include <string.h>

#include "applets/occ-tls/gate_own.h"
#include "applets/occ-tls/query.h"
#include "lib/base/mem.h"

static bool
copy(struct str s, char *to, size_t to_bytes)
{
	if (s.n >= to_bytes || str_find_char(s, '\0') != STR_NONE)
		return false;
	if (s.n > 0)
		memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	return true;
}

/* RFC 7617: the first colon ends the user. */
bool
gate_read_userpass(struct str base64, struct gate_result *ret)
{
	AUTO(buf) struct buf plain = BUF_SECRET_INIT(GATE_USER_BYTES + GATE_PASSWORD_BYTES);
	struct err ignored = ERR_INIT;

	if (base64.n == 0 || buf_unb64(&plain, base64, &ignored) < 0 || plain.fault != BUF_OK)
		return false;
	struct str password = buf_str(&plain);
	if (str_find_char(password, ':') == STR_NONE)
		return false;
	struct str user = str_cut(&password, ':');
	if (copy(user, ret->user, sizeof ret->user) && copy(password, ret->password, sizeof ret->password))
		return true;
	ret->user[0] = '\0';
	return false;
}

/* A path of this server as a Location may name it: to others a browser would go for "//host" and "/\host". None of the edge's own, which are no place to come back to. */
static bool
is_path_of_ours(const char *path)
{
	struct str s = str_of(path);

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '\\')
			return false;
	return str_has_prefix(s, "/") && !str_has_prefix(s, "//") && !str_has_prefix(s, "/_occ/");
}

/* One field of the form; false when it is there twice or does not fit. */
static bool
read_field(const struct query_member *m, const char *name, char *to, size_t to_bytes, unsigned *n)
{
	return !query_is(m, name) || ((*n)++ == 0 && query_decode(m->value, to, to_bytes));
}

bool
gate_form(struct str body, struct gate_result *ret, char *next, size_t next_bytes)
{
	unsigned n_user = 0, n_password = 0, n_next = 0;
	struct query_member m;
	bool is_good = body.n <= GATE_FORM_MAX;

	next[0] = ret->user[0] = ret->password[0] = '\0';
	while (is_good && query_next(&body, &m)) {
		is_good = read_field(&m, "user", ret->user, sizeof ret->user, &n_user) &&
		    read_field(&m, "password", ret->password, sizeof ret->password, &n_password);
		if (query_is(&m, "next") && (n_next++ > 0 || !query_decode(m.value, next, next_bytes)))
			next[0] = '\0';
	}
	if (!is_path_of_ours(next))
		str_copy(next, next_bytes, "/");
	if (is_good && n_user == 1 && n_password == 1)
		return true;
	ret->user[0] = '\0';
	mem_wipe(ret->password, sizeof ret->password);
	return false;
}
