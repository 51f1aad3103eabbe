/*
 * jsonc_fuzz.c - any bytes through the strict parser, the JSONC parser and the writer
 *
 * What is strict JSON is JSONC with the same tree; a tree is sound, and survives being written and read.
 */
#include <stdint.h>
#include <stdlib.h>

#include "tests/fuzz/jsontree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf again = BUF_INIT(JSON_TEXT_MAX);
	struct str text = str_from(data, size);
	struct err e = ERR_INIT;
	const struct json *strict = json_parse(&a, text, &e);
	const struct json *j = jsonc_parse(&a, text, &e);

	if (strict && !tree_same(strict, j))
		abort();
	if (!j && !e.msg[0])
		abort();
	if (!j)
		return 0;
	if (!tree_is_sound(j, text))
		abort();
	tree_write(j, &again);
	if (!tree_same(j, json_parse(&a, buf_str(&again), &e)))
		abort();
	return 0;
}
