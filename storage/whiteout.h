/* SPDX-License-Identifier: Apache-2.0 */
/* whiteout: how a directory of a layer or a container says that something below it is gone.
 *
 * Runs in:  as the store.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    leaf: -errno.
 * Not here: what is done about it (tar_extract.c, tar_out.c, tree_copy.c).
 *
 * We write what the kernel's overlay reads: a character device 0/0 in place of the name, and the
 * attribute user.overlay.opaque=y on a directory. Where a file system has no device nodes or no
 * attributes (NFS), so that only fuse-overlayfs and vfs work, and where fuse-overlayfs has written,
 * there are files instead: .wh.NAME and .wh..wh..opq, or the attribute user.fuseoverlayfs.opaque.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#define WHITEOUT_PREFIX ".wh."
#define WHITEOUT_OPAQUE_FILE ".wh..wh..opq"

bool whiteout_is_node(const struct stat *st);
/* What a file of that name hides: NULL for ordinary names, "" for notes that hide nothing by
 * themselves (.wh..wh..opq and the like). */
const char *whiteout_hides(const char *name);
bool whiteout_is_opaque(int dirfd);		/* a readable directory */
int whiteout_set_opaque(int dirfd);
int whiteout_make(int dirfd, const char *name);	/* -EEXIST */
