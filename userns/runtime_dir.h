/* SPDX-License-Identifier: Apache-2.0 */
/* runtime_dir: the places where a user's runtime directory may be, and whether one can be trusted.
 *
 * Runs in:  the command line process, before the session is joined.
 * Owns:     nothing; paths and descriptors returned are the caller's.
 * Needs:    nothing.
 * Fails:    ENOENT not there, EACCES somebody else's or open to others (the path is in msg),
 *           ENOSPC and the like from mkdir.
 * Not here: which one has the session (see session.h).
 * Source:   XDG base directory specification (XDG_RUNTIME_DIR: ours, mode 0700).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

#include <sys/types.h>

/* In the order of preference. */
enum runtime_dir_place {
	RUNTIME_DIR_XDG,	/* $XDG_RUNTIME_DIR, when it is not the next one */
	RUNTIME_DIR_RUN,	/* /run/user/UID */
	RUNTIME_DIR_TMP,	/* /tmp/rootlet-run-UID; -UID-root for root of a user namespace */
	N_RUNTIME_DIR_PLACES
};

/* The parent of "rootlet" there; NULL when this place does not exist for us; owned. uid: our number
 * outside of the session, which names the place; inside it is 0. */
char *runtime_dir_parent(enum runtime_dir_place place, uid_t uid);
/* Opens (O_PATH) PARENT/rootlet; with make it is created, and so is the parent in /tmp. Both have to
 * belong to getuid(). */
int runtime_dir_open(char **path, int *dirfd, enum runtime_dir_place place, uid_t uid, bool make,
		     struct err *e);
/* Any directory: ours and closed to others (group and other bits are taken away when nobody else
 * could write). Made with its parents when make is set. */
int runtime_dir_open_path(int *dirfd, const char *path, uid_t owner, bool make, struct err *e);
