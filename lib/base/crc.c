/* crc.c - four bits at a time: 64 bytes of table, fast enough for records */
#include "lib/base/crc.h"

static const uint32_t nibble[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t
crc_32(uint32_t sum, struct str s)
{
	sum = ~sum;
	for (size_t i = 0; i < s.n; i++) {
		sum ^= (unsigned char)s.p[i];
		sum = sum >> 4 ^ nibble[sum & 15];
		sum = sum >> 4 ^ nibble[sum & 15];
	}
	return ~sum;
}
