/* build_context.c - one file of the context at a time, so that memory holds one file at a time */
#include "lib/deploy/build_context.h"

#include <string.h>

#include "lib/base/file.h"
#include "lib/deploy/embed.h"
#include "lib/engine/tar.h"

static ssize_t
read_packed(void *ctx, void *p, size_t n, struct err *e)
{
	struct build_context *c = ctx;
	size_t left = embed_data_size - c->n_packed;

	(void)e;
	if (n > left)
		n = left;
	memcpy(p, embed_data + c->n_packed, n);
	c->n_packed += n;
	return (ssize_t)n;
}

int
build_context_open(struct build_context *c, const char *ca_path, struct err *e)
{
	*c = (struct build_context){ .ca = BUF_INIT(BUILD_CONTEXT_CA_MAX), .piece = BUF_INIT(BUILD_CONTEXT_PIECE_MAX) };
	if (ca_path && file_read(ca_path, &c->ca, e) < 0)
		return err_wrap(e, "read the CA bundle");
	return gunzip_new(&c->files, (struct source){ .read = read_packed, .ctx = c }, (struct sink){ .write = NULL }, e);
}

void
build_context_auto(struct build_context *c)
{
	buf_fini(&c->ca);
	buf_fini(&c->piece);
	gunzip_free(c->files);
	c->files = NULL;
}

static int
put_embedded(struct build_context *c, const struct embed_file *f, struct err *e)
{
	AUTO(buf) struct buf bytes = BUF_INIT(BUILD_CONTEXT_PIECE_MAX);

	while (bytes.n < f->size) {
		char part[4096];
		size_t left = f->size - bytes.n;
		ssize_t n = gunzip_read(c->files, part, left < sizeof part ? left : sizeof part, e);

		if (n < 0)
			return -1;
		if (n == 0)
			BUG("the embedded files are shorter than their table says");
		buf_put(&bytes, part, (size_t)n);
	}
	return tar_put_file(&c->piece, f->path, f->mode, 0, 0, buf_str(&bytes), e);
}

static int
next_piece(void *ctx, struct str *ret_data, struct err *e)
{
	struct build_context *c = ctx;
	size_t i = c->next++;

	buf_reset(&c->piece);
	if (i < embed_files_count) {
		if (put_embedded(c, &embed_files[i], e) < 0)
			return -1;
	} else if (i == embed_files_count) {
		if (tar_put_file(&c->piece, BUILD_CONTEXT_CA_NAME, 0644, 0, 0, buf_str(&c->ca), e) < 0)
			return -1;
		tar_put_end(&c->piece);
	} else {
		return 0;
	}
	if (buf_check(&c->piece, "build context", e) < 0)
		return -1;
	*ret_data = buf_str(&c->piece);
	return 1;
}

struct image_context
build_context_source(struct build_context *c)
{
	return (struct image_context){ .next = next_piece, .ctx = c };
}
