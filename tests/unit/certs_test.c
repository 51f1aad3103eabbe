/* certs_test.c - when a certificate is due, and what each mode makes of the files it finds */
#include "applets/occ-tls/certs.h"

#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "tests/t.h"

#define NOW 1800000000
#define DAY 86400

static struct arena arena;
static struct edge_paths paths;
static struct config config;

/* ---- decisions ---- */

static const struct {
	const char *name;
	const char *names[4];
	int64_t ca_days, leaf_from_days, leaf_days;	/* until the authority ends; the leaf's begin and life */
	bool is_forced;
	enum certs_step want;
} steps[] = {
	{ "as it was made", { "a.example", "10.0.0.1" }, 3650, 0, 90, false, CERTS_KEEP },
	{ "a second before two thirds", { "a.example", "10.0.0.1" }, 3650, -59, 90, false, CERTS_KEEP },
	{ "two thirds are over", { "a.example", "10.0.0.1" }, 3650, -60, 90, false, CERTS_LEAF },
	{ "it has expired", { "a.example", "10.0.0.1" }, 3650, -200, 90, false, CERTS_LEAF },
	{ "a clock that was ahead when it was made", { "a.example", "10.0.0.1" }, 3650, 1, 90, false, CERTS_LEAF },
	{ "asked for", { "a.example", "10.0.0.1" }, 3650, 0, 90, true, CERTS_LEAF },
	{ "a name less", { "a.example" }, 3650, 0, 90, false, CERTS_LEAF },
	{ "a new name", { "a.example", "10.0.0.1", "b.example" }, 3650, 0, 90, false, CERTS_ALL },
	{ "another name", { "b.example", "10.0.0.1" }, 3650, 0, 90, false, CERTS_ALL },
	{ "another case", { "A.Example", "10.0.0.1" }, 3650, 0, 90, false, CERTS_KEEP },
	{ "the authority lasts as long as a leaf", { "a.example", "10.0.0.1" }, 90, 0, 90, false, CERTS_KEEP },
	{ "the authority would end first", { "a.example", "10.0.0.1" }, 89, 0, 90, false, CERTS_ALL },
};

static void
test_step(size_t i)
{
	static struct cert_facts ca, leaf;
	struct cert_names names = { .v = steps[i].names, .n = 0 };
	const char *why = NULL;

	t_row("%s", steps[i].name);
	while (names.n < ARRAY_LEN(steps[i].names) && steps[i].names[names.n])
		names.n++;
	ca = (struct cert_facts){ .from_epoch_s = NOW - DAY, .until_epoch_s = NOW + steps[i].ca_days * DAY };
	leaf = (struct cert_facts){ .from_epoch_s = NOW + steps[i].leaf_from_days * DAY, .names = { "a.example", "10.0.0.1" }, .n_names = 2 };
	leaf.until_epoch_s = leaf.from_epoch_s + steps[i].leaf_days * DAY;
	T_EQ(certs_step_of(&ca, &leaf, &names, NOW, steps[i].is_forced, &why), steps[i].want);
	T_EQ(why[0] != '\0', steps[i].want != CERTS_KEEP);
}

static const struct {
	const char *names[3], *public_url, *bind, *want;
} name_rows[] = {
	{ { "a.example" }, "", "127.0.0.1", "a.example localhost 127.0.0.1 ::1" },
	{ { NULL }, "", "10.1.2.3", "10.1.2.3 localhost 127.0.0.1 ::1" },
	{ { NULL }, "", "127.0.0.1", "127.0.0.1 localhost ::1" },
	{ { "*.p.example", "a.example" }, "https://b.example:8443/", "::1", "*.p.example a.example b.example localhost 127.0.0.1 ::1" },
	{ { "a.example" }, "https://[fd00::1]:444", "::1", "a.example fd00::1 localhost 127.0.0.1 ::1" },
	{ { "a.example", "localhost" }, "https://a.example", "::1", "a.example localhost 127.0.0.1 ::1" },
};

static void
set_names(const char *const *v)
{
	config.edge.names = (struct strlist){ .v = NULL };
	for (size_t i = 0; v[i]; i++)
		strlist_add(&arena, &config.edge.names, v[i]);
}

