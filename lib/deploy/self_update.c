/* self_update.c - ask, compare, put beside, try, rename */
#include "lib/deploy/self_update.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/http/remote.h"
#include "lib/json/json.h"
#include "lib/proc/spawn.h"
#include "lib/tls/signature.h"

#define LIST_MAX 65536
#define PROGRAM_MAX (16u << 20)
#define GET_MS (5 * 60 * 1000)
#define TRY_MS 10000
#define ASK_MS 30000
#define SAID_MAX 65536
#define NEW ".new"
#define CARGO_LIST_MAX (4u << 20)

/* ---- what there is ---- */

/* The signature is what makes it trustworthy, so http will do, as in the own network. */
static int
get(struct arena *a, const struct self_update *u, const char *version, const char *file, struct buf *to, struct err *e)
{
	const struct remote_request rq = { .url = release_url(a, u->base, version, file), .allow_http = true, .due_ms = clock_due_ms(GET_MS) };
	struct remote_answer answer;

	if (remote_get(a, &rq, to, &answer, e) < 0 || buf_check(to, file, e) < 0)
		return err_wrap(e, "get %s", file);
	if (answer.status == 200)
		return 0;
	err_set(e, ERR_NOT_FOUND, "get %s: the answer is %d", rq.url, answer.status);
	return err_note(e, "try", "occ config get update.releases");
}

int
self_update_find(struct arena *a, const struct self_update *u, struct release *ret, struct err *e)
{
	AUTO(buf) struct buf list = BUF_INIT(LIST_MAX), signature = BUF_INIT(LIST_MAX);
	const char *target = release_target();

	if (!target)
		return err_set(e, ERR_NOT_FOUND, "there are no releases for this kind of machine");
	if (get(a, u, u->version, RELEASE_SUMS, &list, e) < 0 || get(a, u, u->version, RELEASE_SIGNATURE, &signature, e) < 0)
		return -1;
	if (signature_check(str_of(u->keys), buf_str(&list), buf_str(&signature), e) < 0 || release_find(a, buf_str(&list), target, ret, e) < 0)
		return err_wrap(e, RELEASE_SUMS);
	if (u->version && strcmp(u->version, ret->version) != 0)
		return err_set(e, ERR_REFUSED, "what is there as %s is %s", u->version, ret->version);
	return 0;
}

/* ---- whose place it is ---- */

static int
owned(const char *path, const struct release_owner *o, struct err *e)
{
	err_set(e, ERR_REFUSED, "%s belongs to %s, which would not know of it", path, o->name);
	err_note(e, "changed", "nothing");
	return err_note(e, "try", "%s", o->command);
}

/* Does this package manager say that it knows the file? 1, 0, -1 when it does not answer; one that is not there knows nothing. */
static int
is_known_to(struct arena *a, const char *program, const char *option, const char *path, struct err *e)
{
	const char *const argv[] = { program, option, path, NULL };
	AUTO(buf) struct buf said = BUF_INIT(SAID_MAX);
	int status;

	if (!spawn_find(a, program))
		return 0;
	return spawn_hear(argv, NULL, &said, clock_due_ms(ASK_MS), &status, e) < 0 ? err_wrap(e, "ask %s whose %s is", program, path) : status == 0;
}

/* cargo keeps a list of what it has installed, beside the directory of the programs. */
static bool
is_cargos(struct arena *a, const char *path)
{
	const char *list = path_join(a, path_dir(a, path_dir(a, path)), ".crates.toml");
	AUTO(buf) struct buf text = BUF_INIT(CARGO_LIST_MAX);
	struct err unread = ERR_INIT;

	return file_read(list, &text, &unread) == 0 && str_find(buf_str(&text), str_of("\n\"opencode-cloud ")) != STR_NONE;
}

