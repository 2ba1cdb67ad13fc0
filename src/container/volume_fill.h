/* SPDX-License-Identifier: Apache-2.0 */
/* volume_fill: a new volume starts with what the image has at its place, or else belongs to the user of
 * the container.
 *
 * Runs in:  volume_fill_plan, volume_fill_done: the engine. volume_fill_run: the container's init, after its root
 *           file system is there and before anything is mounted on it.
 * Owns:     struct volume_fill: a descriptor of every volume concerned (volume_fill_clear).
 * Needs:    volumes that exist.
 * Fails:    ENOSPC, EACCES naming volume and path; ELOOP a tree too deep.
 * Not here: volumes on disk (volumes.h).
 * Source:   docker "Populate a volume using a container"; podman-run(1) --volume, nocopy.
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/record.h"

struct volume_fill_item {
	char *volume, *target;	/* owned */
	int data_dirfd;		/* owned */
	bool is_copied, is_chowned;
};
struct volume_fill {
	struct volume_fill_item *v;	/* owned */
	size_t n;
	struct engine *engine;			/* borrowed */
	const struct container_config *config;	/* borrowed */
	bool is_kept;				/* keep-id */
};
int volume_fill_plan(struct volume_fill *out, struct engine *g, const struct container_config *c,
		struct err *e);
int volume_fill_run(const struct volume_fill *c, int root_dirfd, struct err *e);
/* After run succeeded: the volumes remember that they are filled. */
int volume_fill_done(const struct volume_fill *c, struct engine *g, struct err *e);
/* prepare_volume_on_create of containers.conf: when the container is made instead of at its first start.
 * With ids of its own it waits for the start all the same: they are there only then. */
int volume_fill_early(struct engine *g, const struct container_config *c, struct err *e);
void volume_fill_clear(struct volume_fill *c);
DEFINE_AUTO_VALUE(struct volume_fill, volume_fill_clear)
