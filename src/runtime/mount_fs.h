/* SPDX-License-Identifier: Apache-2.0 */
/* mount_fs: new, detached mounts: fresh file systems and clones of what the host has.
 *
 * Runs in:  init, before the pivot, with CAP_SYS_ADMIN over its mount namespace.
 * Owns:     nothing; a mount lives as long as the descriptor returned, or where it is attached.
 * Needs:    the mount API of Linux 5.12.
 * Fails:    leaf functions: -errno; layer functions name the file system.
 * Not here: where mounts go (mounts.h).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "runtime/mount_options.h"

#include <stdint.h>

/* fsopen, data, create, fsmount. data: "key=value" or "flag". -errno. */
int mount_fs_new(const char *type, const char *source, const struct strv *data, uint64_t attr);
/* A detached copy of the mount at what fd names. -errno; EINVAL: not recursive, but there is
 * something mounted below that the user may not look under. */
int mount_fs_clone(int fd, bool is_recursive);
/* Clones a host path: for /proc, /sys, /dev/mqueue, where a fresh one is refused. -errno. */
int mount_fs_clone_host(const char *path, bool is_recursive, bool is_readonly);
/* Attaches a detached mount on what target_fd names. -errno. */
int mount_fs_attach(int mount_fd, int target_fd);
/* Puts attributes, propagation and idmap on a detached bind. */
int mount_fs_set(int mount_fd, const struct mount_options *o, struct err *e);
/* Read-only, with all below it when is_recursive. -errno. */
int mount_fs_set_readonly(int mount_fd, bool is_recursive);
/* True when fd is on a file system of that magic number. */
bool mount_fs_is(int fd, long magic);
