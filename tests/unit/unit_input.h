/*
 * unit_input.h - the input of a unit as the tests of texts and of plans have it: an instance of me, or of the machine
 */
#ifndef OCC_TESTS_UNIT_INPUT_H
#define OCC_TESTS_UNIT_INPUT_H

#include "lib/deploy/unit.h"

static inline struct unit_input
input_of(enum unit_manager m, enum scope_kind k, const char *instance)
{
	return (struct unit_input){ .manager = m, .kind = k, .instance = instance, .binary = "/usr/local/lib/opencode-cloud/opencode-cloud", .home = "/home/me",
		.state_dir = k == SCOPE_SYSTEM ? "/var/lib/opencode-cloud" : "/home/me/.local/state/opencode-cloud", .engine_socket = "/var/run/docker.sock" };
}

#endif
