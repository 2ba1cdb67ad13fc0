/* SPDX-License-Identifier: Apache-2.0 */
/* events: telling what has been done, and reading that again.
 *
 * Runs in:  the command line process; telling also in the monitor.
 * Owns:     nothing.
 * Needs:    nothing. Telling costs one append (storage/event_log.h), and nothing when the user wants
 *           no events (--events-backend=none, containers.conf engine.events_logger). journald without a
 *           journal is file.
 * Fails:    telling never; reading: ERR_USAGE a filter, EIO the log.
 * Not here: how an event is shown (cli/events.c).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"
#include "container/config.h"
#include "container/engine.h"

#include <stdint.h>

/* "file", "journald", "none" -> enum engine_events or -EINVAL; and which one it is. */
int events_backend_parse(const char *name);
const char *events_backend_name(struct engine *g);
/* For rootlet-image, which tells of images itself. */
void events_setenv(struct engine *g);
/* "create", "start", "died", ... of a container. */
void events_container(struct engine *g, const struct container_config *c, const char *status);
/* It was made ready and started: two events at once. */
void events_start(struct engine *g, const struct container_config *c);
/* log: what the check said, where events are to keep that; else NULL. */
void events_health(struct engine *g, const struct container_config *c, const char *status,
		   const char *log);
/* One with an exit code, and for exec the id of its session (else NULL). */
void events_exit(struct engine *g, const struct container_config *c, const char *status, int code,
		 const char *exec_id);
void events_exec(struct engine *g, const struct container_config *c, const char *exec_id);
/* Of anything else: type "image", "volume", "secret", "system". id and name may be NULL. */
void events_add(struct engine *g, const char *type, const char *status, const char *id,
		const char *name);
/* Decides now what is asked at every event: for who will not want to read a configuration later. */
bool events_are_wanted(struct engine *g);

struct events_query {
	const struct strv *filters;	/* "event=start", "container=NAME", ... */
	bool has_history;		/* from the beginning, or since; else only what comes */
	int64_t since, until;		/* ns; until 0: none */
	bool follow;			/* waits for more, till until or for ever */
	/* As in the file; not 0 ends it. */
	int (*event)(void *arg, const struct json *event);
	void *arg;
};
int events_read(struct engine *g, const struct events_query *q, struct err *e);
/* Filters alone: checked before anything is read, and whether an event passes. */
int events_check_filters(const struct strv *filters, struct err *e);
bool events_accepts(const struct strv *filters, const struct json *event);
