/* SPDX-License-Identifier: Apache-2.0 */
/* session_map: the uid and gid map of the session's user namespace, planned and written.
 *
 * Runs in:  the parent, outside the new namespace; the child waits until both maps are written.
 * Owns:     nothing; keeps no descriptor.
 * Needs:    newuidmap and newgidmap in PATH for what the kernel does not let us write ourselves.
 * Fails:    ENOENT helper missing, EPERM map refused (the helper's words are in msg).
 * Not here: where ranges come from (see subid.h), maps of single containers (runtime/).
 * Source:   user_namespaces(7), newuidmap(1).
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "userns/subid.h"

/* own -> 0, then the ranges from 1 up in their order. What overlaps own or an earlier range is
 * left out, and what `visible` (the map of the namespace we are in) does not have. */
void session_map_plan(struct idmap *out, uint32_t own, const struct subid_ranges *ranges,
		      const struct idmap *visible);
/* own -> 0, then every other id of `visible` from 1 up: for root in a user namespace. */
void session_map_plan_visible(struct idmap *out, uint32_t own, const struct idmap *visible);

/* Writes the maps of process pid, our child that has not been reaped. */
int session_map_write(pid_t pid, const struct idmap *uids, const struct idmap *gids,
		      bool is_setgroups_denied, struct err *e);
/* The same with newuidmap and newgidmap, which run at the same time. */
int session_map_write_helpers(pid_t pid, const struct idmap *uids, const struct idmap *gids,
			      struct err *e);
