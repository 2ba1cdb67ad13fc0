/* SPDX-License-Identifier: Apache-2.0 */
/* query: what ps says, as JSON with Podman's member names; every output format is made from that.
 *
 * Runs in:  any command in the session's user namespace.
 * Owns:     nothing; trees are the caller's.
 * Needs:    nothing.
 * Fails:    ERR_NO_SUCH.
 * Not here: all about one container (inspect.h), tables and templates (cli/, base/template.h).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "container/engine.h"
#include "container/record.h"

#include <stdint.h>

struct query_filter {
	struct strv filters;	/* "status=running", "name=x", "label=a=b", "ancestor=..", ... */
	bool all;		/* not only running ones */
	int64_t last;		/* the newest n; 0: no limit */
	bool latest, size;
	bool namespaces;	/* of those that run: "Namespaces" */
	bool is_brief;		/* rows of "Id", "ImageID", "State" and "CreatedNano" alone */
};
/* Array of podman `ps --format json` objects, newest first; and "CreatedNano" and, for
 * Docker, "Docker", which are ours. */
int query_ps(struct json **out, struct engine *g, const struct query_filter *f, struct err *e);
/* Ids of all containers, or of those that may be running: these have a runtime directory, and nothing
 * else is looked at (law 2). */
int query_candidates(struct engine *g, bool all, struct strv *ids, struct err *e);
/* Bytes the container has written, and with its image's. */
int query_sizes(uint64_t *rw, uint64_t *all, struct engine *g, const struct record *r, struct err *e);
/* "Up 3 minutes", "Exited (0) 2 hours ago": owned. */
struct state;
char *query_status_text(const struct state *st, int64_t now);
