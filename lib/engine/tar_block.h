/*
 * tar_block.h - the ustar header block (IEEE Std 1003.1, pax, "ustar Interchange Format"), for writer and reader
 *
 * Numbers are octal text, names are not terminated when they fill their field.
 */
#ifndef OCC_ENGINE_TAR_BLOCK_H
#define OCC_ENGINE_TAR_BLOCK_H

#include "lib/engine/tar.h"

#define TAR_BLOCK 512
#define TAR_PAX 'x'			/* records for the next entry */
#define TAR_PAX_GLOBAL 'g'
#define TAR_GNU_NAME 'L'		/* GNU tar's way: the next entry's name as a file's content */
#define TAR_GNU_LINK 'K'

struct tar_block {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type;
	char link[100], magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct tar_block) == TAR_BLOCK, "a header is one block");

/* What the headers before an entry said about it. */
struct tar_extras {
	struct str path, link;
	bool has_size;
	uint64_t size;
	bool has_uid, has_gid;
	uint64_t uid, gid;
	bool has_mtime;
	int64_t mtime;
};

/* ERR_PARSE "malformed archive: WHAT". Returns -1. */
int tar_bad(const char *what, struct err *e);
/* The end mark's blocks. */
bool tar_is_zero(const struct tar_block *b);
/* Magic, checksum and size. */
int tar_check_block(const struct tar_block *b, uint64_t *ret_size, struct err *e) MUST_CHECK;
/* A header that only speaks about the next one. */
bool tar_is_extra(char type);
/* Its data into x, as views: 1 when it was such a header, 0 for any other, -1. */
int tar_take_extras(char type, struct str data, struct tar_extras *x, struct err *e) MUST_CHECK;
/* Links, devices, directories and pipes have none, whatever their size field says. */
bool tar_has_data(char type);
/* All but size and data, names as views into b and x. */
int tar_set_entry(const struct tar_block *b, const struct tar_extras *x, struct tar_entry *ret, struct err *e) MUST_CHECK;

/* Sum of all bytes, the checksum field taken as spaces. */
unsigned tar_checksum(const struct tar_block *b);
bool tar_is_safe_name(struct str name);

#endif
