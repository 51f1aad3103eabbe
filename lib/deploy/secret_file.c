/* secret_file.c - put, read back, compare */
#include "lib/deploy/secret_file.h"

#include "lib/base/mem.h"
#include "lib/engine/tar.h"

#define SECRET_FILE_MAX (CREDENTIALS_SECRETS_MAX * (CREDENTIALS_VALUE_MAX + 256) + 4096)
#define SECRET_TAR_MAX (SECRET_FILE_MAX + 16384)
#define SECRET_MODE 0400

static int
read_back(struct service *s, const char *id, struct str want, struct err *e)
{
	struct buf tar = BUF_INIT(SECRET_TAR_MAX);
	struct tar_entry entry;
	bool is_same = false;

	int r = container_get_tar(&s->engine, id, SERVICE_SECRET_DIR "/" SERVICE_SECRET_FILE, &tar, e);
	struct str rest = buf_str(&tar);
	while (r == 0 && (r = tar_next(&rest, &entry, e)) > 0) {
		is_same = entry.type == TAR_FILE && entry.uid == SERVICE_UID && (entry.mode & 0777) == SECRET_MODE
		    && entry.data.n == want.n && mem_differs(entry.data.p, want.p, want.n) == 0;
		r = 0;
		if (is_same)
			break;
	}
	buf_wipe(&tar);
	if (r < 0)
		return err_wrap(e, "read the secret file back");
	if (!is_same)
		return err_set(e, ERR_IMAGE, "the engine took the secret file but it is not in the container as it should be");
	return 0;
}

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
	if (r == 0)
		r = read_back(s, container_id, buf_str(&text), e);
	buf_wipe(&text);
	buf_wipe(&tar);
	return r < 0 ? err_wrap(e, "give the password to the container") : 0;
}
