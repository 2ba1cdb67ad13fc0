/* SPDX-License-Identifier: Apache-2.0 */
/* volume_filter: which volumes --filter means.
 *
 * Runs in:  any command; dangling reads every container's definition, the others none.
 * Owns:     nothing.
 * Needs:    the store.
 * Fails:    ERR_USAGE naming the filter, its value and what is accepted; ERR_NO_SUCH a volume of since=.
 * Not here: filters of containers (query_filter.h).
 * Source:   podman-volume-ls(1), podman-volume-prune(1), docker volume ls.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "container/engine.h"

/* Names of the volumes that pass, sorted. Of one key any value will do, but of label and label!, and of
 * different keys, all must. */
int volume_filter_list(struct engine *g, const struct strv *filters, struct strv *names, struct err *e);
