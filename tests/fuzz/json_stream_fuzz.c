/* json_stream_fuzz.c - the first byte says how the rest is cut; every cut gives the same objects as none */
#include <stdint.h>
#include <stdlib.h>

#include "lib/engine/json_stream.h"

#define OUT_MAX (8u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
run(struct str all, size_t at_once, struct buf *out, bool *ret_clean)
{
	AUTO(json_stream) struct json_stream s = JSON_STREAM_INIT;
	struct err e = ERR_INIT;
	struct str object;
	int got = 0;

	for (; all.n > 0 && got >= 0; all = str_skip(all, at_once)) {
		got = json_stream_put(&s, str_take(all, at_once), &e);
		while (got >= 0 && (got = json_stream_next(&s, &object, &e)) > 0) {
			if (object.n < 2 || object.p[0] != '{')
				abort();
			buf_putstr(out, object);
			buf_putc(out, '\n');
		}
	}
	*ret_clean = json_stream_is_clean(&s);
	return got;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) struct buf whole = BUF_INIT(OUT_MAX), cut = BUF_INIT(OUT_MAX);
	bool is_clean = false, is_clean_cut = false;

	if (size == 0 || size > JSON_STREAM_RUN_MAX)
		return 0;
	struct str all = str_from(data + 1, size - 1);
	int got = run(all, all.n ? all.n : 1, &whole, &is_clean), got_cut = run(all, data[0] ? data[0] : 1, &cut, &is_clean_cut);
	if (got != got_cut || (got == 0 && is_clean != is_clean_cut) || !str_eq(buf_str(&whole), buf_str(&cut)))
		abort();
	return 0;
}
