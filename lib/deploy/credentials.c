/* credentials.c - the password, the agent's keys and the addresses of notifications in memory: made, checked, changed, wiped */
#include "lib/deploy/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/rand.h"

#define NAME_BYTES_MAX 128
#define PASSWORD_BYTES_MAX 1024
#define PASSWORD_BYTES_MIN 12
#define NOTIFY_NAME_MAX 32
#define GROUPS 6	/* of 4 characters of 5.8 bits: 139 bits */
#define GROUP_CHARS 4

_Static_assert(GROUPS * GROUP_CHARS * 58 / 10 >= CREDENTIALS_PASSWORD_MIN_BITS, "a generated password is long enough");

static struct buf
secret_buf(size_t ceiling)
{
	return (struct buf)BUF_INIT(ceiling);
}

void
credentials_init(struct credentials *c)
{
	*c = (struct credentials){ .password = secret_buf(PASSWORD_BYTES_MAX), .inner_password = secret_buf(PASSWORD_BYTES_MAX) };
}

void
credentials_auto(struct credentials *c)
{
	buf_wipe(&c->password);
	buf_wipe(&c->inner_password);
	mem_wipe(c->cookie_key, sizeof c->cookie_key);
	for (size_t i = 0; i < c->n_secrets; i++) {
		mem_free(c->secrets[i].name);
		buf_wipe(&c->secrets[i].value);
	}
	for (size_t i = 0; i < c->n_notify; i++) {
		mem_free(c->notify[i].name);
		buf_wipe(&c->notify[i].url);
	}
	credentials_init(c);
}

/* ---- the password ---- */

/* Copies into a buf of the right size at once: growing would leave pieces of the secret in freed memory. */
static void
replace(struct buf *b, size_t ceiling, struct str value)
{
	buf_wipe(b);
	*b = secret_buf(ceiling);
	if (value.n > 0 && buf_room(b, value.n))
		buf_putstr(b, value);
}

int
credentials_take_password(struct credentials *c, struct str password, struct err *e)
{
	if (!c->has_password || !str_eq(buf_str(&c->password), password))
		c->generation++;
	replace(&c->password, PASSWORD_BYTES_MAX, password);
	c->has_password = true;
	return buf_check(&c->password, "password", e);
}

/* "kV7d-...-9sQe" in place of what is in *ret. */
static int
generate(struct buf *ret, struct err *e)
{
	struct buf fresh = secret_buf(GROUPS * (GROUP_CHARS + 1));
	int rc = buf_room(&fresh, GROUPS * (GROUP_CHARS + 1)) ? 0 : buf_check(&fresh, "password", e);

	for (int i = 0; rc == 0 && i < GROUPS; i++) {
		if (i > 0)
			buf_putc(&fresh, '-');
		rc = rand_token(&fresh, GROUP_CHARS, e);
	}
	if (rc == 0) {
		replace(ret, PASSWORD_BYTES_MAX, buf_str(&fresh));
		rc = buf_check(ret, "password", e);
	}
	buf_wipe(&fresh);
	return rc;
}

int
credentials_generate_password(struct credentials *c, struct err *e)
{
	struct buf fresh = secret_buf(PASSWORD_BYTES_MAX);
	int rc = generate(&fresh, e);

	if (rc == 0)
		rc = credentials_take_password(c, buf_str(&fresh), e);
	buf_wipe(&fresh);
	return rc;
}

/* ---- the edge ---- */

int
credentials_ensure_edge(struct credentials *c, bool *ret_made, struct err *e)
{
	*ret_made = false;
	if (c->has_edge)
		return 0;
	if (generate(&c->inner_password, e) < 0 || rand_bytes(c->cookie_key, sizeof c->cookie_key, e) < 0)
		return -1;
	c->has_edge = *ret_made = true;
	return 0;
}

struct str
credentials_for_opencode(const struct credentials *c, bool is_inner)
{
	return buf_str(is_inner ? &c->inner_password : &c->password);
}

int
credentials_take_for_opencode(struct credentials *c, bool is_inner, struct str password, struct err *e)
{
	struct buf *b = is_inner ? &c->inner_password : &c->password;

	replace(b, PASSWORD_BYTES_MAX, password);
	c->has_password |= !is_inner;
	return buf_check(b, "password", e);
}

