/* SPDX-License-Identifier: Apache-2.0 */
/* in_session: something done in the mount namespace of the session, by a child that goes there.
 *
 * Runs in:  the command line process and the monitor, in the session's user namespace. The function runs
 *           in the child, in the pause process's mount namespace.
 * Owns:     nothing; a descriptor received is the caller's.
 * Needs:    the pause process; it is started when there is none.
 * Fails:    as the function; ECHILD the child was killed.
 * Not here: what is mounted there (volume_mount.h, mounted_root.h).
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"

/* sock_fd: for the one descriptor that fn may send (fd_send_fds). */
typedef int in_session_fn(void *arg, int sock_fd, struct err *e);
/* fd: takes what was sent, -1 when nothing was; NULL: nothing is expected. */
int in_session(struct engine *g, in_session_fn *fn, void *arg, int *fd, struct err *e);

/* For such functions. True when fd is the root of a mount. */
bool in_session_is_mount(int fd);
/* Sends a clone of what is mounted at path, with all below; nothing when nothing is. arg: the path. */
int in_session_clone(void *arg, int sock_fd, struct err *e);
/* Unmounts what is mounted at path, if anything. arg: the path. */
int in_session_unmount(void *arg, int sock_fd, struct err *e);
