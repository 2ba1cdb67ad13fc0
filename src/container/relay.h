/* SPDX-License-Identifier: Apache-2.0 */
/* relay: bytes between a container's stdio, its log and the commands that are attached to it.
 *
 * Runs in:  the monitor; no allocation after relay_init.
 * Owns:     struct relay: the container's ends of stdio that are ours, the clients (relay_clear).
 * Needs:    descriptors of the container's output in non-blocking mode.
 * Fails:    a client that breaks the protocol or goes away is dropped; nothing else can fail.
 * Not here: who starts and ends the container (monitor.h), frames (attach.h).
 */
#pragma once

#include "base/mem.h"
#include "container/attach.h"
#include "container/logs.h"

#include <poll.h>

#define RELAY_CLIENTS 32
#define RELAY_POLLS (RELAY_CLIENTS + 4)

struct relay_client {
	int fd;				/* owned; -1: free slot */
	unsigned char flags;		/* enum attach_flags, from HELLO */
	bool is_starter;
	bool has_begun;			/* it said BEGIN and was not answered yet */
	unsigned char head[ATTACH_HEAD];
	unsigned char head_n;
	unsigned char small[4];		/* payload of every frame but STDIN */
	unsigned char small_n;
	uint32_t left;			/* of the payload */
	size_t sent;			/* of the frame in the making */
};

struct relay {
	struct logs_writer *log;	/* borrowed */
	bool is_tty;
	int out_fd[2];			/* owned; stdout (or the pty's master), stderr; -1 */
	int in_fd;			/* owned; stdin; -1: none, or the terminal */
	int listen_fd;			/* owned; -1 */
	char *frame;			/* owned; head and payload on the way to the clients */
	size_t frame_n;			/* 0: nothing is on the way */
	unsigned char frame_flag;	/* who wants it; 0: everybody */
	char *input;			/* owned; on the way to the container */
	size_t input_off, input_n;
	bool is_input_ending;		/* close stdin when input is written */
	bool is_draining;		/* init is gone: what is there is all there will be */
	bool is_stop_asked;		/* a client said STOP */
	unsigned int turn;
	struct relay_client clients[RELAY_CLIENTS];
};

void relay_init(struct relay *r);	/* allocates; all descriptors -1 */
void relay_clear(struct relay *r);
DEFINE_AUTO_VALUE(struct relay, relay_clear)
/* fd_taken: a connected socket. flags 0: it says HELLO itself. -ENOSPC: no slot, fd is closed. */
int relay_add(struct relay *r, int fd_taken, unsigned int flags, bool is_starter);
/* What to wait for, p with room for RELAY_POLLS; returns the number filled in. */
size_t relay_fill(const struct relay *r, struct pollfd *p);
void relay_handle(struct relay *r, const struct pollfd *p, size_t n);
/* The socket (borrowed) of a client that said BEGIN, told once; -1: none. */
int relay_take_beginner(struct relay *r);
/* After init has ended: output that is still in the pipes is passed on. relay_is_drained when that is
 * done; with a terminal, whose last bytes may still be under way in the kernel, nothing within
 * RELAY_TTY_DRAIN_MS means done too: the caller then calls relay_end_output. */
#define RELAY_TTY_DRAIN_MS 20
void relay_drain(struct relay *r);
bool relay_is_drained(const struct relay *r);
void relay_end_output(struct relay *r);
void relay_drop_slow(struct relay *r);	/* clients that have not taken the piece under way */
/* Sends a last frame to all, also to those not accepted yet, and waits at most ms for the slowest. */
void relay_finish(struct relay *r, enum attach_type type, const void *data, uint32_t n, int ms);
