/* SPDX-License-Identifier: Apache-2.0 */
/* layer_lock: the lock file layers/<chain-id>.lock of one layer.
 *
 * Runs in:  as the store.
 * Owns:     nothing; the descriptor returned is the lock.
 * Needs:    lock.h.
 * Fails:    leaf: -EAGAIN when one that does not wait finds it taken.
 * Not here: what the lock means (layer.h).
 */
#pragma once

#include "storage/store.h"

enum layer_lock_how {
	LAYER_LOCK_SHARED,	/* waits */
	LAYER_LOCK_TRY,		/* exclusive, does not wait */
	LAYER_LOCK_TRY_SHARED,
};

/* The lock on the file that has the name now: 0 or more, or -errno. */
int layer_lock(struct store *s, const char *chain_id, enum layer_lock_how how);
/* Only by the holder of the exclusive lock, when the layer is gone. */
void layer_lock_unlink(struct store *s, const char *chain_id);
/* Exclusive to shared, without a gap. */
int layer_lock_share(int lock_fd);
