/* secret_file.c - one file in a tar */
#include "lib/deploy/secret_file.h"

#include "lib/engine/tar.h"

#define SECRET_FILE_MAX (CREDENTIALS_SECRETS_MAX * (CREDENTIALS_VALUE_MAX + 256) + 4096)
#define SECRET_TAR_MAX (SECRET_FILE_MAX + 16384)
#define SECRET_MODE 0400
#define PASSWORD_LINE "OPENCODE_SERVER_PASSWORD="

int
secret_file_put(struct service *s, const char *container_id, const struct credentials *cr, struct err *e)
{
	struct buf text = BUF_INIT(SECRET_FILE_MAX), tar = BUF_INIT(SECRET_TAR_MAX);

	credentials_put_secret_file(cr, s->config.auth.username, &text);
	int r = buf_check(&text, "secret file", e);
	if (r == 0)
		r = tar_put_file(&tar, SERVICE_SECRET_FILE, SECRET_MODE, SERVICE_UID, SERVICE_UID, buf_str(&text), e);
	tar_put_end(&tar);
	if (r == 0)
		r = buf_check(&tar, "secret file", e);
	if (r == 0)
		r = container_put_tar(&s->engine, container_id, SERVICE_SECRET_DIR, buf_str(&tar), e);
	buf_wipe(&text);
	buf_wipe(&tar);
	return r < 0 ? err_wrap(e, "give the password to the container") : 0;
}

static int
find_password(struct str text, struct credentials *ret, struct err *e)
{
	struct str line;

	while (str_line(&text, &line)) {
		if (!str_has_prefix(line, PASSWORD_LINE))
			continue;
		buf_wipe(&ret->password);
		buf_putstr(&ret->password, str_skip(line, sizeof PASSWORD_LINE - 1));
		ret->has_password = true;
		return buf_check(&ret->password, "password", e);
	}
	return err_set(e, ERR_PARSE, "the secret file of the container has no password");
}

int
secret_file_get_password(struct service *s, const char *container_id, struct credentials *ret, struct err *e)
{
	struct buf tar = BUF_INIT(SECRET_TAR_MAX);
	struct tar_entry entry;

	int r = container_get_tar(&s->engine, container_id, SERVICE_SECRET_DIR "/" SERVICE_SECRET_FILE, &tar, e);
	if (r == 0) {
		struct str rest = buf_str(&tar);
		r = tar_next(&rest, &entry, e);
		if (r > 0 && entry.type == TAR_FILE)
			r = find_password(entry.data, ret, e);
		else if (r >= 0)
			r = err_set(e, ERR_PARSE, "the container's secret is no file");
	}
	buf_wipe(&tar);
	return r < 0 ? err_wrap(e, "read the container's password") : 0;
}
