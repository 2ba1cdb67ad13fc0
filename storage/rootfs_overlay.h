/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs_overlay: one overlay mount, by whichever mount interface this kernel has.
 *
 * Runs in:  a process with CAP_SYS_ADMIN in the user namespace of its mount namespace.
 * Owns:     nothing.
 * Needs:    overlay with userxattr (Linux 5.11).
 * Fails:    with the kernel's own reason where it gives one.
 * Not here: which directories (overlay.c, rootfs_host.c), files without content (lower_data.h).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

struct store;

struct overlay_dirs {
	const int *lower_fds;		/* borrowed; O_PATH, uppermost first */
	size_t lower_n;			/* at least 1; at least 2 without an upper */
	const int *data_fds;		/* borrowed; O_PATH; data-only layers (lower_data.h) */
	size_t data_n;
	int upper_fd, work_fd;		/* borrowed; O_PATH; -1: read-only */
	bool is_volatile;
};

/* Where the kernel has the new mount API: *mount_fd is a detached mount; else it is mounted at
 * target and *mount_fd is -1. */
int rootfs_overlay(const struct overlay_dirs *d, const char *target, int *mount_fd, struct err *e);

/* A mount that only is to show what this kernel and file system can: fn runs in a child with a mount
 * namespace of its own, in a fresh directory that is removed afterwards. */
struct rootfs_overlay_probe {
	const char *path, *merged;	/* the directory, and where to mount */
	int dirfd;
	struct overlay_dirs dirs;	/* of the empty lower/, upper/ and work/ in it */
};
int rootfs_overlay_try(struct store *s,
		       int (*fn)(const struct rootfs_overlay_probe *p, struct err *e),
		       struct err *e);
