/*
 * jsonedit_fuzz.c - any edit of any text
 *
 * Input: a line with the path, a line with the value, and the text. Everything that editcheck.h asks for has to hold.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/editcheck.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
hold(const char *wrong)
{
	if (!wrong)
		return;
	fprintf(stderr, "%s\n", wrong);
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct str text = str_from(data, size);
	const char *path = arena_str(&a, str_cut(&text, '\n'));
	struct str value = str_cut(&text, '\n');

	hold(check_set(text, path, value));
	hold(check_unset(text, path));
	return 0;
}
