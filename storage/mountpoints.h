/* SPDX-License-Identifier: Apache-2.0 */
/* mountpoints: a layer below all others that has the places where the engine mounts something.
 *
 * Runs in:  the session's user namespace.
 * Owns:     nothing.
 * Needs:    the store's cache directory.
 * Fails:    ENOSPC, EACCES with the path.
 * Not here: what is mounted there (container/ctr_mounts.h).
 *
 * An image need not have /proc or /etc/hosts. Without this layer each start would make them in the
 * container's writable directory and each removal take them away: a dozen inodes. Being the lowest, it
 * changes nothing that the image has. For a store of one id it also has what tells apt so.
 */
#pragma once

#include "base/err.h"
#include "storage/store.h"

/* Path below the store's root (owned); made at the first call. flags: of these ROOTFS_NO_* count. NULL: error. */
char *mountpoints_ensure(struct store *s, unsigned int flags, struct err *e);
/* What a store of one id says to apt, into a root file system that is no union and has an apt. -errno. */
int mountpoints_add_apt(int root_dirfd);
