/* SPDX-License-Identifier: Apache-2.0 */
/* stdio: the descriptors a payload starts with, and nothing above them.
 *
 * Runs in:  init and exec, shortly before the payload.
 * Owns:     nothing; the sources are borrowed.
 * Needs:    nothing.
 * Fails:    with what could not be moved.
 * Not here: terminals (terminal.h).
 */
#pragma once

#include "base/err.h"

#include <sys/types.h>

struct runtime_io;

/* Puts the three fds on 0, 1, 2 and keeps the numbers of io's
 * preserved ones; everything else is closed by the exec. The moved ones get out of the way. */
int stdio_install(const int fds[3], const struct runtime_io *io, int *const moved[],
		  size_t moved_n, struct err *e);
/* Pipes of ours belong to the payload's user, so that it can open /dev/stdout. */
void stdio_chown(uid_t uid);
