/* SPDX-License-Identifier: Apache-2.0 */
/* driver: how the directories of layers become one root file system.
 *
 * Runs in:  as rootfs.h says for each call.
 * Owns:     nothing; a driver is constant. What one mount needs is in struct rootfs
 *           (rootfs_priv.h).
 * Needs:    differs: see each driver's file.
 * Fails:    probe: ENOTSUP with the reason in one line.
 * Not here: which driver is taken (store.c).
 *
 * All drivers share one format of layers on disk: plain files; a removed name is a character device
 * 0/0; a directory that hides what is below it has user.overlay.opaque=y. So a store can change its
 * driver at any time; only a vfs container stays one, because its files are a copy.
 */
#pragma once

#include "base/err.h"
#include "base/proc.h"
#include "base/strv.h"

struct store;
struct rootfs;
struct rootfs_args;

struct store_driver {
	const char *name;
	/* 0: works here. Done once for a store. */
	int (*probe)(struct store *s, struct err *e);
	int (*create)(struct store *s, const struct rootfs_args *args, int container_dirfd,
		      struct err *e);
	int (*prepare)(struct rootfs *r, const struct rootfs_args *args, struct err *e);
	int (*mount)(struct rootfs *r, const char *target, int *mount_fd, struct err *e);
	int (*serve)(struct rootfs *r, struct proc *server, struct err *e);
};

/* The list, best first; NULL-terminated. */
extern const struct store_driver *const store_drivers[];
extern const struct store_driver driver_overlay, driver_fuse_overlayfs, driver_vfs;
/* "overlay", "overlay2", "fuse-overlayfs", "vfs"; NULL. */
const struct store_driver *driver_find(const char *name);
