/* SPDX-License-Identifier: Apache-2.0 */
/* helper: the start of a container that has a user namespace of its own, or another's pid namespace.
 *
 * Runs in:  helper_clone_init: the monitor. Behind it: a short-lived process in the session's user
 *           namespace with a mount namespace of that one.
 * Owns:     nothing; the pidfd returned is the caller's.
 * Needs:    CAP_SETUID and CAP_SETGID in the session's user namespace.
 * Fails:    with what the helper said; EPERM, EINVAL a map outside the session's ids.
 * Not here: all other containers: runtime.c clones init directly.
 */
#pragma once

#include "base/err.h"

#include <sys/types.h>

struct init;
struct runtime_ctr;

/* Returns init's pid, a child of the caller; monitor_fd is the caller's end of in->sync_fd.
 * Fills in c->pidfd, and net_fd and user_fd when init has ids of its own. */
pid_t helper_clone_init(struct init *in, int monitor_fd, struct runtime_ctr *c, struct err *e);
