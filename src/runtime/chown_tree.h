/* SPDX-License-Identifier: Apache-2.0 */
/* chown_tree: everything in a tree gets one owner (the option U of mounts).
 *
 * Runs in:  init, with its root file system in place.
 * Owns:     nothing.
 * Needs:    a tree that belongs to ids of this user; what already has the right owner is left alone.
 * Fails:    leaf: -errno; -EINVAL an owner that is not mapped, -ELOOP a tree too deep.
 * Not here: who the owner is (container/ctr_chown.h).
 */
#pragma once

#include <sys/types.h>

/* name of dirfd with all below it; links are not followed. */
int chown_tree(int dirfd, const char *name, uid_t uid, gid_t gid);
