/* SPDX-License-Identifier: Apache-2.0 */
/* rootfs_overlay: one overlay mount, by whichever mount interface this kernel has.
 *
 * Runs in:  a process with CAP_SYS_ADMIN in the user namespace of its mount namespace.
 * Owns:     nothing.
 * Needs:    overlay with userxattr (Linux 5.11).
 * Fails:    with the kernel's own reason where it gives one.
 * Not here: which directories (overlay.c, rootfs_host.c).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

struct overlay_dirs {
	const int *lower_fds;		/* borrowed; O_PATH, uppermost first */
	size_t lower_n;			/* at least 1; at least 2 without an upper */
	int upper_fd, work_fd;		/* borrowed; O_PATH; -1: read-only */
	bool is_volatile;
};

/* Where the kernel has the new mount API: *mount_fd is a detached mount; else it is mounted at
 * target and *mount_fd is -1. */
int rootfs_overlay(const struct overlay_dirs *d, const char *target, int *mount_fd, struct err *e);
