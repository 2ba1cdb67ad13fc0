/* SPDX-License-Identifier: Apache-2.0 */
/* pause: the process that does nothing but keep the session's namespaces alive.
 *
 * Runs in:  forked from the command line process; it lives in the new user and mount namespace,
 *           in a session of its own, with no descriptor, no environment and every capability there.
 * Owns:     struct pause (pause_clear): until pause_release the process dies with the struct.
 * Needs:    user namespaces.
 * Fails:    EPERM, ENOSPC, EUSERS as clone(2): the caller says which switch is in the way.
 * Not here: maps (see session_map.h), the file that names the process (see session_record.h).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

#include <sys/types.h>

/* Names that fit the 15 bytes of comm. The second is not looked for when a record is lost. */
#define PAUSE_NAME "rootlet-pause"
#define PAUSE_NAME_RUNROOT "rootlet-pause-r"

struct pause_args {
	bool is_here;		/* in the user namespace that we are in */
	int userns_fd;		/* borrowed; else in this one; -1: in a new one */
	int keep_dirfd;		/* borrowed; -1, or a directory that the process keeps under a shared
				 * flock, by which systemd-tmpfiles knows to leave it alone */
	const char *name;	/* borrowed */
};

struct pause {
	pid_t pid;
	int pidfd;	/* owned */
	int go_fd;	/* owned; the process ends when this closes before it was released */
};

/* Starts the process; the maps of a new namespace are still to be written. */
int pause_fork(struct pause *out, const struct pause_args *args, struct err *e);
/* From here on it outlives us. */
int pause_release(struct pause *p, struct err *e);
void pause_clear(struct pause *p);
DEFINE_AUTO_VALUE(struct pause, pause_clear)
