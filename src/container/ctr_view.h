/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_view: the files of a container as it sees them, whether it runs or not.
 *
 * Runs in:  the command line process, in the session's user namespace.
 * Owns:     struct ctr_view (ctr_view_clear): the root, the container's lock while it is stopped, and
 *           the process in whose mount namespace a stopped container's root is mounted.
 * Needs:    nothing; the caller's own mounts are not touched.
 * Fails:    as storage/rootfs.h; ESRCH a container that has just ended.
 * Not here: what is read and written there (copy.h, export.h, commit.h).
 *
 * Every path below root_fd is the container's: it is opened with path.h's root_*() only.
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "base/mem.h"
#include "base/proc.h"
#include "container/record.h"

struct ctr_view {
	int root_fd;			/* owned; O_PATH */
	bool is_live;			/* it runs: others change the files at the same time */
	struct idmap uid_map, gid_map;	/* owned; empty: the session's ids */
	int lock_fd;			/* owned; -1 */
	int sock_fd;			/* owned; its end of file ends the process */
	struct proc holder;
	struct proc server;		/* of a root file system that a program serves */
};

enum ctr_view_kind {
	CTR_VIEW_ALL,			/* with its volumes, as its processes see it */
	CTR_VIEW_BARE,			/* the root file system alone: nothing mounted in it */
};

int ctr_view_open(struct ctr_view *out, struct engine *g, struct record *r, enum ctr_view_kind kind,
		  struct err *e);
/* A detached mount (owned): a clone of what is mounted at a directory of a running container. */
int ctr_view_clone(struct engine *g, struct record *r, const char *path, struct err *e);
void ctr_view_clear(struct ctr_view *v);
DEFINE_AUTO_VALUE(struct ctr_view, ctr_view_clear)
#define CTR_VIEW_NONE { .root_fd = -1, .lock_fd = -1, .sock_fd = -1, \
			.holder = { .pidfd = -1 }, .server = { .pidfd = -1 } }