static void
test_names(size_t i)
{
	AUTO(buf) struct buf got = BUF_INIT(4096);
	struct strlist l = { .v = NULL };

	t_row("names %s", name_rows[i].want);
	set_names(name_rows[i].names);
	config.edge.bind = name_rows[i].bind;
	config.server.public_url = name_rows[i].public_url;
	certs_names(&arena, &config, &l);
	for (size_t k = 0; k < l.n; k++)
		buf_printf(&got, "%s%s", k ? " " : "", l.v[k]);
	T_STR(got.p, name_rows[i].want);
}

/* ---- the local authority on disk ---- */

static struct certs_request
request(int64_t now_epoch_s, bool is_forced)
{
	return (struct certs_request){ .config = &config, .paths = &paths, .now_epoch_s = now_epoch_s, .is_forced = is_forced };
}

/* What is served at that time; the fingerprint of the leaf in `print`. */
static void
get(int64_t now_epoch_s, bool is_forced, bool is_made, char print[96])
{
	AUTO(certs) struct certs c;
	const struct certs_request rq = request(now_epoch_s, is_forced);
	struct err e = ERR_INIT;

	certs_init(&c);
	if (!T_CALL(certs_self_signed(&rq, &c, &e)))
		return;
	T_EQ(c.is_made, is_made);
	T_EQ(c.facts.n_chain, 2);
	T_CALL(cert_check_pair(buf_str(&c.chain), buf_str(&c.key), now_epoch_s, &e));
	str_copy(print, 96, c.facts.sha256);
}

static const char *
text_of(const char *path)
{
	AUTO(buf) struct buf text = BUF_INIT(CERT_TEXT_MAX);
	struct err e = ERR_INIT;

	T_CALL(file_read(path, &text, &e));
	return arena_str(&arena, buf_str(&text));
}

static unsigned
mode_of_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
test_made(void)
{
	const struct certs_request look = { .config = &config, .paths = &paths, .now_epoch_s = NOW, .is_read_only = true };
	AUTO(certs) struct certs c;
	char first[96] = "", second[96] = "";
	struct err e = ERR_INIT;

	certs_init(&c);
	t_row("who only looks makes nothing");
	set_names((const char *const[]){ "a.example", NULL });
	config.edge.bind = "127.0.0.1";
	config.server.public_url = "";
	T_FAILS(certs_self_signed(&look, &c, &e), ERR_NOT_FOUND);
	T_OK(!file_exists(paths.dir));
	t_row("made when missing; the keys are nobody else's");
	get(NOW, false, true, first);
	T_EQ(mode_of_file(paths.dir), 0700);
	T_EQ(mode_of_file(paths.ca_key), 0600);
	T_EQ(mode_of_file(paths.leaf_key), 0600);
	T_EQ(mode_of_file(paths.ca_cert), 0644);
	t_row("kept until two thirds are over, then a new leaf of the same authority");
	const char *ca = text_of(paths.ca_cert);
	get(NOW + 59 * DAY, false, false, second);
	T_STR(second, first);
	get(NOW + 61 * DAY, false, true, second);
	T_OK(strcmp(second, first) != 0);
	T_STR(text_of(paths.ca_cert), ca);
	t_row("asked for");
	get(NOW + 61 * DAY, true, true, first);
	T_OK(strcmp(second, first) != 0);
	T_STR(text_of(paths.ca_cert), ca);
	t_row("a key of another certificate, as after a cut between the two");
	T_CALL(file_save(paths.leaf_key, str_of(text_of(paths.ca_key)), 0600, &e));
	get(NOW + 61 * DAY, false, true, first);
	T_STR(text_of(paths.ca_cert), ca);
	t_row("a new name needs a new authority");
	set_names((const char *const[]){ "a.example", "b.example", NULL });
	get(NOW + 61 * DAY, false, true, first);
	T_OK(strcmp(text_of(paths.ca_cert), ca) != 0);
	t_row("an authority's key that others may read is refused");
	T_EQ(chmod(paths.ca_key, 0644), 0);
	const struct certs_request rq = request(NOW, false);
	T_FAILS(certs_self_signed(&rq, &c, &e), ERR_REFUSED);
	T_EQ(chmod(paths.ca_key, 0600), 0);
	t_row("junk in place of each file is made anew");
	static const char *const *const files[] = { &paths.leaf_cert, &paths.leaf_key, &paths.ca_cert, &paths.ca_key };
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		T_CALL(file_save(*files[i], STR_LIT("-----BEGIN nothing"), 0600, &e));
		get(NOW + 61 * DAY, false, true, first);
	}
}

