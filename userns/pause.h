/* SPDX-License-Identifier: Apache-2.0 */
/* pause: the process that does nothing but keep the session's namespaces alive.
 *
 * Runs in:  forked from the command line process; it lives in the new user and mount namespace,
 *           in a session of its own, with no descriptor, no environment and every capability there.
 * Owns:     struct pause (pause_clear): until pause_release the process dies with the struct.
 * Needs:    user namespaces.
 * Fails:    EPERM, ENOSPC, EUSERS as clone(2): the caller says which switch is in the way.
 * Not here: maps (see idmap.h), the file that names the process (see session_record.h).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

#include <sys/types.h>

struct pause {
	pid_t pid;
	int pidfd;	/* owned */
	int go_fd;	/* owned; the process ends when this closes before it was released */
};

/* Starts the process in a new user namespace, or in the one of userns_fd unless that is -1; its
 * maps are still to be written. keep_dirfd (-1: none): a directory that the process keeps under a
 * shared flock, by which systemd-tmpfiles knows to leave it alone. */
int pause_fork(struct pause *out, int userns_fd, int keep_dirfd, struct err *e);
/* From here on it outlives us. */
int pause_release(struct pause *p, struct err *e);
void pause_clear(struct pause *p);
DEFINE_AUTO_VALUE(struct pause, pause_clear)
