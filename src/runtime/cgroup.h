/* SPDX-License-Identifier: Apache-2.0 */
/* cgroup: limits and the end of a container's cgroup, by its directory's descriptor.
 *
 * Runs in:  the monitor.
 * Owns:     nothing.
 * Needs:    a cgroup v2 directory that is ours (delegated).
 * Fails:    naming the file; ENOENT a controller that is not delegated, with what to do.
 * Not here: making and finding the directory (the engine).
 * Source:   kernel Documentation/admin-guide/cgroup-v2.
 */
#pragma once

#include "base/err.h"
#include "runtime/spec.h"

#include <stdint.h>

/* Writes "file=value" in order. */
int cgroup_apply(int cgroup_fd, const struct spec_resources *r, struct err *e);
/* Kills everything in it and below. ENOENT: the kernel is older than 5.14. Leaf. */
int cgroup_kill(int cgroup_fd);
/* Text of one file (owned). Leaf. */
int cgroup_read(int cgroup_fd, const char *file, char **text);
/* "key value" lines, as in memory.events and cpu.stat. Leaf; -ENOENT when there is no such key. */
int cgroup_read_key(int cgroup_fd, const char *file, const char *key, uint64_t *value);