/* ---- a person's own ---- */

static const struct {
	const char *what, *certificate, *key, *name, *want;
	int64_t now_epoch_s;
} files_rows[] = {
	{ "a good pair", "leaf.pem", "leaf.key", "a.example", NULL, NOW + 61 * DAY },
	{ "without names there is nothing to compare", "leaf.pem", "leaf.key", NULL, NULL, NOW + 61 * DAY },
	{ "for another name", "leaf.pem", "leaf.key", "c.example", "is not for c.example, which is in edge.names", NOW + 61 * DAY },
	{ "expired", "leaf.pem", "leaf.key", "a.example", "expired at", NOW + 200 * DAY },
	{ "not valid yet", "leaf.pem", "leaf.key", "a.example", "is not valid before", NOW - 200 * DAY },
	{ "a missing key", "leaf.pem", "none.key", "a.example", "edge.key: ", NOW },
	{ "a missing certificate", "none.pem", "leaf.key", "a.example", "edge.certificate: ", NOW },
	{ "a key that is not set", "leaf.pem", NULL, "a.example", "edge.key is not set", NOW },
	{ "a mismatched key", "leaf.pem", "ca.key", "a.example", "ca.key: ", NOW + 61 * DAY },
	{ "a key in place of the certificate", "leaf.key", "leaf.key", "a.example", "leaf.key: ", NOW },
	{ "a directory", "", "leaf.key", "a.example", "edge.certificate: ", NOW },
};

static void
test_files(size_t i)
{
	AUTO(certs) struct certs c;
	const struct certs_request rq = request(files_rows[i].now_epoch_s, false);
	struct err e = ERR_INIT;

	certs_init(&c);
	t_row("files: %s", files_rows[i].what);
	set_names((const char *const[]){ files_rows[i].name, NULL });
	config.edge.certificate = path_join(&arena, paths.dir, files_rows[i].certificate);
	config.edge.key = files_rows[i].key ? path_join(&arena, paths.dir, files_rows[i].key) : "";
	if (!files_rows[i].want) {
		T_CALL(certs_files(&rq, &c, &e));
		T_OK(c.chain.n > 0 && c.key.n > 0 && c.facts.n_names > 0);
		return;
	}
	T_FAILS(certs_files(&rq, &c, &e), ERR_TLS);
	T_HAS(e.msg, files_rows[i].want);
	T_OK(e.n_notes > 0);
	T_OK(!strstr(e.msg, "PRIVATE"));
}

static void
test_modes(void)
{
	t_row("every mode has a row");
	for (enum edge_mode m = EDGE_OFF; m <= EDGE_FILES; m++) {
		T_OK(mode_of(m)->brief && mode_of(m)->brief[0]);
		T_EQ(mode_of(m)->get != NULL, m >= EDGE_SELF_SIGNED);
	}
}

int
main(void)
{
	const char *dir = path_join(&arena, t_tmpdir(), "edge");

	paths = (struct edge_paths){ .dir = dir, .ca_cert = path_join(&arena, dir, "ca.pem"), .ca_key = path_join(&arena, dir, "ca.key"),
		.leaf_cert = path_join(&arena, dir, "leaf.pem"), .leaf_key = path_join(&arena, dir, "leaf.key") };
	config.edge.mode = "self-signed";
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		test_step(i);
	for (size_t i = 0; i < ARRAY_LEN(name_rows); i++)
		test_names(i);
	test_made();
	for (size_t i = 0; i < ARRAY_LEN(files_rows); i++)
		test_files(i);
	test_modes();
	arena_fini(&arena);
	return t_done();
}
