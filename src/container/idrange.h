/* SPDX-License-Identifier: Apache-2.0 */
/* idrange: which of the session's ids belong to which container of --userns=auto.
 *
 * Runs in:  as the store.
 * Owns:     nothing; the lock returned is the caller's.
 * Needs:    nothing; only containers of --userns=auto ever come here.
 * Fails:    ERANGE when no gap is large enough, with the remedy.
 * Not here: how large the range has to be (ctr_ids.h).
 *
 * idranges/<first>-<count>, a file that holds the id of the container. A range is taken as long as
 * that container is there, or its maker holds the file locked; whoever looks for a range drops the
 * others. Nobody has to give one back, so no removal can forget to.
 */
#pragma once

#include "base/err.h"
#include "storage/store.h"

#include <stdint.h>

/* Finds `size` ids among first..first + total - 1 for the container `id`. *lock_fd (owned) keeps them
 * until the container is there. */
int idrange_take(struct store *s, const char *id, uint32_t first, uint32_t total, uint32_t size,
		 uint32_t *start, int *lock_fd, struct err *e);
