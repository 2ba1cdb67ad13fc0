/* SPDX-License-Identifier: Apache-2.0 */
/* progress: how far each layer is, as bars on a terminal and as lines elsewhere.
 *
 * Runs in:  rootlet-image; workers change atomics, a thread of its own draws.
 * Owns:     struct progress and its thread (progress_free ends it and leaves the last picture).
 * Needs:    nothing; writes to stderr only.
 * Fails:    never; what cannot be shown is left out.
 * Not here: what is said before and after (pull.c).
 */
#pragma once

#include "base/mem.h"

#include <stdatomic.h>

enum progress_state {
	PROGRESS_WAITING,	/* not begun */
	PROGRESS_RUNNING,	/* done of total bytes are here */
	PROGRESS_ELSEWHERE,	/* another command is making it */
	PROGRESS_SKIPPED,	/* was here already */
	PROGRESS_THERE,		/* the registry has it already */
	PROGRESS_DONE,
	PROGRESS_FAILED,
	N_PROGRESS_STATES,
};

struct progress;

/* What scripts wait for: the last step. */
#define PROGRESS_WRITING "Writing manifest to image destination"

/* n rows, which have no name yet. quiet: nothing is shown. */
struct progress *progress_new(size_t n, bool quiet);
/* _blob: "Copying blob 0123456789ab". */
void progress_set(struct progress *p, size_t row, const char *label, uint64_t total);
void progress_set_blob(struct progress *p, size_t row, const char *hex, uint64_t total);
void progress_say_config(struct progress *p, const char *hex);
void progress_total(struct progress *p, size_t row, uint64_t total);	/* known only later */
void progress_state(struct progress *p, size_t row, enum progress_state state);
atomic_ullong *progress_counter(struct progress *p, size_t row);
/* A line of text that does not disturb the bars. */
void progress_say(struct progress *p, const char *text);
void progress_free(struct progress *p);
DEFINE_AUTO(struct progress, progress_free)
