/*
 * ladder.h - what the watchdog remembers over its own end, a reboot and a full disk
 *
 * In preallocated slots (lib/base/slots.h). Within one boot times stay as they are (CLOCK_BOOTTIME); after a reboot ages count from the save, so that a wall
 * clock plays no part. The record is one line of JSON:
 * {"format":1,"boot":"UUID","saved_ms":N,"stopped":false,"step":N,"open":false,"cause":"out-of-memory","failed_ms":[N,...]}
 */
#ifndef OCC_DEPLOY_LADDER_H
#define OCC_DEPLOY_LADDER_H

#include "lib/base/slots.h"
#include "lib/deploy/policy.h"

#define LADDER_FORMAT 1
#define LADDER_SLOTS 4
#define LADDER_SLOT_BYTES 4096		/* one block, so that a torn one is one slot */
#define LADDER_STEP_MAX 1000000
#define LADDER_BOOT_BYTES 40

struct ladder {
	struct policy_ladder policy;
	bool was_stopped;		/* by the service manager, as a person asked it to: its next start is one of opencode, whatever was wanted before */
	bool is_same_boot;		/* at load: saved during this boot */
	bool is_new;			/* at load: nothing was saved yet, or nothing readable is left */
};

struct ladder_file {
	struct slots slots;
	char boot_id[LADDER_BOOT_BYTES];
};

#define LADDER_FILE_INIT { .slots = SLOTS_INIT }

/* Opens or makes the file, and loads the newest valid record; damage is no error (is_new). ERR_CONFIG when a newer program wrote it. */
int ladder_open(struct ladder_file *f, const char *path, int64_t now_ms, struct ladder *ret, struct err *e) MUST_CHECK;
int ladder_save(struct ladder_file *f, const struct ladder *l, int64_t now_ms, struct err *e) MUST_CHECK;
void ladder_auto(struct ladder_file *f);

/* Pure: the record's text, and back. boot_id: this boot's. Whatever the text, failures come back in order and not after now_ms. */
void ladder_put(const struct ladder *l, const char *boot_id, int64_t now_ms, struct buf *out);
int ladder_parse(struct str text, const char *boot_id, int64_t now_ms, struct ladder *ret, struct err *e) MUST_CHECK;

/* /proc/sys/kernel/random/boot_id, kern.bootsessionuuid on macOS (boot_linux.c, boot_other.c); "" where there is none. */
void ladder_boot_id(char ret[LADDER_BOOT_BYTES]);

#endif
