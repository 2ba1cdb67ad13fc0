/* SPDX-License-Identifier: Apache-2.0 */
/* procs_ps: the host's ps(1) with the processes of a container.
 *
 * Runs in:  a command in the session's user namespace; ps in children of it.
 * Owns:     nothing.
 * Needs:    ps in PATH: the container need not have one.
 * Fails:    ENOENT no ps, ESRCH the container has ended.
 * Not here: columns that ps does not know (procs.h).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "container/state.h"

/* Its output is ours; its exit code, or -errno. */
int procs_ps(const struct state *st, const struct strv *args, struct err *e);
