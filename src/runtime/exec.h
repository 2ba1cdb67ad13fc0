/* SPDX-License-Identifier: Apache-2.0 */
/* exec: another process in a running container.
 *
 * Runs in:  the engine, single-threaded, in the session's user namespace.
 * Owns:     nothing; the pidfd returned is the caller's.
 * Needs:    setns on a pidfd (Linux 5.8).
 * Fails:    ESRCH the container has ended; what process.h says.
 * Not here: the first process (init.h).
 */
#pragma once

#include "runtime/runtime.h"

struct filter;

struct exec_args {
	const struct runtime_exec *x;		/* borrowed */
	const struct runtime_io *io;		/* borrowed */
	const struct filter *seccomp;	/* borrowed */
	int sync_fd;				/* owned by exec_clone; the child's end */
};

pid_t exec_clone(struct exec_args *a, int engine_fd, int *pidfd, struct err *e);
