/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs_host: root file systems made of the host's own directories: host:/, --rootfs PATH, PATH:O.
 *
 * Runs in:  as rootfs.h.
 * Owns:     nothing beyond struct rootfs.
 * Needs:    overlay for a writable layer.
 * Fails:    with the directory named.
 * Not here: images (rootfs.c).
 */
#pragma once

#include "storage/rootfs_priv.h"

int rootfs_host_create(struct store *s, const struct rootfs_args *args, int container_dirfd,
		       struct err *e);
int rootfs_host_open(struct rootfs *r, const struct rootfs_args *args, struct err *e);
int rootfs_host_mount(struct rootfs *r, const char *target, int *mount_fd, struct err *e);