int
self_update_check_place(struct arena *a, const char *path, const char *version, struct err *e)
{
	static const struct {
		const char *program, *option;
		struct release_owner owner;
	} rows[] = {
		{ "dpkg-query", "-S", { "dpkg", "sudo apt-get install --only-upgrade opencode-cloud" } },
		{ "rpm", "-qf", { "rpm", "sudo dnf upgrade opencode-cloud" } },
	};
	static const struct release_owner cargo = RELEASE_OWNER_CARGO;
	const struct release_owner *by_place = release_owner_of(path);

	if (!by_place && is_cargos(a, path))
		by_place = &cargo;
	if (by_place)
		return owned(path, by_place, e);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int is_known = is_known_to(a, rows[i].program, rows[i].option, path, e);

		if (is_known)
			return is_known < 0 ? -1 : owned(path, &rows[i].owner, e);
	}
	if (access(path_dir(a, path), W_OK) == 0)
		return 0;
	err_sys(e, "write beside %s", path);
	return err_note(e, "try", "sudo %s update --self%s%s", path, version ? " " : "", version ? version : "");
}

/* ---- in its place ---- */

static int
check_runs(struct arena *a, const char *file, const char *version, struct err *e)
{
	const char *const argv[] = { file, "version", "--json", NULL };
	AUTO(buf) struct buf said = BUF_INIT(SAID_MAX);
	struct err unread = ERR_INIT;
	int status;

	if (spawn_hear(argv, NULL, &said, clock_due_ms(TRY_MS), &status, e) < 0)
		return err_wrap(e, "try the new program");
	const struct json *j = status == 0 ? json_parse(a, buf_str(&said), &unread) : NULL;
	if (j && strcmp(json_str(json_get(j, "version"), ""), version) == 0)
		return 0;
	return err_set(e, ERR_REFUSED, "the new program does not say that it is %s: it ended with status %d", version, status);
}

/* As the old one was, so that who could start it still can. */
static int
put_beside(const char *path, const char *beside, struct str program, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(e, "look at %s", path);
	if (file_save(beside, program, st.st_mode & 07777, e) < 0)
		return -1;
	if (geteuid() == 0 && chown(beside, st.st_uid, st.st_gid) < 0)
		return err_sys(e, "give %s its owner", beside);
	return 0;
}

/* By its bytes, where the file system has no second names. */
static int
copy_of(const char *path, const char *to, struct err *e)
{
	AUTO(buf) struct buf program = BUF_INIT(PROGRAM_MAX);

	return file_read(path, &program, e) < 0 ? -1 : file_save(to, buf_str(&program), 0755, e);
}

/* The old one under its second name first: at no time is there none under the first. */
static int
take_over(struct arena *a, const char *path, const char *beside, struct err *e)
{
	const char *previous = arena_printf(a, "%s" SELF_UPDATE_PREVIOUS, path), *link_at = arena_printf(a, "%s" SELF_UPDATE_PREVIOUS NEW, path);

	(void)unlink(link_at);
	bool is_linked = link(path, link_at) == 0 && rename(link_at, previous) == 0;
	(void)unlink(link_at);		/* still there when both were one file already: rename(2) */
	if (!is_linked && copy_of(path, previous, e) < 0)
		return err_wrap(e, "keep the old one as %s", previous);
	if (rename(beside, path) < 0)
		return err_sys(e, "put the new one in the place of %s", path);
	return file_sync_dir(path_dir(a, path), e);
}

int
self_update_install(struct arena *a, const struct self_update *u, const struct release *r, struct err *e)
{
	AUTO(buf) struct buf program = BUF_INIT(PROGRAM_MAX);
	unsigned char hash[DIGEST_SHA256_BYTES];
	const char *beside = arena_printf(a, "%s" NEW, u->path);

	if (get(a, u, u->version, r->file, &program, e) < 0)
		return -1;
	digest_sha256(buf_str(&program), hash);
	if (mem_differs(hash, r->hash, sizeof hash))
		return err_set(e, ERR_REFUSED, "%s is not what the signed list says", r->file);
	int done = put_beside(u->path, beside, buf_str(&program), e) < 0 || check_runs(a, beside, r->version, e) < 0 || take_over(a, u->path, beside, e) < 0 ? -1 : 0;
	if (done < 0)
		(void)unlink(beside);
	return done;
}
