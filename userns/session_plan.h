/* SPDX-License-Identifier: Apache-2.0 */
/* session_plan: how a new session gets its ids, the first way that works:
 *
 *	root of a user namespace	all ids that this namespace has, written by ourselves
 *	ranges and helpers		newuidmap and newgidmap
 *	otherwise			one id, written by ourselves
 *
 * A user with ranges never falls back to one id silently: files that his containers own would
 * become unreadable. Nested users do, as a container's newuidmap often cannot work.
 *
 * Runs in:  as session.h, under the lock of the session.
 * Owns:     struct session_plan (session_plan_clear).
 * Needs:    /proc; newuidmap and newgidmap for ranges.
 * Fails:    as subid.h, pause.h and session_map.h.
 * Not here: whether a new one is wanted (session_make.c).
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "userns/pause.h"
#include "userns/session_record.h"

enum session_method { SESSION_VISIBLE, SESSION_HELPERS, SESSION_SINGLE, N_SESSION_METHODS };

struct session_plan {
	struct idmap uids[N_SESSION_METHODS], gids[N_SESSION_METHODS];
	bool may[N_SESSION_METHODS];
	bool is_nested;
	char *name;		/* owned; NULL */
	char *lost;		/* owned: why there is one id only */
};
void session_plan_clear(struct session_plan *p);
DEFINE_AUTO_VALUE(struct session_plan, session_plan_clear)

int session_plan_make(struct session_plan *p, struct err *e);
/* A pause process with the maps of the first method that works: *used. */
int session_plan_start(const struct session_plan *p, enum session_method *used, const struct pause_args *how,
		       struct pause *out, struct err *e);
void session_plan_describe(struct session_record *r, const struct session_plan *p, enum session_method m);
/* True when a session of now would get these maps. */
bool session_plan_is_of(const struct session_plan *p, const struct session_record *r);
/* What it means to have one id only. */
void session_plan_warn(const struct session_plan *p);
