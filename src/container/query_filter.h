/* SPDX-License-Identifier: Apache-2.0 */
/* query_filter: --filter of ps, rm, stop and the others, compiled once.
 *
 * Runs in:  any command.
 * Owns:     struct query_match (query_match_clear).
 * Needs:    nothing.
 * Fails:    ERR_USAGE naming the filter and the keys there are.
 * Not here: what is done with the containers.
 * Source:   podman-ps(1) --filter. Different keys: all must hold; the same key twice: one of them.
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/record.h"
#include "container/state.h"

struct query_term;
struct query_match {
	struct query_term *terms;	/* owned */
	size_t n;
};
int query_match_compile(struct query_match *out, struct engine *g, const struct strv *filters,
			struct err *e);
bool query_match_accepts(const struct query_match *m, const struct record *r,
			 const struct state *st);
void query_match_clear(struct query_match *m);
DEFINE_AUTO_VALUE(struct query_match, query_match_clear)
