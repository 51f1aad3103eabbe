/* build_context.c - one file of the context at a time, so that memory holds one file at a time */
#include "lib/deploy/build_context.h"

#include "lib/base/file.h"
#include "lib/deploy/embed.h"
#include "lib/engine/tar.h"
#include "lib/tls/digest.h"

#define EMBED_BYTES_MAX (4u << 20)

int
build_context_open(struct build_context *c, const char *ca_path, struct err *e)
{
	*c = (struct build_context){ .ca = BUF_INIT(BUILD_CONTEXT_CA_MAX), .piece = BUF_INIT(BUILD_CONTEXT_PIECE_MAX) };
	if (!ca_path)
		return 0;
	return file_read(ca_path, &c->ca, e) < 0 ? err_wrap(e, "read the CA bundle") : 0;
}

void
build_context_auto(struct build_context *c)
{
	buf_fini(&c->ca);
	buf_fini(&c->piece);
}

static int
next_piece(void *ctx, struct str *ret_data, struct err *e)
{
	struct build_context *c = ctx;
	size_t i = c->next++;

	buf_reset(&c->piece);
	if (i < embed_files_count) {
		const struct embed_file *f = &embed_files[i];
		if (tar_put_file(&c->piece, f->path, f->mode, 0, 0, str_from(f->data, f->size), e) < 0)
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

void
build_context_digest(struct buf *out)
{
	AUTO(buf) struct buf all = BUF_INIT(EMBED_BYTES_MAX);

	for (size_t i = 0; i < embed_files_count; i++) {
		const struct embed_file *f = &embed_files[i];
		buf_printf(&all, "%s %o %zu\n", f->path, f->mode, f->size);
		buf_put(&all, f->data, f->size);
	}
	digest_sha256_hex(buf_str(&all), out);
}
