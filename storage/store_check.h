/* SPDX-License-Identifier: Apache-2.0 */
/* store_check: is what is on disk whole? For `rootlet system check`.
 *
 * Runs in:  as the store; beside other commands at work, whose half-made things are no findings.
 * Owns:     nothing; the findings are the caller's.
 * Needs:    nothing.
 * Fails:    only when a directory cannot be read; a broken object is a finding, not an error.
 * Not here: running containers (container/).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "storage/store.h"

/* *findings: an array of {"kind": "tmp"|"layer"|"image"|"name"|"container"|"volume", "id",
 * "problem", "remedy", "repaired": bool}; empty when all is well. Left-overs of killed commands are
 * swept on the way and are no damage. With repair what has no use (layers that no image wants) or
 * cannot be used is removed: never a volume, never a container's data while it has a definition. */
struct store_check_args {
	bool repair;
	int64_t max_age;	/* ns; with repair only unused layers older than that go; 0: all */
};
int store_check(struct store *s, const struct store_check_args *args, struct json **findings,
		struct err *e);
/* Whether a container's root file system stands on that layer (hex id). */
bool store_check_is_in_use(struct store *s, const char *layer_id);
