/* SPDX-License-Identifier: Apache-2.0 */
/* denied: which part of a path is closed to whom, and what opens it, as the end of a message.
 *
 * Runs in:  whoever got EACCES, still as the user who got it.
 * Owns:     nothing.
 * Needs:    spec_process.host_uids and host_gids for the numbers outside.
 * Fails:    never; what cannot be told is left out.
 * Not here: the beginning of the message.
 */
#pragma once

#include "base/err.h"

#include <sys/types.h>

struct spec_process;

/* Appends to e, which says that path was refused: the first component that does not let uid pass, its
 * mode and owner, both as uid sees them and on the host, and the option that helps. root_fd: where path
 * begins. */
void denied_explain(struct err *e, const struct spec_process *p, uid_t uid, int root_fd,
		    const char *path);
