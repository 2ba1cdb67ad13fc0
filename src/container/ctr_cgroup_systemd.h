/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_cgroup_systemd: what only the user's systemd may do for us: make a delegated cgroup (a transient
 * scope) and carry a process into it across a border that is not ours.
 *
 * Runs in:  the monitor (scope) and exec (join), in the session's user namespace.
 * Owns:     nothing; libsystemd lives and dies in a short child, so that no process of ours grows by it.
 * Needs:    the user's systemd (its private socket or the session bus) and libsystemd.so.0.
 * Fails:    ENOSYS no libsystemd, ENOENT no user manager, ETIMEDOUT, what systemd answered.
 * Not here: what is done in the cgroup (ctr_cgroup.h).
 * Source:   org.freedesktop.systemd1(5), systemd's CGROUP_DELEGATION, sd-bus(3).
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* A look at the socket: is there a user manager of this user? */
bool ctr_cgroup_systemd_is_there(uid_t uid);
/* Makes scope `unit` in slice and moves the calling process into it. */
int ctr_cgroup_systemd_scope(uid_t uid, const char *unit, const char *slice, struct err *e);
/* Moves the calling process to subgroup ("/name") of the delegated unit. */
int ctr_cgroup_systemd_join(uid_t uid, const char *unit, const char *subgroup, struct err *e);
