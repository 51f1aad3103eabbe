/* engine_build.c - builds with the classic builder, against a real engine */
#include "tests/e2e/driver/driver.h"

#include "lib/engine/tar.h"

#define TAG "engtest-built:1"
#define BIG_BYTES (200u << 20)		/* more than any buffer between here and there */

/* A context of one tar, given out in pieces; behind it optionally a large file of zeros. */
struct context {
	struct buf tar;
	size_t given, piece;
	size_t zeros;			/* still to give */
	bool is_broken;			/* fails in the middle */
};

static char zeros[65536];

static int
next_piece(void *ctx, struct str *ret_data, struct err *err)
{
	struct context *c = ctx;

	if (c->given < c->tar.n) {
		*ret_data = str_take(str_skip(buf_str(&c->tar), c->given), c->piece);
		c->given += ret_data->n;
		return 1;
	}
	if (c->is_broken)
		return err_set(err, ERR_CONFIG, "a file of the context cannot be read");
	if (c->zeros == 0)
		return 0;
	*ret_data = str_from(zeros, c->zeros < sizeof zeros ? c->zeros : sizeof zeros);
	c->zeros -= ret_data->n;
	return 1;
}

static unsigned steps, lines;
static char said[65536];

static void
on_step(void *ctx, struct str line, uint64_t done, uint64_t total)
{
	size_t n = strlen(said);

	(void)ctx;
	(void)done;
	(void)total;
	lines++;
	steps += str_has_prefix(line, "Step ") || str_has_prefix(line, "STEP ");
	snprintf(said + n, sizeof said - n, STR_FMT "\n", STR_ARG(line));
}

static int
build(const char *dockerfile, struct image_build b, struct context *c, int64_t due_ms, const char **ret_id)
{
	const struct image_progress p = { .step = on_step };
	const struct image_context context = { .next = next_piece, .ctx = c };

	steps = lines = 0;
	said[0] = '\0';
	c->tar = (struct buf)BUF_INIT(1u << 20);
	c->piece = c->piece ? c->piece : 777;
	T_CALL(tar_put_file(&c->tar, "Dockerfile", 0644, 0, 0, str_of(dockerfile), &e));
	T_CALL(tar_put_file(&c->tar, "rootfs/etc/greeting", 0755, 0, 0, STR_LIT("hello\n"), &e));
	if (c->zeros > 0) {
		const struct tar_entry big = { .name = STR_LIT("big"), .type = TAR_FILE, .mode = 0644, .size = c->zeros };
		T_CALL(tar_put_header(&c->tar, &big, &e));
		c->zeros += 2 * sizeof(char[512]);
	} else {
		tar_put_end(&c->tar);
	}
	b.tag = TAG;
	int rc = image_build(&en, &a, &b, &context, &p, due_ms, ret_id, &e);
	buf_fini(&c->tar);
	return rc;
}

static void
notes(void)
{
	printf("# %s\n", e.msg);
	driver_note();
}

