/* demux_fuzz.c - the first byte says how the rest is cut; every cut gives the same streams as none */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "lib/engine/exec.h"

#define STREAMS 4
#define OUT_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns what the last demux_next returned. */
static int
run(struct str all, size_t at_once, struct buf out[STREAMS])
{
	struct demux d = { .left = 0 };
	struct err e = ERR_INIT;

	while (all.n > 0) {
		struct str in = str_take(all, at_once), data;
		int stream = -1, got;
		all = str_skip(all, at_once);
		while ((got = demux_next(&d, &in, &stream, &data, &e)) > 0) {
			if (stream < 0 || stream >= STREAMS || data.n == 0)
				abort();
			buf_putstr(&out[stream], data);
		}
		if (got < 0)
			return -1;
		if (in.n > 0 || d.head_n >= sizeof d.head)
			abort();
	}
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole[STREAMS] = { BUF_INIT(OUT_MAX), BUF_INIT(OUT_MAX), BUF_INIT(OUT_MAX), BUF_INIT(OUT_MAX) };
	struct buf cut[STREAMS] = { BUF_INIT(OUT_MAX), BUF_INIT(OUT_MAX), BUF_INIT(OUT_MAX), BUF_INIT(OUT_MAX) };

	if (size == 0)
		return 0;
	struct str all = str_from(data + 1, size - 1);
	if (run(all, all.n ? all.n : 1, whole) != run(all, data[0] ? data[0] : 1, cut))
		abort();
	for (size_t i = 0; i < STREAMS; i++) {
		if (!str_eq(buf_str(&whole[i]), buf_str(&cut[i])))
			abort();
		buf_fini(&whole[i]);
		buf_fini(&cut[i]);
	}
	return 0;
}
