/* SPDX-License-Identifier: Apache-2.0 */
/* volume_users: which containers a volume belongs to.
 *
 * Runs in:  any command; reads every definition, so only rm, prune and filters ask.
 * Owns:     nothing.
 * Needs:    the store.
 * Fails:    what record_list fails with; a definition that cannot be read is passed over.
 * Not here: volumes on disk (volumes.h).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "container/engine.h"

int volume_users(struct engine *g, const char *name, struct strv *ids, struct err *e);
