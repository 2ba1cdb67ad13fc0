/* SPDX-License-Identifier: Apache-2.0 */
/* process: the last steps of a process on its way to the payload: who it is, what it may, exec.
 *
 * Runs in:  init and exec, inside the container's root, with full capabilities over its user
 *           namespace until process_exec takes them away.
 * Owns:     nothing; what the user's record holds ends with the exec.
 * Needs:    seccomp and console prepared before.
 * Fails:    ERR_EXEC_NOENT, ERR_EXEC_PERM for the program; else with the step named.
 * Not here: namespaces and mounts (init.c, exec.c).
 */
#pragma once

#include "base/err.h"
#include "runtime/passwd.h"
#include "runtime/runtime.h"

struct filter;

struct process {
	const struct spec_process *p;		/* borrowed */
	const struct filter *seccomp;		/* borrowed */
	const struct runtime_io *io;		/* borrowed */
	struct passwd_user user;		/* owned; freed by nobody: the exec is next */
	const char *init_path;			/* borrowed; NULL: exec args directly */
	int sync_fd;				/* borrowed; survives until the exec */
	int proc_fd;				/* borrowed; for labels; -1 */
	int stdio[3];				/* borrowed */
	int tty_fd;				/* borrowed; becomes the controlling terminal; -1 */
	/* Last thing before the exec, confined as the payload will be; NULL: nothing. */
	int (*before_exec)(void *arg, struct err *e);
	void *before_exec_arg;			/* borrowed */
};

/* Looks up user and groups in the root of root_dirfd. */
int process_resolve(struct process *pr, int root_dirfd, struct err *e);
/* The streams of io, and /dev/null of the host for those it lacks; with a terminal none yet. */
int process_open_stdio(struct process *pr, int *null_fd, struct err *e);
/* A terminal of that devpts for all three streams. */
int process_make_terminal(struct process *pr, int devpts_fd, struct err *e);
/* For settings that need /proc of the host, before anything else: oom score. */
int process_set_oom(const struct spec_process *p, int proc_fd, struct err *e);
/* Never returns on success. */
int process_exec(struct process *pr, struct err *e);
