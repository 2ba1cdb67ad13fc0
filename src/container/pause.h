/* SPDX-License-Identifier: Apache-2.0 */
/* pause: all processes of a container stand still, and go on.
 *
 * Runs in:  the command line process, in the session's user namespace.
 * Owns:     nothing.
 * Needs:    a cgroup v2 of the container's own, or else a pid namespace of its own.
 * Fails:    EINVAL not running, not paused; ENOTSUP neither of the two; ETIMEDOUT.
 * Not here: what others refuse while it is paused (exec.c, lifecycle.c).
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/record.h"
#include "container/state.h"

int pause_container(struct engine *g, struct record *r, struct err *e);
int pause_continue(struct engine *g, struct record *r, struct err *e);
/* Only lets the processes go on, for who is about to end them; the record is not touched. */
void pause_thaw(const struct state *s);