static void
successes(void)
{
	const struct image_build b = {
		.args = (const char *const[]){ "BASE_IMAGE=" IMAGE, "WORD=a \"b\" & c", NULL },
		.labels = (const char *const[]){ "engtest=1", "engtest.other=x=y", NULL },
	};
	const char *id = NULL, *again = NULL, *fresh = NULL;
	const char *file = arena_printf(&a, "ARG BASE_IMAGE\nFROM $BASE_IMAGE\nENV NOW=%lld\nARG WORD\nCOPY rootfs/ /\nRUN printf '%%s' \"$WORD\" >/word && echo one && echo two >&2\n"
	    "RUN printf 'no newline'\n", (long long)clock_epoch_ns());	/* not from an earlier run's cache */
	struct image im;
	int code = -1;
	AUTO(buf) struct buf out = BUF_INIT(65536);

	T_CALL(image_remove(&en, TAG, &e));
	t_row("a build: arguments, labels, progress, id under the tag");
	if (!T_CALL(build(file, b, &(struct context){ .piece = 1 }, DUE, &id))) {
		notes();
		return;
	}
	T_OK(steps >= 4 && lines > steps);
	T_HAS(said, "one\n");
	T_HAS(said, "two\n");
	T_HAS(said, "no newline");
	T_OK(!strchr(said, '\x1b'));
	T_CALL(image_inspect(&en, &a, TAG, &im, &e));
	T_STR(im.id, id);
	T_STR(image_label(&im, "engtest.other"), "x=y");
	T_CALL(container_run(&en, &a, str_of(arena_printf(&a, "{\"Image\":\"%s\",\"Cmd\":[\"cat\",\"/word\",\"/etc/greeting\"],\"HostConfig\":{\"Ulimits\":["
	    "{\"Name\":\"nofile\",\"Soft\":1024,\"Hard\":1024},{\"Name\":\"nproc\",\"Soft\":1024,\"Hard\":1024}]}}", id)), &out, DUE, &code, &e));
	T_VIEW(buf_str(&out), "a \"b\" & chello\n");
	t_row("again from the cache: the same id");
	T_CALL(build(file, b, &(struct context){ .piece = 4096 }, DUE, &again));
	if (!en.is_podman)		/* labels given to the build cost it its cache */
		T_STR(again, id);
	t_row("without the cache: another id");
	struct image_build c = b;
	c.no_cache = true;
	T_CALL(build(file, c, &(struct context){ .piece = 4096 }, DUE, &fresh));
	T_OK(fresh && strcmp(fresh, id) != 0);
	t_row("a context of 200 MiB that nobody holds in memory");
	T_CALL(build("FROM " IMAGE "\nRUN echo small\n", b, &(struct context){ .zeros = BIG_BYTES, .piece = 65536 }, clock_due_ms(180000), &id));
}

static void
failures(void)
{
	const struct image_build b = { .args = NULL };
	const char *id = NULL;
	struct image before, after;

	T_CALL(image_inspect(&en, &a, TAG, &before, &e));
	t_row("a command that fails: ERR_IMAGE, its code, its last words; the old image stays");
	T_FAILS(build("FROM " IMAGE "\nRUN echo first; echo second; echo third; echo fourth; exit 132\n", b, &(struct context){ .piece = 99 }, DUE,
	    &id), ERR_IMAGE);
	T_HAS(e.msg, "returned a non-zero code: 132");
	T_OK(e.n_notes >= 3);
	T_STR(e.notes[e.n_notes - 1].text, "fourth");
	T_STR(e.notes[e.n_notes - 2].text, "third");
	notes();
	T_CALL(image_inspect(&en, &a, TAG, &after, &e));
	T_STR(after.id, before.id);
	t_row("a Dockerfile that is none: ERR_IMAGE");
	T_FAILS(build("FROM " IMAGE "\nNONSENSE here\n", b, &(struct context){ .piece = 99 }, DUE, &id), ERR_IMAGE);
	notes();
	t_row("the same, refused or told in the middle of 200 MiB");
	T_FAILS(build("NONSENSE here\n", b, &(struct context){ .zeros = BIG_BYTES, .piece = 65536 }, clock_due_ms(180000), &id), ERR_IMAGE);
	notes();
	t_row("a copy of what is not there: ERR_IMAGE");
	T_FAILS(build("FROM " IMAGE "\nCOPY absent /\n", b, &(struct context){ .piece = 99 }, DUE, &id), ERR_IMAGE);
	notes();
	t_row("a base that no registry gives: ERR_IMAGE");
	T_FAILS(build("FROM 127.0.0.1:9/engtest/absent:1\n", b, &(struct context){ .piece = 99 }, DUE, &id), ERR_IMAGE);
	notes();
	t_row("a context that breaks off: its own error, no image");
	T_FAILS(build("FROM " IMAGE "\nRUN echo never\n", b, &(struct context){ .is_broken = true }, DUE, &id), ERR_CONFIG);
	notes();
	t_row("a build that takes too long: ERR_TIMEOUT");
	T_FAILS(build("FROM " IMAGE "\nRUN sleep 100\n", b, &(struct context){ .piece = 99 }, clock_due_ms(3000), &id), ERR_TIMEOUT);
	notes();
	T_CALL(image_inspect(&en, &a, TAG, &after, &e));
	T_STR(after.id, before.id);
	T_CALL(image_remove(&en, TAG, &e));
}

int
main(void)
{
	driver_open();
	successes();
	failures();
	return driver_done();
}
