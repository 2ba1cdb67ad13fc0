/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs_priv: what rootfs.c and the drivers know of one container's root file system.
 *
 * Runs in:  as rootfs.h.
 * Owns:     struct rootfs (rootfs_free).
 * Needs:    nothing.
 * Fails:    as rootfs.h.
 * Not here: anything for callers outside storage/.
 *
 * Paths and not descriptors are kept of what is mounted: since Linux 5.14 overlay and bind mounts
 * only take directories found through mounts of the caller's own mount namespace, and the helper's
 * is newer than any descriptor of the engine. Relative paths are below the store's root.
 */
#pragma once

#include "base/strv.h"
#include "storage/driver.h"
#include "storage/rootfs.h"

struct rootfs {
	struct store *store;			/* borrowed */
	const struct store_driver *driver;
	unsigned int flags;			/* enum rootfs_flags */
	char *container;			/* owned; "containers/<id>" */
	struct strv lowers;			/* owned; uppermost first */
	struct strv datas;			/* owned; data-only layers of mapped lowers */
	char *host_path;			/* owned; NULL without ROOTFS_HOST */
	int fuse_fd;				/* owned; /dev/fuse, -1 */
};

/* The directories of a mount: rootfs_dirs.c. An O_PATH descriptor of the store's root or of path below it, in the mount namespace of now. */
int rootfs_reopen(struct rootfs *r, const char *path, struct err *e);
/* A detached mount of the directory path (relative to dirfd), with all below it when recursive. */
int rootfs_clone_dir(int dirfd, const char *path, bool recursive, bool readonly, struct err *e);
/* upper/ and work/ in the container's directory, with the owner and mode of the lower root. */
int rootfs_make_upper(struct store *s, const struct rootfs_args *args, int container_dirfd,
		      struct err *e);
