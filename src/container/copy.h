/* SPDX-License-Identifier: Apache-2.0 */
/* copy: cp: files from the host into a container, out of one, or from one to another.
 *
 * Runs in:  the command line process.
 * Owns:     nothing.
 * Needs:    nothing of the container's own: no program and no library of it is run or loaded.
 * Fails:    ERR_USAGE; ERR_NO_SUCH a container; ENOENT, ENOTDIR, EISDIR as Docker's rules say.
 * Not here: the tree walk (paste_tree.h), archives (paste_tar.h), the container's root (ctr_view.h).
 * Source:   podman-cp(1); docker container cp reference.
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"

struct copy_args {
	const char *src, *dst;	/* "CONTAINER:PATH", a host path, or "-" for a tar stream */
	int archive;		/* podman: 1 gives files to the container's user, 0 keeps owners (default
				 * 1); docker: 1 keeps owners, 0 gives them to root; -1: the default */
	bool is_overwriting;
	bool is_following;	/* docker's -L; podman always follows a link that SRC itself is */
};

int copy_files(struct engine *g, const struct copy_args *args, struct err *e);

/* The container of "CONTAINER:PATH" (owned) and where the path begins; NULL for a host path. */
char *copy_split(const char *text, const char **path);
