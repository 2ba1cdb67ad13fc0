/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_cgroup: where a container's cgroup may be, and what its options are in the kernel's files.
 *
 * Runs in:  ctr_cgroup_enter: the monitor, before init is cloned (it may be moved itself);
 *           ctr_cgroup_open: exec; the plan: anywhere.
 * Owns:     struct ctr_cgroup_plan (ctr_cgroup_plan_clear); the directory until ctr_cgroup_remove.
 * Needs:    cgroup v2 at /sys/fs/cgroup and a part of it that is ours; else there is no cgroup.
 * Fails:    ERR_USAGE a value, ERR_UNSUPPORTED an explicit limit that nobody delegated, with the remedy.
 * Not here: writing the files (runtime/cgroup.h), freezing (pause.h), counting (stats.h).
 * Source:   kernel Documentation/admin-guide/cgroup-v2.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "container/config.h"
#include "container/engine.h"
#include "container/state.h"
#include "runtime/spec.h"

struct ctr_cgroup_plan {
	struct strv wanted;	/* "file=value" that the user asked for */
	struct strv options;	/* the option of each */
	struct strv defaults;	/* "file=value" that are dropped where they cannot be had */
};

/* Pure, but for the numbers of devices. */
int ctr_cgroup_plan(struct ctr_cgroup_plan *p, const struct container_config *c, struct err *e);
void ctr_cgroup_plan_clear(struct ctr_cgroup_plan *p);
DEFINE_AUTO_VALUE(struct ctr_cgroup_plan, ctr_cgroup_plan_clear)
/* What has to be written to get from the limits of old to those of new. Pure, as before. */
int ctr_cgroup_plan_change(struct ctr_cgroup_plan *out, const struct container_config *old,
			   const struct container_config *new, struct err *e);
/* Adds to out what these controllers can do; remedy ends the error about one that is missing. */
int ctr_cgroup_plan_check(const struct ctr_cgroup_plan *p, const struct strv *controllers,
			  const char *remedy, struct strv *out, struct err *e);
/* cpu.weight (1 to 10000) of shares (2 to 262144), io.weight of a weight from 10 to 1000. */
uint64_t ctr_cgroup_cpu_weight(uint64_t shares);
uint64_t ctr_cgroup_io_weight(uint64_t blkio);

/* The unified hierarchy is mounted where it belongs. One statfs(2). */
bool ctr_cgroup_is_v2(void);
/* Makes the cgroup: s->cgroup_fd, s->resources and *path (owned); all untouched where there is none. */
int ctr_cgroup_enter(struct engine *g, const struct container_config *c, struct spec *s, char **path,
		     struct err *e);
/* The cgroup of a running container, for a further process: *fd is -1 when it has none. The calling
 * process may be moved beside it. */
int ctr_cgroup_open(struct engine *g, const struct container_config *c, const struct state *st, int *fd,
		    struct err *e);
/* Where a further process of it belongs: the container's cgroup, or that of its init when the payload
 * has split it up. -ENOENT without one. Leaf. */
int ctr_cgroup_open_inner(const struct state *st);
/* The same for a running container, now. ERR_UNSUPPORTED where it has no cgroup. */
int ctr_cgroup_update(const struct state *st, const struct container_config *old,
		      const struct container_config *new, struct err *e);
/* True when the kernel killed in it for want of memory. */
bool ctr_cgroup_is_oom_killed(const char *path);
/* Kills what is left in it. */
void ctr_cgroup_kill(const char *path);
/* The empty cgroup, and what the payload made below it. */
void ctr_cgroup_remove(const char *path);
/* "systemd" or "cgroupfs" by the path of a cgroup; "none" for NULL. */
const char *ctr_cgroup_manager(const char *path);
/* That of the next container. */
const char *ctr_cgroup_manager_next(struct engine *g);
