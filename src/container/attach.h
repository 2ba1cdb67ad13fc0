/* SPDX-License-Identifier: Apache-2.0 */
/* attach: the wire between a command and a monitor, and the command's side of it.
 *
 * Runs in:  attach_client: the command line process. Framing functions: both sides.
 * Owns:     the terminal's settings while it runs (restored at every exit).
 * Needs:    a connected AF_UNIX stream socket: the pair made at start, or
 *           <runtime dir>/<id>/attach.
 * Fails:    EPIPE the monitor is gone.
 * Not here: where output comes from (monitor.h).
 *
 * Frames: 1 byte type, 3 bytes length (little endian), payload up to 64 KiB. To the client:
 * STARTED (id), ERROR (struct err), STDOUT, STDERR, EXIT (int32 code). To the monitor: HELLO
 * (flags: wants stdin, stdout, stderr), STDIN, STDIN_EOF, RESIZE (rows, cols). Flow: the monitor
 * stops reading a container's output while an attached client's socket is full; a client that wants
 * no output never holds it up.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum attach_type {
	ATTACH_STARTED = 1, ATTACH_ERROR, ATTACH_STDOUT, ATTACH_STDERR, ATTACH_EXIT,
	ATTACH_HELLO = 16, ATTACH_STDIN, ATTACH_STDIN_EOF, ATTACH_RESIZE,
};
#define ATTACH_PAYLOAD_MAX 65536u

struct attach_client {
	int sock;			/* borrowed */
	bool has_tty;			/* the container has a terminal: ours goes raw when it is one */
	bool has_stdin, has_stdout, has_stderr;
	bool sig_proxy;
	const char *detach_keys;
	const char *container;		/* for messages */
	/* Sends a signal to the container's init; called outside signal context. */
	int (*kill)(void *arg, int sig);
	void *kill_arg;
};
/* Waits for STARTED or ERROR. */
int attach_wait_started(int sock, struct err *e);
/* Relays until EXIT or detach. */
int attach_run(const struct attach_client *c, int *exit_code, bool *is_detached, struct err *e);
/* "ctrl-p,ctrl-q" -> bytes; "" none. Leaf. */
int attach_parse_keys(const char *text, char out[16], size_t *n);
