/* SPDX-License-Identifier: Apache-2.0 */
/* requires: containers that others need: --requires, and namespaces given as container:NAME.
 *
 * Runs in:  the command line process.
 * Owns:     the directory "dependents" of a container: an empty file for each one that needs it, so
 *           that a removal has not to look at every container.
 * Needs:    record.h.
 * Fails:    ERR_NO_SUCH what is needed is not there; EBUSY it is needed by others, who are named.
 * Not here: starting them (lifecycle.c), networks, volumes.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "container/engine.h"
#include "container/record.h"

/* Names to ids, in c->requires and in the namespaces, whose containers are added to c->requires. */
int requires_settle(struct engine *g, struct container_config *c, struct err *e);
/* Makes c known to those that it needs. */
int requires_note(struct engine *g, const struct container_config *c, struct err *e);
void requires_forget(struct engine *g, const struct container_config *c);
/* Ids of the containers that need r. */
int requires_list(struct engine *g, const struct record *r, struct strv *ids, struct err *e);
/* EBUSY when there are any. */
int requires_check_unused(struct engine *g, const struct record *r, struct err *e);
