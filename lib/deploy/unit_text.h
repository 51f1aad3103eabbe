/*
 * unit_text.h - what the texts of an instance's units share
 */
#ifndef OCC_DEPLOY_UNIT_TEXT_H
#define OCC_DEPLOY_UNIT_TEXT_H

#include "lib/deploy/unit.h"

/* One text each; unit_put chooses. */
void unit_put_systemd(const struct unit_input *in, struct buf *out);	/* the watchdog's */
void unit_put_edge(const struct unit_input *in, struct buf *out);
void unit_put_socket(const struct unit_input *in, struct buf *out);
void unit_put_launchd(const struct unit_input *in, struct buf *out);

/* Whose unit it is, in its mark: "the instance", "the edge of the instance". */
const char *unit_text_owner(enum unit_part part);

/* Parts of a systemd unit. */
void unit_text_word(struct buf *out, const char *word);			/* quoted where needed, safe from specifiers */
void unit_text_mark(const struct unit_input *in, struct buf *out);
void unit_text_environment(const struct unit_input *in, struct buf *out);
void unit_text_filters(struct buf *out);				/* what seccomp can hold, for any manager */
void unit_text_fence(const struct unit_input *in, const char *homes, struct buf *out);	/* what only the machine's manager can; ProtectHome= */
bool unit_text_is_in_a_home(const char *path);

#endif
