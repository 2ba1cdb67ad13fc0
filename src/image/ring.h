/* SPDX-License-Identifier: Apache-2.0 */
/* ring: bytes from one thread to another, with a fixed amount of memory between them.
 *
 * Runs in:  rootlet-image; exactly one writing and one reading thread.
 * Owns:     its slots (ring_free, when both threads are done).
 * Needs:    pthreads.
 * Fails:    the writer learns that the reader has given up (ring_abort), the reader why the writer
 *           has (ring_fail): each sees the other's end and nobody waits for ever.
 * Not here: what the bytes are.
 *
 * The lock is taken once a slot (256 KiB), not once a write, so it does not show in a profile.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

struct ring;

struct ring *ring_new(size_t slots, size_t slot_size);
/* What is written goes nowhere: for a digest alone. No reader. */
struct ring *ring_new_sink(size_t slot_size);
void ring_free(struct ring *r);
DEFINE_AUTO(struct ring, ring_free)

/* Writer. Room at the writing end (at least one byte), NULL when the reader has given up. */
void *ring_room(struct ring *r, size_t *n);
void ring_wrote(struct ring *r, size_t n);	/* n bytes of that room are filled */
int ring_write(struct ring *r, const void *data, size_t n);	/* copies; 0 or -EPIPE */
void ring_flush(struct ring *r);		/* hands a partly filled slot over */
void ring_end(struct ring *r);			/* all written */
void ring_fail(struct ring *r, const struct err *e);

/* Reader. *n bytes that stay valid until ring_next; NULL at the end or after a failure. */
const void *ring_peek(struct ring *r, size_t *n);
void ring_next(struct ring *r);
int ring_result(struct ring *r, struct err *e);	/* after NULL: 0, or the writer's error */
void ring_abort(struct ring *r);
