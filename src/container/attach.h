/* SPDX-License-Identifier: Apache-2.0 */
/* attach: the wire between a command and a monitor, and the command's side of it.
 *
 * Runs in:  attach_run: the command line process. Framing functions: both sides.
 * Owns:     the terminal's settings while it runs (restored at every exit).
 * Needs:    a connected AF_UNIX stream socket: the pair made at start, or
 *           <runtime dir>/<id>/attach.
 * Fails:    EPIPE the monitor is gone.
 * Not here: where output comes from (monitor.h).
 *
 * Frames: 1 byte type, 3 bytes length (little endian), payload up to 64 KiB. To the client:
 * STARTED (id), ERROR (struct err), STDOUT, STDERR, EXIT (int32 code). To the monitor: HELLO
 * (1 byte of flags: wants stdin, stdout, stderr), STDIN, STDIN_EOF, RESIZE (rows, cols: 2 x uint16),
 * CLOSED (1 byte: the stream whose reader is gone for good), STOP (the user asked for the end),
 * BEGIN (a container that was set up is to run now; answered by STARTED or ERROR).
 * Flow: the monitor stops reading a container's output while an attached client's socket is full; a
 * client that wants no output never holds it up.
 */
#pragma once

#include "base/err.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum attach_type {
	ATTACH_STARTED = 1, ATTACH_ERROR, ATTACH_STDOUT, ATTACH_STDERR, ATTACH_EXIT,
	ATTACH_HELLO = 16, ATTACH_STDIN, ATTACH_STDIN_EOF, ATTACH_RESIZE, ATTACH_CLOSED, ATTACH_STOP,
	ATTACH_BEGIN,
};
#define ATTACH_PAYLOAD_MAX 65536u
#define ATTACH_HEAD 4u
#define ATTACH_SOCKET "attach"

enum attach_flags { ATTACH_WANTS_STDIN = 1, ATTACH_WANTS_STDOUT = 2, ATTACH_WANTS_STDERR = 4 };

struct attach_client {
	int sock;			/* borrowed */
	bool has_tty;			/* the container has a terminal: ours goes raw when it is one */
	bool has_stdin, has_stdout, has_stderr;
	bool sig_proxy;
	bool is_starter;		/* its closed stdout is the container's: SIGPIPE travels back */
	const char *detach_keys;	/* NULL: ctrl-p,ctrl-q */
	const char *container;		/* for messages */
	/* Sends a signal to the container's init; called outside signal context. */
	int (*kill)(void *arg, int sig);
	void *kill_arg;
};
/* Waits for STARTED or ERROR. */
int attach_wait_started(int sock, struct err *e);
/* Relays until EXIT or detach. */
int attach_run(const struct attach_client *c, int *exit_code, bool *is_detached, struct err *e);
/* Waits ms (-1: for ever) for EXIT on a connection that wants no output: 1, 0 time is up, -EPIPE. Leaf. */
int attach_wait_exit(int sock, int ms, int *exit_code);
/* Signals that attach_run wants to read: blocked by the caller before the container is started, so
 * that none is lost in between. */
void attach_signals(sigset_t *set, bool sig_proxy, bool is_raw);
/* "ctrl-p,ctrl-q" -> bytes; "" none. Leaf. */
int attach_parse_keys(const char *text, char out[16], size_t *n);

/* The wire. Leaf functions. */
void attach_head(unsigned char head[ATTACH_HEAD], enum attach_type type, uint32_t n);
uint32_t attach_head_len(const unsigned char head[ATTACH_HEAD]);
int attach_send(int sock, enum attach_type type, const void *data, uint32_t n);	/* waits for room */
int attach_connect(int runtime_dirfd, const char *id, unsigned int flags);	/* sends HELLO; socket */
/* A listening socket "attach" in the container's runtime directory, whose path may be longer than
 * the kernel's sockaddr_un. */
int attach_listen(int ctr_runtime_dirfd);
