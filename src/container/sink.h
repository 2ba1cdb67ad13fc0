/* SPDX-License-Identifier: Apache-2.0 */
/* sink: output of ours that is written without ever blocking, so that signals and input go on while a
 * reader is slow.
 *
 * Runs in:  the command line process.
 * Owns:     struct sink: its own open file where it needs one (sink_close).
 * Needs:    nothing.
 * Fails:    sink_write: -EPIPE and others as write(2).
 * Not here: the monitor's side, which has sockets of its own (relay.h).
 *
 * O_NONBLOCK belongs to the open file, which we share with whoever started us: pipes and terminals are
 * opened anew for it. Where that is not allowed, pieces are written that poll(2) has promised room for.
 */
#pragma once

#include "base/mem.h"

struct sink {
	int fd;			/* -1: everything is thrown away */
	int own_fd;		/* owned; -1 */
	bool is_ready_always;	/* a regular file: write never waits */
	const char *data;	/* borrowed: the caller's buffer, until all is written */
	size_t n;
};
#define SINK_NONE ((struct sink){ .fd = -1, .own_fd = -1 })

void sink_open(struct sink *s, int fd);
void sink_close(struct sink *s);
DEFINE_AUTO_VALUE(struct sink, sink_close)
/* Takes data over and writes what can be written now. 1: all; 0: poll for writing and call sink_flush;
 * -errno: the reader is gone, nothing is pending. */
int sink_write(struct sink *s, const char *data, size_t n);
int sink_flush(struct sink *s, bool is_writable);
static inline bool sink_is_busy(const struct sink *s)
{
	return s->n > 0;
}
