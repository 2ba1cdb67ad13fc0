/* SPDX-License-Identifier: Apache-2.0 */
/* events_priv: what the readers of the two backends share.
 *
 * Runs in:  as events.h.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    as events.h.
 * Not here: anything for callers outside events*.c.
 */
#pragma once

#include "container/events.h"

/* Tells the caller of a line of the log, if it is one that was asked for; true: that is enough. */
bool events_offer(const struct events_query *q, const char *line, size_t n);
int events_read_journal(struct engine *g, const struct events_query *q, struct err *e);
