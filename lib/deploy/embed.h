/*
 * embed.h - the files of docker/, compiled into the program (made by scripts/embed)
 */
#ifndef OCC_DEPLOY_EMBED_H
#define OCC_DEPLOY_EMBED_H

#include <stddef.h>

struct embed_file {
	const char *path;		/* below docker/ */
	unsigned mode;			/* 0644 or 0755 */
	const unsigned char *data;
	size_t size;
};

extern const struct embed_file embed_files[];
extern const size_t embed_files_count;

#endif
