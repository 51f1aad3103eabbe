/*
 * update_news.h - is there a newer opencode? Asked for by the watchdog now and then, or by a person; remembered, so that no command waits for it
 *
 * "newest.json" in the state tells what was found, for `status` and for the notification, which comes once for each version.
 */
#ifndef OCC_DEPLOY_UPDATE_NEWS_H
#define OCC_DEPLOY_UPDATE_NEWS_H

#include <stdint.h>

#include "lib/deploy/service.h"

struct update_news {
	int64_t tried_epoch_s;		/* 0: never */
	const char *newest;		/* of opencode, "" while none is known */
	const char *told;		/* the newest that was notified, "" */
	const char *why;		/* why the last try failed, "" */
};

/* No file, or one that cannot be read: nothing is known. In the arena. */
void update_news_load(struct arena *a, const struct scope *s, struct update_news *ret);

/* Pure: when to ask next, epoch; 0: never (update.check never, or an image that somebody else makes). since_epoch_s: when the one who asks has begun; the first time is a
 * while after it. */
int64_t update_news_due(const struct config *c, const struct update_news *last, int64_t since_epoch_s);

/* The newest version of opencode 1: by update.feed, or by its package's own metadata, asked for in the running container c. In the service's arena; remembered, a failure
 * too. NULL with ERR_NOT_FOUND when it cannot be had. Takes up to a minute. */
const char *update_news_ask(struct service *s, const struct container *c, struct err *e);

/* Asks, as the watchdog does: 1 when a person has to be told of *ret_newest, and has not been; then it is noted as told. 0, -1. now: opencode's version that runs. */
int update_news_look(struct service *s, const struct container *c, const char *now, const char **ret_newest, struct err *e) MUST_CHECK;

/* Pure: the version, when it is newer than now; NULL otherwise, and when now is "". */
const char *update_news_newer(const struct update_news *n, const char *now);

/* Pure: the newest of versions that this program can run, in a text, a list of texts, or a text called "version"; "" without one. */
const char *update_newest_of(const struct json *j);
/* Pure: negative, 0, positive for versions of three numbers each; a text that is none is older than all. */
int update_compare(const char *a, const char *b);

#endif
