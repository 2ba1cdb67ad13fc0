/* SPDX-License-Identifier: Apache-2.0 */
/* event_log: what has happened to containers, images and volumes, a line of JSON for each.
 *
 * Runs in:  any process with the store open; no heap is used, so the monitor may too.
 * Owns:     nothing.
 * Needs:    nothing. One open, one fstat, one write: an append of less than a page is not torn.
 * Fails:    leaf: -errno; nobody's work fails because of it.
 * Not here: whether the user wants events, reading them (container/events.h).
 *
 * store events.log (or what event_log of the store names), and events.log.1 with the lines before: {"time":NS,"type","status","id","name",
 * "image","code","health","attributes":{...}}; a member that has no value is left out. In the journal
 * that line is the field ROOTLET_EVENT beside Podman's fields (PODMAN_EVENT, PODMAN_TYPE, ...), and
 * ROOTLET_STORE says whose it is.
 */
#pragma once

#include "base/strv.h"
#include "storage/store.h"

#include <limits.h>
#include <stdint.h>

#define EVENT_LOG_FILE "events.log"
#define EVENT_LOG_OLD_SUFFIX ".1"
#define EVENT_LOG_LINE 4096		/* the longest; attributes that do not fit are left out */
#define EVENT_LOG_MAX (2 << 20)		/* then it becomes events.log.1 */
#define EVENT_LOG_MANY 2		/* entries of one call */

enum event_log_backend { EVENT_LOG_TO_FILE, EVENT_LOG_TO_JOURNAL };	/* no journal: the file */

struct event_log_entry {	/* all borrowed; NULL: none */
	const char *type, *status, *id, *name, *image;
	bool has_code;
	int code;			/* exit code */
	const char *health;		/* "healthy", ... */
	const char *error;		/* why it failed */
	const char *key, *value;	/* one attribute more */
	const struct strv *labels;	/* "k=v", attributes too */
};
#define EVENT_LOG_ENV "ROOTLET_EVENTS_LOG"	/* event_log of the store, from rootlet to rootlet-image */

/* The log, or the one before it, for the calls that take a directory and a name. */
const char *event_log_name(char buf[PATH_MAX], const struct store *s, bool is_old);
/* n, at most EVENT_LOG_MANY, that happened at once. */
int event_log_add(const struct store *s, enum event_log_backend to,
		  const struct event_log_entry *entries, size_t n);
/* ROOTLET_STORE=..., to look for; owned. */
char *event_log_journal_match(const struct store *s);
/* The line alone, for event_log_add; its length. */
size_t event_log_line(char line[EVENT_LOG_LINE], int64_t time, const struct event_log_entry *entry);
