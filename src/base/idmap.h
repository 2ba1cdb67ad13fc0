/* SPDX-License-Identifier: Apache-2.0 */
/* idmap: the uid or gid map of a user namespace, line by line as the kernel has it.
 *
 * Runs in:  any process; plain data but for idmap_load and idmap_write.
 * Owns:     struct idmap (idmap_clear); keeps no descriptor.
 * Needs:    nothing; to be written: a child that has not been reaped, and what user_namespaces(7) asks.
 * Fails:    leaf: -EINVAL a map with overlap or overflow; idmap_load and idmap_write as the kernel.
 * Not here: which map the session has (userns/session_map.h), and which a container (ctr_idmap.h).
 * Source:   user_namespaces(7).
 */
#pragma once

#include "base/mem.h"

#include <stdint.h>
#include <sys/types.h>

#define IDMAP_MAX 340	/* lines, since Linux 4.15 */
#define IDMAP_NONE UINT32_MAX

struct idmap_line {
	uint32_t inside, outside, count;
};

struct idmap {
	struct idmap_line *v;	/* owned */
	size_t n;
};

void idmap_clear(struct idmap *m);
DEFINE_AUTO_VALUE(struct idmap, idmap_clear)
void idmap_add(struct idmap *m, uint32_t inside, uint32_t outside, uint32_t count);	/* 0: nothing */
void idmap_copy(struct idmap *to, const struct idmap *from);
bool idmap_equal(const struct idmap *a, const struct idmap *b);

/* Text of /proc/PID/uid_map; also checks (idmap_check). 0 or -EINVAL. */
int idmap_parse(struct idmap *out, const char *text);
int idmap_load(struct idmap *out, const char *path);	/* "/proc/self/uid_map"; 0 or -errno */
char *idmap_format(const struct idmap *m);		/* as the kernel takes it; owned */
/* No line past 32 bits, no overlap inside or outside, at most IDMAP_MAX lines. */
int idmap_check(const struct idmap *m);
/* True for the initial namespace's "0 0 4294967295". */
bool idmap_is_full(const struct idmap *m);
uint64_t idmap_count(const struct idmap *m);		/* ids mapped */
/* The id outside of one inside; IDMAP_NONE: it is not mapped. */
uint32_t idmap_outside(const struct idmap *m, uint32_t id);
/* The other way, for what is shown of owners: id itself when m (NULL too) does not have it. */
uint32_t idmap_inside(const struct idmap *m, uint32_t id);
void idmap_invert(struct idmap *out, const struct idmap *m);
/* file: "uid_map" or "gid_map" of process pid. 0 or -errno. */
int idmap_write(const struct idmap *m, pid_t pid, const char *file);
