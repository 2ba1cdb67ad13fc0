/* SPDX-License-Identifier: Apache-2.0 */
/* tree_copy: a directory tree into another directory, with owners shifted or layers merged.
 *
 * Runs in:  the session's user namespace.
 * Owns:     nothing.
 * Needs:    nothing; file contents are shared (reflink) where the file system can.
 * Fails:    with the path below the source.
 * Not here: archives (tar_extract.h, tar_out.h).
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "base/mem.h"

struct tree_copy_args {
	int src_dirfd, dst_dirfd;	/* borrowed; directories, readable */
	/* An owner that is inside becomes what it is outside. NULL or empty: as it is. */
	const struct idmap *uid_map, *gid_map;
	/* NULL, or: no content is copied. What a file holds is hard-linked into data_dirfd, as
	 * data_prefix and a number, and the file in dst only leads there (lower_data.h). */
	const char *data_prefix;
	int data_dirfd;			/* borrowed */
	/* The source is a layer over what is in dst: whiteouts remove, opaque directories hide,
	 * other things replace. Without it whiteouts are copied as they are. */
	bool is_layer_over;
};

int tree_copy(const struct tree_copy_args *args, struct err *e);
/* `id` through a map (NULL or empty: itself); an id that the map lacks becomes that of 65534 or 0. */
uint32_t tree_copy_map_id(const struct idmap *map, uint32_t id);
