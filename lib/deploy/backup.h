/*
 * backup.h - copies of an instance's work: made, looked at, proved, put back
 *
 * A backup holds the agent's home (sessions, logins, git identity, ssh keys), the configuration, and when asked for the workspace and the credentials. It is read from the
 * volumes by a throw-away container (backup_helper.h), so opencode goes on; the session database is copied by SQLite. Directories of the host that are mounted are the
 * host's own. All of it works on an engine elsewhere.
 */
#ifndef OCC_DEPLOY_BACKUP_H
#define OCC_DEPLOY_BACKUP_H

#include "lib/deploy/backup_format.h"
#include "lib/deploy/backup_keys.h"
#include "lib/deploy/plan.h"
#include "lib/deploy/service.h"
#include "lib/deploy/up.h"

struct backup_options {
	bool has_workspace, has_credentials;
	const char *program;			/* version of this program */
	const char *to;				/* a file; NULL: by its own name in the backups' directory */
	int to_fd;				/* instead, for a pipe; -1: none */
	const struct age_for *encrypts_for;	/* NULL: for the configuration's recipients, if it has some */
	struct plan_report report;
};

struct backup_result {
	struct backup_head head;
	const char *path;			/* NULL: it went into a pipe */
	uint64_t n_entries, n_bytes;		/* and of files' data, before compression */
	uint64_t n_packed;			/* of the archive */
	bool is_encrypted;
	const char *remark;			/* what a person should know, or NULL */
};

/* A file appears when it is whole, 0600. ERR_SYS, disk full included, leaves nothing. One at a time; what else is done to the instance goes on. */
int backup_create(struct service *s, const struct backup_options *o, struct backup_result *ret, struct err *e) MUST_CHECK;

/* The same for who holds the helpers' lock (helper.h) and is connected. */
int backup_create_locked(struct service *s, const struct backup_options *o, struct backup_result *ret, struct err *e) MUST_CHECK;

struct backup_file {
	const char *path, *name;
	int64_t created_epoch_s;
	uint64_t n_bytes;
};
/* Those in the backups' directory, newest first. No directory: none. */
int backup_list(struct service *s, struct backup_file **ret, size_t *ret_n, struct err *e) MUST_CHECK;
/* A file by its path, by its name in the backups' directory, or "latest". ERR_NOT_FOUND. */
int backup_find(struct service *s, const char *what, const char **ret_path, struct err *e) MUST_CHECK;
/* A backup's file as a source, decrypted if it has to be, with progress: "reading 40 %". */
#define BACKUP_PROGRESS_EVERY (4u << 20)	/* bytes of the archive */
struct backup_input {
	int fd;
	const char *path, *verb;
	const struct plan_report *report;	/* NULL: none */
	struct age_keys *keys;
	struct age_reader *age;			/* NULL: it is not encrypted */
	uint64_t size, n_read, n_told;
	bool is_begun;
	char head[AGE_MAGIC_BYTES];		/* what tells which of both it is: read first, given out again */
	size_t n_head, at_head;
};
#define BACKUP_INPUT_INIT { .fd = -1 }
/* is_twice: it will be read more than once, so no pipe. The keys stay the caller's. */
int backup_input_open(struct backup_input *in, const char *path, bool is_twice, struct age_keys *keys, const struct plan_report *report, struct err *e) MUST_CHECK;
/* From its beginning, again if it was begun before: the same file, whatever has its name by now. ERR_REFUSED, with what to do, when the keys do not open it. */
int backup_input_begin(struct backup_input *in, const char *verb, struct source *ret, struct err *e) MUST_CHECK;
void backup_input_auto(struct backup_input *in);
/* Reads all of it. The first bad entry is named. */
int backup_check(struct service *s, struct backup_input *in, struct backup_result *ret, struct err *e) MUST_CHECK;

/* Removes all but the newest `keep`, and never those that a restore which was cut needs; names of those that went. */
int backup_prune(struct service *s, size_t keep, struct strlist *ret_removed, struct err *e) MUST_CHECK;

#endif
