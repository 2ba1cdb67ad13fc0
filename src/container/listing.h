/* SPDX-License-Identifier: Apache-2.0 */
/* listing: many containers at once: their definitions and states.
 *
 * Runs in:  a command with one thread, in the session's user namespace; several threads read.
 * Owns:     struct listing (listing_clear).
 * Needs:    nothing.
 * Fails:    never: a container that was removed meanwhile, or cannot be read, is not in it.
 * Not here: which ones (query.h), repair of what a crash left (lifecycle_repair).
 */
#pragma once

#include "base/mem.h"
#include "base/strv.h"
#include "container/engine.h"
#include "container/record.h"
#include "container/state.h"

struct listing_one {
	struct record *record;	/* owned; as record_read or record_glance leaves it */
	struct state state;	/* owned; verified */
};
struct listing {
	struct listing_one *v;	/* owned; in the order of the ids */
	size_t n;
};
void listing_read(struct listing *out, struct engine *g, const struct strv *ids);
void listing_glance(struct listing *out, struct engine *g, const struct strv *ids);
void listing_clear(struct listing *l);
DEFINE_AUTO_VALUE(struct listing, listing_clear)
