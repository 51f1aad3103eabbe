/* backup_keys.c - recipients from texts, identities from a file */
#include "lib/deploy/backup_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"

#define IDENTITY_FILE_MAX 65536
#define QUOTE_MAX 80

int
backup_recipient_parse(struct str text, struct age_recipient *ret, struct err *e)
{
	if (age_recipient_parse(text, ret, e) == 0)
		return 0;
	e->code = ERR_USAGE;
	if (age_is_identity(text))
		err_set(e, ERR_USAGE, "a recipient is the public half, age1..., and this is a secret key: consider it as known");
	else
		err_wrap(e, "'" STR_FMT "' is no age key", STR_ARG(str_take(text, QUOTE_MAX)));
	return err_note(e, "try", "occ backup keygen   (makes a pair of keys: age1... is its public half)");
}

int
backup_recipients_parse(const struct strlist *texts, struct backup_recipients *ret, struct err *e)
{
	ret->n = 0;
	if (texts->n > AGE_RECIPIENTS_MAX)
		return err_set(e, ERR_USAGE, "there are %zu recipients, and %d are possible", texts->n, AGE_RECIPIENTS_MAX);
	for (size_t i = 0; i < texts->n; i++) {
		if (backup_recipient_parse(str_of(texts->v[i]), &ret->v[ret->n++], e) < 0)
			return -1;
	}
	return 0;
}

/* Wherever a person keeps it: only the file itself is looked at. */
static int
read_identity(const char *path, struct buf *out, struct err *e)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open it");
	if (S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO))) {
		err_set(e, ERR_REFUSED, "others may read it (mode %04o)", (unsigned)st.st_mode & 07777u);
		return err_note(e, "try", "chmod 600 %s", path);
	}
	return fd_read_all(fd, out, CLOCK_NEVER, e);
}

int
backup_keys_load(struct backup_keys *k, const char *path, struct err *e)
{
	AUTO(buf) struct buf text = BUF_SECRET_INIT(IDENTITY_FILE_MAX);

	if (!path || !path[0])
		return 0;
	if (read_identity(path, &text, e) < 0 || age_identities_parse(buf_str(&text), k->v, ARRAY_LEN(k->v), &k->age.n, e) < 0)
		return err_wrap(e, "the identity file %s", path);
	k->age.v = k->v;
	return 0;
}

void
backup_keys_auto(struct backup_keys *k)
{
	mem_wipe(k->v, sizeof k->v);
	age_keys_wipe(&k->age);
}

bool
backup_keys_are_elsewhere(const struct config *c)
{
	return c->backup.recipients.n > 0 && !c->backup.identity[0];
}
