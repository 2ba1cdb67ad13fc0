/* SPDX-License-Identifier: Apache-2.0 */
/* holders: which processes are in a user namespace.
 *
 * Runs in:  any process; sees its own pid namespace. Reads /proc once through, so it is for
 *           repairs and never for the way of run.
 * Owns:     nothing; descriptors returned are the caller's.
 * Needs:    /proc.
 * Fails:    -ESRCH nobody is there.
 * Not here: the pause process itself, which its record names (see session_record.h).
 */
#pragma once

#include "base/idmap.h"

#include <stdint.h>
#include <sys/types.h>

/* A process in the user namespace with this inode other than skip (0: none), or -ESRCH. */
pid_t holders_find(uint64_t userns_ino, pid_t skip);
/* The user namespace itself (a descriptor for setns) through one of its processes, if its maps
 * are the given ones: inode numbers are used again after a namespace is gone. */
int holders_open(uint64_t userns_ino, const struct idmap *uids, const struct idmap *gids);
/* A pause process of this user whose namespace has these maps: its record was lost with the runtime
 * directory, as systemd removes that when the user logs out. -ESRCH when there is none. */
pid_t holders_find_pause(uid_t uid, const struct idmap *uids, const struct idmap *gids);
/* Kills every process in the user namespace but us and our ancestors; how many. */
int holders_kill(uint64_t userns_ino);
