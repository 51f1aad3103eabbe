/*
 * crc.h - CRC-32 of IEEE 802.3: finds damage in our own records, keeps nobody out
 *
 * Reflected, polynomial 0x04C11DB7, as in Ethernet and gzip: "123456789" gives 0xCBF43926.
 */
#ifndef OCC_BASE_CRC_H
#define OCC_BASE_CRC_H

#include <stdint.h>

#include "lib/base/str.h"

/* Of what was summed up so far (0 at the beginning) and s after it. */
uint32_t crc_32(uint32_t sum, struct str s);

#endif
