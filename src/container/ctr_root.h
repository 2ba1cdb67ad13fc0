/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_root: of which layers, for which ids, the root file system of a container is made.
 *
 * Runs in:  the command line process, in the session's user namespace.
 * Owns:     struct ctr_root (ctr_root_clear).
 * Needs:    the image's record in the store.
 * Fails:    ERR_NO_SUCH an image that was removed by force.
 * Not here: making and mounting it (storage/rootfs.h).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "container/config.h"
#include "container/engine.h"
#include "storage/rootfs.h"

struct ctr_root {
	struct strv chain_ids;		/* owned */
	struct idmap uid_map, gid_map;	/* owned; empty: the session's ids */
	struct rootfs_args args;	/* borrows from above and from the definition */
};

int ctr_root_plan(struct ctr_root *out, struct engine *g, const struct container_config *c,
		  struct err *e);
void ctr_root_clear(struct ctr_root *r);
DEFINE_AUTO_VALUE(struct ctr_root, ctr_root_clear)
