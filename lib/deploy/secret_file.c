/* secret_file.c - one file in a tar */
#include "lib/deploy/secret_file.h"

#include "lib/deploy/vantage.h"
#include "lib/engine/tar.h"

#define SECRET_FILE_MAX (CREDENTIALS_SECRETS_MAX * (CREDENTIALS_VALUE_MAX + 256) + 4096)
#define SECRET_TAR_MAX (SECRET_FILE_MAX + 16384)
#define SECRET_MODE 0400
#define PASSWORD_LINE "OPENCODE_SERVER_PASSWORD="

static int
check_inner(struct service *s, const struct credentials *cr, struct err *e)
{
	if (cr->has_edge)
		return 0;
	err_set(e, ERR_CONFIG, "%s has no password for opencode behind the edge", s->scope.credentials_path);
	return err_note(e, "try", "occ start   (makes one)");
}

int
secret_file_put(struct service *s, const struct container *c, const struct credentials *cr, struct err *e)
{
	struct buf text = BUF_INIT(SECRET_FILE_MAX), tar = BUF_INIT(SECRET_TAR_MAX);
	bool is_inner = vantage_is_inner(c);

	if (is_inner && check_inner(s, cr, e) < 0)
		return -1;
	credentials_put_secret_file(cr, is_inner, vantage_user(s, c), &text);
	int r = buf_check(&text, "secret file", e);
	if (r == 0)
		r = tar_put_file(&tar, SERVICE_SECRET_FILE, SECRET_MODE, SERVICE_UID, SERVICE_UID, buf_str(&text), e);
	tar_put_end(&tar);
	if (r == 0)
		r = buf_check(&tar, "secret file", e);
	if (r == 0)
		r = container_put_tar(&s->engine, c->id, SERVICE_SECRET_DIR, buf_str(&tar), e);
	buf_wipe(&text);
	buf_wipe(&tar);
	return r < 0 ? err_wrap(e, "give the password to the container") : 0;
}

static int
find_password(struct str text, bool is_inner, struct credentials *ret, struct err *e)
{
	struct str line;

	while (str_line(&text, &line)) {
		if (!str_has_prefix(line, PASSWORD_LINE))
			continue;
		return credentials_take_for_opencode(ret, is_inner, str_skip(line, sizeof PASSWORD_LINE - 1), e);
	}
	return err_set(e, ERR_PARSE, "the secret file of the container has no password");
}

int
secret_file_get_password(struct service *s, const struct container *c, struct credentials *ret, struct err *e)
{
	struct buf tar = BUF_INIT(SECRET_TAR_MAX);
	struct tar_entry entry;

	int r = container_get_tar(&s->engine, c->id, SERVICE_SECRET_DIR "/" SERVICE_SECRET_FILE, &tar, e);
	if (r == 0) {
		struct str rest = buf_str(&tar);
		r = tar_next(&rest, &entry, e);
		if (r > 0 && entry.type == TAR_FILE)
			r = find_password(entry.data, vantage_is_inner(c), ret, e);
		else if (r >= 0)
			r = err_set(e, ERR_PARSE, "the container's secret is no file");
	}
	buf_wipe(&tar);
	return r < 0 ? err_wrap(e, "read the container's password") : 0;
}
