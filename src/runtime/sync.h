/* SPDX-License-Identifier: Apache-2.0 */
/* sync: the barriers between the monitor and the process that becomes a container.
 *
 * Runs in:  both ends of one SOCK_SEQPACKET pair: the monitor, and helper or init.
 * Owns:     nothing; the descriptors belong to struct runtime_ctr and to the child.
 * Needs:    nothing.
 * Fails:    the child's own struct err; EPROTO when a message is not the expected one.
 * Not here: what is done between two barriers (init.c, helper.c, runtime.c).
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum sync_step {
	/* Child to monitor. */
	SYNC_ERROR = 1,	/* a struct err follows; the child exits */
	SYNC_INIT,	/* the process between: value is the pid of the one that stays */
	SYNC_NAMESPACES,	/* the helper has new namespaces; waits for START_IDMAP */
	SYNC_ROOTFS,	/* the root file system is mounted; whoever serves it may start */
	SYNC_READY,	/* all is prepared; waits for START_EXEC */
	/* Monitor to child. */
	START_IDMAP,	/* you are known; the maps of the new user namespace are written */
	START_NET,	/* the network namespace is there; its descriptor follows (fd_send_fds) */
	START_ROOTFS,	/* the root file system is served */
	START_EXEC,	/* become the payload */
};

/* Does the -errno of a send say that the other side is gone? */
bool sync_is_gone(int r);
/* No error when the other side is gone: the next sync_recv tells that, or the error it left. */
int sync_send(int fd, enum sync_step step, int value, struct err *e);
/* For a child that gives up; what cannot be sent is lost. */
void sync_send_err(int fd, const struct err *e);
/* Waits for one message. 1: it was want (value filled in when not NULL); 0: the other side is
 * gone; else the error it sent. */
int sync_recv(int fd, enum sync_step want, int *value, struct err *e);
/* For a child, which has nobody left to tell when the other side is gone: it exits then. */
int sync_wait(int fd, enum sync_step want, struct err *e);
/* sync_recv for either of two; returns the step, 0 at end of file, or the error. */
int sync_recv_either(int fd, enum sync_step a, enum sync_step b, struct err *e);
