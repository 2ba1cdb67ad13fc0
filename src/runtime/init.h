/* SPDX-License-Identifier: Apache-2.0 */
/* init: the process that turns itself into the container, from clone to exec.
 *
 * Runs in:  the cloned child: the container's new namespaces, uid 0 of its user namespace.
 * Owns:     struct init lives in the child only; its descriptors go away with the exec.
 * Needs:    what the monitor prepared before the clone (struct init's borrowed members).
 * Fails:    by sending its struct err to the monitor; the process then exits.
 * Not here: the monitor's half (runtime.c), a second process in a container (exec.c).
 */
#pragma once

#include "runtime/filter.h"
#include "runtime/runtime.h"

struct init {
	const struct spec *spec;
	const struct runtime_io *io;
	const struct runtime_callbacks *cb;
	const char *target;			/* where the root file system is mounted until the pivot */
	const struct filter *seccomp;
	int sync_fd;
	int mount_fd;		/* owned; the root file system, detached; -1: mounted at target already */
	bool has_rootfs;	/* the helper has called mount_rootfs: mount_fd is valid, made_fds too */
	int *made_fds;		/* owned; for each mount of the spec: made by the helper, detached; -1: not,
				 * other: see mounts.c */

	int root_fd;		/* owned; O_PATH of the new root */
	int proc_fd;		/* owned; the host's procfs, checked: nobody in the container reaches it */
	int new_proc_fd;	/* owned; the root of the fresh procfs we mounted; -1 */
	int dev_fd;		/* owned; root of the tmpfs we mounted at /dev; -1 */
	int devpts_fd;		/* owned; root of the devpts we mounted; -1 */
	int null_fd;		/* owned; O_PATH of the host's /dev/null, checked; -1 until needed */
	int empty_fd;		/* owned; an empty read-only tmpfs mounted in the container; -1 */
	bool has_own_userns;	/* new or joined: not the session's */
	bool is_joined;		/* the helper has joined and made namespaces, and set the oom score */
	bool is_net_made;	/* the new network namespace comes from the monitor (START_NET) */
};

/* Never returns. */
void init_main(struct init *in) __attribute__((noreturn));
/* Uid and gid 0 of the user namespace that we have entered. */
int init_become_root(struct err *e);
