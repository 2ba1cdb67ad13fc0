/* SPDX-License-Identifier: Apache-2.0 */
/* prune: what the prune commands of containers and images do, for `system prune` as well.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; names are added to the caller's list.
 * Needs:    NEED_ENGINE.
 * Fails:    ERR_USAGE a filter that is none. What somebody else removes meanwhile is no failure.
 * Not here: asking the user.
 *
 * container_prune and image_prune are where the other commands of each family are: container.c, image.c.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

#include <stdint.h>

struct cmd_context;

/* What the store takes. */
int prune_size(struct cmd_context *c, int64_t *bytes, struct err *e);
/* For Docker, which tells what was won: prune_size; 0 and nothing done for the others. */
int prune_measure(struct cmd_context *c, int64_t *bytes, struct err *e);
/* "Deleted Containers:", the names, "Total reclaimed space: ...". r: how the work went, and returned. */
int prune_tell(struct cmd_context *c, const char *what, const struct strv *removed, int64_t before, int r,
	       struct err *e);

/* The ids of what went are in removed, also after an error. */
int container_prune(struct cmd_context *c, const struct strv *filters, struct strv *removed,
		    struct err *e);
/* all: every image that no container uses, not only those without a name. */
int image_prune(struct cmd_context *c, const struct strv *filters, bool all, struct strv *removed,
		struct err *e);
