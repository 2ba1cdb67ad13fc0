/* SPDX-License-Identifier: Apache-2.0 */
/* idmap: plan, read, compare and write the uid and gid map of a user namespace.
 *
 * Runs in:  the parent, outside the new namespace; the child waits until both maps are written.
 * Owns:     struct idmap (idmap_clear); keeps no descriptor.
 * Needs:    newuidmap and newgidmap in PATH for what the kernel does not let us write ourselves.
 * Fails:    EINVAL a map with overlap or overflow, ENOENT helper missing, EPERM map refused (the
 *           helper's words are in msg).
 * Not here: where ranges come from (see subid.h), maps of single containers (runtime/).
 * Source:   user_namespaces(7), newuidmap(1).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "userns/session.h"
#include "userns/subid.h"

#define IDMAP_MAX 340	/* lines, since Linux 4.15 */

struct idmap {
	struct session_idmap *v;	/* owned */
	size_t n;
};

void idmap_clear(struct idmap *m);
DEFINE_AUTO_VALUE(struct idmap, idmap_clear)
void idmap_add(struct idmap *m, uint32_t inside, uint32_t outside, uint32_t count);
void idmap_copy(struct idmap *to, const struct idmap *from);
bool idmap_equal(const struct idmap *a, const struct idmap *b);

/* Text of /proc/PID/uid_map; also checks (idmap_check). 0 or -EINVAL. */
int idmap_parse(struct idmap *out, const char *text);
int idmap_load(struct idmap *out, const char *path);	/* "/proc/self/uid_map"; 0 or -errno */
char *idmap_format(const struct idmap *m);		/* as the kernel takes it; owned */
/* No line empty or past 32 bits, no overlap inside or outside, at most IDMAP_MAX lines. */
int idmap_check(const struct idmap *m);
/* True for the initial namespace's "0 0 4294967295". */
bool idmap_is_full(const struct idmap *m);
uint64_t idmap_count(const struct idmap *m);		/* ids mapped */

/* own -> 0, then the ranges from 1 up in their order. What overlaps own or an earlier range is
 * left out, and what `visible` (the map of the namespace we are in) does not have. */
void idmap_plan(struct idmap *out, uint32_t own, const struct subid_ranges *ranges,
		const struct idmap *visible);
/* own -> 0, then every other id of `visible` from 1 up: for root in a user namespace. */
void idmap_plan_visible(struct idmap *out, uint32_t own, const struct idmap *visible);

/* Writes the maps of process pid, our child that has not been reaped. */
int idmap_write_direct(pid_t pid, const struct idmap *uids, const struct idmap *gids,
		       bool deny_setgroups, struct err *e);
/* The same with newuidmap and newgidmap, which run at the same time. */
int idmap_write_helpers(pid_t pid, const struct idmap *uids, const struct idmap *gids,
			struct err *e);
