/* SPDX-License-Identifier: Apache-2.0 */
/* exec_priv: how a process gets into a running container, for those who give it stdio of their own.
 *
 * Runs in:  as exec.h.
 * Owns:     nothing.
 * Needs:    a container that runs.
 * Fails:    EINVAL it does not run; ESRCH it has just ended.
 * Not here: anything for callers outside exec*.c and health*.c.
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/record.h"
#include "container/state.h"
#include "runtime/spec.h"

/* Which namespaces it has of its own, into s. */
int exec_find_namespaces(struct spec *s, pid_t pid, struct err *e);
/* Its state and a pidfd of its init. */
int exec_open_target(struct engine *g, struct record *r, struct state *s, int *init_fd, struct err *e);
