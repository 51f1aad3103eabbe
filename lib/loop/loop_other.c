/* loop_other.c - systems without epoll */
#ifndef __linux__

#include "lib/loop/loop_own.h"

const struct loop_backend *const loop_native = &loop_poll;

#endif
