/* SPDX-License-Identifier: Apache-2.0 */
/* prune: what the prune commands of containers and images do, for `system prune` as well.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; names are added to the caller's list.
 * Needs:    NEED_ENGINE.
 * Fails:    ERR_USAGE a filter that is none. What somebody else removes meanwhile is no failure.
 * Not here: asking the user.
 *
 * Defined where the other commands of each family are: container.c, image.c.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

struct cmd_context;

/* The ids of what went are in removed, also after an error. */
int container_prune(struct cmd_context *c, const struct strv *filters, struct strv *removed,
		    struct err *e);
/* all: every image that no container uses, not only those without a name. */
int image_prune(struct cmd_context *c, const struct strv *filters, bool all, struct strv *removed,
		struct err *e);
