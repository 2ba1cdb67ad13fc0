/* SPDX-License-Identifier: Apache-2.0 */
/* net_maker: makes a network namespace beside everything else that a start has to do.
 *
 * Runs in:  the monitor, in the session's user namespace, to which the new namespace belongs; a
 *           child on the same memory works until net_maker_finish.
 * Owns:     struct net_maker (net_maker_clear waits for the child); the descriptor it made is the
 *           caller's.
 * Needs:    /proc; nothing between start and finish may change the user namespace.
 * Fails:    ENOSPC the user's limit of namespaces, EAGAIN the limit of processes.
 * Not here: joining it (init.c), who provides the network (netns/).
 *
 * Of all namespaces this one is dear: every protocol of the kernel sets itself up in it, 0.6 to 0.8
 * ms in one system call, and clone(2) would make the parent wait for it. A thread is no way: glibc's
 * setresuid(3) in the cloned init would wait for a thread that exists in its copy of the memory only.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct net_maker_work;

struct net_maker {
	pid_t pid;			/* 0: none */
	struct net_maker_work *work;	/* owned; shared with the child */
};

int net_maker_start(struct net_maker *m);
bool net_maker_is_started(const struct net_maker *m);
/* A descriptor of the namespace, its loopback interface up; -errno. Once for each start. */
int net_maker_finish(struct net_maker *m);
void net_maker_clear(struct net_maker *m);
