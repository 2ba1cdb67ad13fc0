/* SPDX-License-Identifier: Apache-2.0 */
/* lifecycle_priv: what the parts of lifecycle share.
 *
 * Runs in:  as lifecycle.h.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    as lifecycle.h.
 * Not here: anything for callers outside lifecycle*.c.
 */
#pragma once

#include "container/lifecycle.h"
#include "container/state.h"

/* As lifecycle_state, for who holds the container's lock. */
int lifecycle_state_locked(struct state *out, struct engine *g, struct record *r, struct err *e);
/* Runtime directory, record, files, anonymous volumes: for who holds the lock. */
int lifecycle_forget(struct engine *g, struct record *r, bool with_volumes, struct err *e);
#define LIFECYCLE_KILL_MS 10000	/* from SIGKILL to the last word of the monitor */
/* SIGUSR1: what follows is the user's will, no restart. SIGHUP: read the definition again. */
void lifecycle_tell_monitor(const struct state *s, int sig);
/* One that does not come to an end although init is dead: a client of it does not read. */
void lifecycle_end_monitor(const struct state *s);
/* Ends a monitor that waits to start its container again. */
int lifecycle_end_pause(const struct record *r, const struct state *s, struct err *e);
/* Waits ms (-1: for ever) until a living container has ended and its monitor has done its work: 1, and
 * *exit_code is set; 0 time is up; -ESRCH there was nothing to wait for. sock: attach_connect or -1. */
int lifecycle_wait_end(const struct state *s, int sock, int64_t ms, int *exit_code);
