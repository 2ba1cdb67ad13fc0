/* SPDX-License-Identifier: Apache-2.0 */
/* logs_priv: what the writer and the reader of logs agree on.
 *
 * Runs in:  as logs.h.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    as logs.h.
 * Not here: anything for callers outside logs_*.c.
 */
#pragma once

#include "container/logs.h"

#include "container/state.h"

#include <limits.h>

#define LOGS_FILE "ctr.log"
#define LOGS_FILES_MAX 1000

struct logs_limits {
	int64_t max_size;	/* bytes of one file; <= 0: no limit */
	int max_file;		/* with the one that is written */
};
int logs_limits(struct logs_limits *out, const struct container_config *c, struct err *e);
/* --log-opt tag with its template filled in; owned, NULL: none. */
int logs_tag(char **out, struct engine *g, struct record *r, struct err *e);
/* logs_read of a container whose lines are in the journal. */
int logs_read_journal(const struct record *rec, const struct state *s, const struct logs_query *q,
		      struct err *e);

int logs_driver(const struct container_config *c);	/* -EINVAL */
const char *logs_option(const struct container_config *c, const char *key);	/* --log-opt; NULL */
/* The directory of the log (dirfd, owned) and its name there (owned). */
int logs_open_dir(int ctr_dirfd, const struct container_config *c, char **name, struct err *e);
