/* SPDX-License-Identifier: Apache-2.0 */
/* commit_layer: a directory becomes a layer of the store.
 *
 * Runs in:  rootlet-image; one thread more while it copies.
 * Owns:     struct commit_layer (commit_layer_clear): holds the layer until the image names it.
 * Needs:    nothing; contents are shared (reflink) where the file system can.
 * Fails:    with the path below the directory; ENOSPC.
 * Not here: the image (commit.h).
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "base/mem.h"

struct store;

struct commit_layer_args {
	int tree_fd;			/* borrowed; a readable directory */
	const char *parent;		/* chain id; NULL */
	const struct idmap *uid_map, *gid_map;	/* of the container; empty: as they are */
	bool is_frozen;			/* nobody else changes the files: they are read by two at once */
	const char *media_type;
};

struct commit_layer {
	char *chain_id;			/* owned */
	char diff_id[7 + 64 + 1];	/* "sha256:..." */
	uint64_t tar_size;
	struct layer_writer *writer;	/* owned; NULL when the layer was there */
	int hold_fd;			/* owned; -1 */
};

int commit_layer(struct commit_layer *out, struct store *s, const struct commit_layer_args *a,
		 struct err *e);
void commit_layer_clear(struct commit_layer *l);
DEFINE_AUTO_VALUE(struct commit_layer, commit_layer_clear)
