/* image_ref_fuzz.c - what is accepted is written in full, and reads back as the same */
#include <stdint.h>
#include <stdlib.h>

#include "lib/engine/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) struct buf full = BUF_INIT(4096), familiar = BUF_INIT(4096), again = BUF_INIT(4096);
	struct image_ref r, second;
	struct err e = ERR_INIT;

	if (image_ref_parse(str_from(data, size), &r, &e) < 0) {
		if (e.code != ERR_USAGE)
			abort();
		return 0;
	}
	image_ref_put_full(&r, &full);
	image_ref_put_familiar(&r, &familiar);
	if (full.fault || familiar.fault || r.path.n == 0 || r.domain.n == 0)
		abort();
	if (image_ref_parse(buf_str(&familiar), &second, &e) < 0)
		abort();
	image_ref_put_full(&second, &again);
	if (!str_eq(buf_str(&full), buf_str(&again)))
		abort();
	/* "library/" may push a name over the limit of the grammar; everything else reads back. */
	if (image_ref_parse(buf_str(&full), &second, &e) < 0 && r.domain.n + 1 + r.path.n <= IMAGE_NAME_MAX)
		abort();
	return 0;
}