/* ---- a password of a person's choice ---- */

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

int
credentials_set_password(struct credentials *c, struct str password, struct err *e)
{
	if (password.n > PASSWORD_BYTES_MAX)
		return err_set(e, ERR_USAGE, "the password is longer than %d bytes", PASSWORD_BYTES_MAX);
	if (has_control(password) || str_utf8_valid(password) != password.n)
		return err_set(e, ERR_USAGE, "the password holds a control character or bytes that are not UTF-8");
	if (password.n > 0 && password.n < PASSWORD_BYTES_MIN) {
		err_set(e, ERR_USAGE, "the password is shorter than %d characters, and opencode does not slow down guessing",
			PASSWORD_BYTES_MIN);
		return err_note(e, "try", "occ password rotate   (makes a strong one)");
	}
	return credentials_take_password(c, password, e);
}

/* ---- secrets ---- */

static bool
is_variable_name(struct str name)
{
	if (name.n == 0 || name.n > NAME_BYTES_MAX || (name.p[0] >= '0' && name.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char ch = name.p[i];

		if (!(ch >= 'A' && ch <= 'Z') && !(ch >= '0' && ch <= '9') && ch != '_')
			return false;
	}
	return true;
}

/* Names that decide how programs are run, or that the image sets itself. */
static bool
is_reserved(struct str name)
{
	static const char *const prefixes[] = { "OPENCODE_SERVER_", "OCC_", "LD_" };
	static const char *const names[] = { "PATH", "HOME", "USER", "SHELL", "IFS", "ENV", "BASH_ENV", "PWD" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_has_prefix(name, prefixes[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

static int
check_secret(struct str name, struct str value, struct err *e)
{
	if (!is_variable_name(name))
		return err_set(e, ERR_USAGE, "the name of a secret has to be of A-Z, 0-9 and _, as ANTHROPIC_API_KEY");
	if (str_has_prefix(name, "OPENCODE_SERVER_")) {
		err_set(e, ERR_USAGE, STR_FMT " is not set as a secret", STR_ARG(name));
		return err_note(e, "try", "occ password set   or   occ config set auth.username NAME");
	}
	if (is_reserved(name))
		return err_set(e, ERR_USAGE, STR_FMT " is reserved", STR_ARG(name));
	if (value.n == 0)
		return err_set(e, ERR_USAGE, "the value of " STR_FMT " is empty", STR_ARG(name));
	if (value.n > CREDENTIALS_VALUE_MAX)
		return err_set(e, ERR_USAGE, "the value of " STR_FMT " is longer than %d bytes", STR_ARG(name), CREDENTIALS_VALUE_MAX);
	/* The container's side reads one line a secret, and the file is JSON. */
	if (has_control(value) || str_utf8_valid(value) != value.n)
		return err_set(e, ERR_USAGE, "the value of " STR_FMT " has to be one line of UTF-8 without control characters", STR_ARG(name));
	return 0;
}

/* Index of the name, or where it belongs. */
static size_t
place_of(const struct credentials *c, const char *name, bool *ret_found)
{
	size_t i = 0;

	while (i < c->n_secrets && strcmp(c->secrets[i].name, name) < 0)
		i++;
	*ret_found = i < c->n_secrets && strcmp(c->secrets[i].name, name) == 0;
	return i;
}

int
credentials_set_secret(struct credentials *c, const char *name, struct str value, struct err *e)
{
	bool found;
	size_t i = place_of(c, name, &found), bytes = strlen(name) + 1;

	if (check_secret(str_of(name), value, e) < 0)
		return -1;
	if (!found && c->n_secrets >= CREDENTIALS_SECRETS_MAX)
		return err_set(e, ERR_USAGE, "there are %d secrets already, and no room for more", CREDENTIALS_SECRETS_MAX);
	if (!found) {
		memmove(&c->secrets[i + 1], &c->secrets[i], (c->n_secrets - i) * sizeof c->secrets[0]);
		c->n_secrets++;
		c->secrets[i].name = mem_new(bytes);
		memcpy(c->secrets[i].name, name, bytes);
		c->secrets[i].value = secret_buf(CREDENTIALS_VALUE_MAX);
	}
	replace(&c->secrets[i].value, CREDENTIALS_VALUE_MAX, value);
	return buf_check(&c->secrets[i].value, "secret", e);
}

bool
credentials_unset_secret(struct credentials *c, const char *name)
{
	bool found;
	size_t i = place_of(c, name, &found);

	if (!found)
		return false;
	mem_free(c->secrets[i].name);
	buf_wipe(&c->secrets[i].value);
	c->n_secrets--;
	memmove(&c->secrets[i], &c->secrets[i + 1], (c->n_secrets - i) * sizeof c->secrets[0]);
	return true;
}

/* ---- addresses of notifications ---- */

static bool
is_notify_name(const char *name)
{
	struct str s = str_of(name);

	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (!(ch >= 'a' && ch <= 'z') && !(ch >= '0' && ch <= '9') && ch != '-')
			return false;
	}
	return s.n > 0 && s.n <= NOTIFY_NAME_MAX && s.p[0] != '-';
}

/* Index of the name, or n_notify. */
static size_t
notify_at(const struct credentials *c, const char *name)
{
	size_t i = 0;

	while (i < c->n_notify && strcmp(c->notify[i].name, name) != 0)
		i++;
	return i;
}

/* "ntfy", "ntfy-2", ...: one of them is free, because there are not so many. */
static void
choose_name(const struct credentials *c, enum notice_service service, char ret[NOTIFY_NAME_MAX + 1])
{
	snprintf(ret, NOTIFY_NAME_MAX + 1, "%s", notice_service_name(service));
	for (int i = 2; notify_at(c, ret) < c->n_notify; i++)
		snprintf(ret, NOTIFY_NAME_MAX + 1, "%s-%d", notice_service_name(service), i);
}

int
credentials_add_notify(struct credentials *c, enum notice_service service, const char *name, struct str url, struct err *e)
{
	char chosen[NOTIFY_NAME_MAX + 1];

	if (url.n > CREDENTIALS_URL_MAX)
		return err_set(e, ERR_USAGE, "the address is longer than %d bytes", CREDENTIALS_URL_MAX);
	if (notice_check_url(service, url, e) < 0)
		return -1;
	if (!name)
		choose_name(c, service, chosen);
	else if (!is_notify_name(name))
		return err_set(e, ERR_USAGE, "a name is of a-z, 0-9 and -, at most %d characters", NOTIFY_NAME_MAX);
	else
		snprintf(chosen, sizeof chosen, "%s", name);
	if (notify_at(c, chosen) < c->n_notify)
		return err_set(e, ERR_CONFLICT, "there is an address named %s already", chosen);
	if (c->n_notify >= CREDENTIALS_NOTIFY_MAX)
		return err_set(e, ERR_USAGE, "there are %d addresses already, and no room for more", CREDENTIALS_NOTIFY_MAX);
	struct credentials_notify *n = &c->notify[c->n_notify++];
	*n = (struct credentials_notify){ .service = service, .name = mem_new(strlen(chosen) + 1), .url = secret_buf(CREDENTIALS_URL_MAX) };
	memcpy(n->name, chosen, strlen(chosen) + 1);
	replace(&n->url, CREDENTIALS_URL_MAX, url);
	return buf_check(&n->url, "address", e);
}

bool
credentials_remove_notify(struct credentials *c, const char *name)
{
	size_t i = notify_at(c, name);

	if (i == c->n_notify)
		return false;
	mem_free(c->notify[i].name);
	buf_wipe(&c->notify[i].url);
	c->n_notify--;
	memmove(&c->notify[i], &c->notify[i + 1], (c->n_notify - i) * sizeof c->notify[0]);
	return true;
}

void
credentials_put_secret_file(const struct credentials *c, bool is_inner, const char *username, struct buf *out)
{
	buf_puts(out, "OPENCODE_SERVER_PASSWORD=");
	buf_putstr(out, credentials_for_opencode(c, is_inner));
	buf_printf(out, "\nOPENCODE_SERVER_USERNAME=%s\n", username);
	for (size_t i = 0; i < c->n_secrets; i++) {
		buf_printf(out, "%s=", c->secrets[i].name);
		buf_putstr(out, buf_str(&c->secrets[i].value));
		buf_putc(out, '\n');
	}
}
