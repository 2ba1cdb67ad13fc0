/* SPDX-License-Identifier: Apache-2.0 */
/* monitor: the one small process per running container.
 *
 * Runs in:  a child forked (not exec'ed) from the command line process: own session, in the
 *           session's user namespace, host mount and network namespace. One thread, one poll loop.
 * Owns:     the init process (its parent), the network helper, the log, the attach socket.
 * Needs:    everything that allocates is done at its start (law: allocates at start only).
 * Fails:    start errors travel to the command as struct err; later ones into state.json.
 * Not here: what commands ask of it (attach.h is the wire).
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/record.h"

struct monitor_args {
	struct engine *engine;
	struct record *record;
	int client_sock;	/* owned by the monitor; attach wire of the command that started it */
	int other_sock;		/* borrowed; the client's end, closed in the monitor */
	bool is_client_attached;/* the client gets output and may send input */
	unsigned int client_flags;	/* enum attach_flags */
	uint16_t rows, cols;	/* of the client's terminal; 0: unknown */
	const int *preserve_fds;
	size_t preserve_n;
	size_t listen_n;		/* of them are sockets of a socket unit */
	const char *listen_names;	/* borrowed; NULL */
	const char *notify_socket;	/* borrowed, as long as the monitor lives; NULL */
	int lock_fd;		/* owned by the monitor: the container's lock while starting */
	uint64_t restart_count;
	bool has_run_before;
	bool is_init;		/* only set up; the command runs when a client says so */
};
/* Forks. In the parent returns 0 when the monitor runs (the outcome of the start comes over the
 * client's end of client_sock), and what the monitor owns is closed there; the child never returns. */
int monitor_fork(const struct monitor_args *a, struct err *e);
