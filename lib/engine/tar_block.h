/*
 * tar_block.h - the ustar header block (IEEE Std 1003.1, pax, "ustar Interchange Format"), for writer and reader
 *
 * Numbers are octal text, names are not terminated when they fill their field.
 */
#ifndef OCC_ENGINE_TAR_BLOCK_H
#define OCC_ENGINE_TAR_BLOCK_H

#include "lib/base/str.h"

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

/* Sum of all bytes, the checksum field taken as spaces. */
unsigned tar_checksum(const struct tar_block *b);
bool tar_is_safe_name(struct str name);

#endif
