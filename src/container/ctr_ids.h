/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_ids: the ids of a container that create has to find out: its default mode, a free range, what
 * another container has, whose subordinate ids are meant, who the users of the host are.
 *
 * Runs in:  the command line process, while the container is made.
 * Owns:     nothing; the lock returned is the caller's.
 * Needs:    a loaded session, the image (its files size the range of auto).
 * Fails:    ERANGE not enough ids, ERR_USAGE a mode or line that is wrong, ENOENT no such account.
 * Not here: maps that follow from the options alone (ctr_userns.h), the ranges' registry (idrange.h).
 * Source:   podman-run(1) --userns, --subuidname, --hostuser; containers.conf(5) userns.
 *
 * The result is text in the definition (uid_map, gid_map, hostusers), so that nothing of it is asked
 * again at a start.
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/engine.h"

/* --userns, or PODMAN_USERNS, or containers.conf, where no map was asked for. */
void ctr_ids_default(struct engine *g, struct container_config *c);
/* *lock_fd (owned; -1: none) keeps a range that was found until the container is there. */
int ctr_ids_settle(struct engine *g, struct container_config *c, int *lock_fd, struct err *e);
/* --hostuser NAME becomes the line of passwd(5). */
int ctr_ids_host_users(struct container_config *c, struct err *e);
/* The largest id that text, a passwd or group file, gives to anybody but nobody. */
uint32_t ctr_ids_largest(const char *text);
