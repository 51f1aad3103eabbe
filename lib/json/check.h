/*
 * check.h - the grammar of RFC 8259, inside lib/json
 *
 * Accepts exactly one strict JSON value and says where and why not. It runs before jsmn, so that the tokenizer only ever
 * sees valid text and the tree's size is known beforehand. It uses no recursion and allocates nothing.
 */
#ifndef OCC_JSON_CHECK_H
#define OCC_JSON_CHECK_H

#include "lib/base/str.h"

struct json_fault {
	size_t at;		/* offset in the text */
	const char *what;
};

/* Counts values and keys into *ret_nodes; false with *ret_fault filled. */
bool json_check(struct str text, size_t *ret_nodes, struct json_fault *ret_fault);

#endif
