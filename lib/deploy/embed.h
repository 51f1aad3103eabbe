/*
 * embed.h - the files of docker/, compiled into the program (made by scripts/embed)
 */
#ifndef OCC_DEPLOY_EMBED_H
#define OCC_DEPLOY_EMBED_H

#include <stddef.h>

struct embed_file {
	const char *path;		/* below docker/ */
	unsigned mode;			/* 0644 or 0755 */
	size_t size;			/* in bytes */
};

extern const struct embed_file embed_files[];
extern const size_t embed_files_count;

/* The bytes of all of them, one after another in that order, as one gzip. */
extern const unsigned char embed_data[];
extern const size_t embed_data_size;

/* SHA-256 as hex over, for each file, the line "PATH MODE SIZE" and its bytes. */
extern const char embed_digest[];

#endif
