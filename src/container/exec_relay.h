/* SPDX-License-Identifier: Apache-2.0 */
/* exec_relay: between the user's stdio and a process that exec put into a container.
 *
 * Runs in:  the command line process, which is the process's parent.
 * Owns:     struct exec_relay (exec_relay_clear); the terminal's settings while it runs.
 * Needs:    nothing.
 * Fails:    what poll says.
 * Not here: the monitor's relay, which has a log and many clients (relay.h).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "container/sink.h"
#include "container/tty.h"
#include "runtime/runtime.h"

struct exec_relay {
	bool has_tty;
	int theirs[3];			/* for runtime_io: -1 /dev/null */
	int own_theirs[3];		/* owned; those of theirs that are pipes of ours */
	int in_fd;			/* owned; our end of stdin; -1 */
	int out_fd[2];			/* owned; stdout or the pty's master, stderr; -1 */
	int console_sock[2];		/* owned */
	struct tty_keys keys;
};

/* Streams that the container may hold itself are passed on as they are; others get a pipe. */
int exec_relay_open(struct exec_relay *r, bool has_tty, bool is_interactive, bool is_detached,
		    const char *detach_keys, struct err *e);
/* After the process has its ends: closes them here, takes the terminal's master. */
int exec_relay_started(struct exec_relay *r, struct err *e);
/* Until the process ends or the keys are typed; signals we get go to pidfd. */
int exec_relay_run(struct exec_relay *r, int pidfd, bool is_interactive, bool *is_detached,
		   struct err *e);
/* For a process left alone with a terminal: reads what it says, into nothing, until it ends. */
void exec_relay_keep(struct exec_relay *r, int pidfd);
void exec_relay_clear(struct exec_relay *r);
DEFINE_AUTO_VALUE(struct exec_relay, exec_relay_clear)
