/* SPDX-License-Identifier: Apache-2.0 */
/* pivot: the root file system: where it is attached, and how it becomes "/".
 *
 * Runs in:  helper and init, in their own mount namespace.
 * Owns:     nothing; descriptors returned are the caller's.
 * Needs:    an existing directory on the host as target.
 * Fails:    with the target named.
 * Not here: what the root file system consists of (the mount_rootfs callback).
 */
#pragma once

#include "base/err.h"

/* Cuts the way back: nothing mounted here from now on is seen by the caller's namespace, while
 * what is mounted there still arrives (rslave), or as the spec wants it. */
int pivot_isolate(struct err *e);
/* Attaches the detached mount (mount_fd; -1: it is at target already) and returns an O_PATH of
 * its root. */
int pivot_attach_root(int mount_fd, const char *target, const char *propagation, struct err *e);
/* root_fd becomes "/", the old root is gone. */
int pivot_enter(int root_fd, struct err *e);
