/*
 * backup_round.h - what a schedule does each time: a backup, copied away, the older ones removed, and now and then one proved
 *
 * "backups.json" in the state tells of the last ones, for the schedule and for `status`. Run by the watchdog (backup.schedule), or by whoever calls `occ backup run`.
 */
#ifndef OCC_DEPLOY_BACKUP_ROUND_H
#define OCC_DEPLOY_BACKUP_ROUND_H

#include <stdint.h>

#include "lib/deploy/restore.h"

struct backup_round {
	int64_t tried_epoch_s;		/* 0: never */
	int64_t made_epoch_s;		/* the last one that is there, whatever became of copying or proving it */
	int64_t proved_epoch_s;		/* the last backup that was proved */
	const char *file;		/* the last one made, "" */
	const char *why;		/* why the last try failed, "" */
	bool is_beside_data;		/* lies on the disk that the data lies on */
};

/* No file, or one that cannot be read: nothing is known. In the arena. */
void backup_round_load(struct arena *a, const struct scope *s, struct backup_round *ret);

/* Pure: when the next is due, epoch; 0: never (backup.schedule off). An hour after one that could not be made. */
int64_t backup_round_due(const struct config *c, const struct backup_round *last);

/* One now. *ret is what is known afterwards, which is saved whatever happens. ERR_LOCKED when another backup is being made: nothing is noted then. */
int backup_round_run(struct service *s, const char *program, const struct plan_report *report, struct backup_round *ret, struct err *e) MUST_CHECK;

/* A backup was proved by hand: remembered. Faults are logged. */
void backup_round_proved(struct service *s);

/* "2 h old, proved 3 d ago, on the disk of the data"; NULL without a schedule and without any backup known. In the arena. */
const char *backup_round_line(struct arena *a, const struct config *c, const struct backup_round *r, int64_t now_epoch_s);

#endif
