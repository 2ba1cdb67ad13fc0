/* SPDX-License-Identifier: Apache-2.0 */
/* err: an error made once, wrapped on the way up and printed once, by main.
 *
 * Runs in:  any process; a forked child writes its struct err bytes to the pipe of its parent.
 * Owns:     nothing; struct err holds its text inline so that it fits one atomic pipe write.
 * Needs:    nothing.
 * Fails:    never; a message that is too long is cut.
 * Not here: exit codes and printing (see main.c).
 */
#pragma once

#include <errno.h>
#include <stddef.h>

/* Codes above the errno range carry a meaning of their own to main(). */
enum {
	ERR_USAGE = 4096,	/* the command line is wrong: main adds "see --help" */
	ERR_EXEC_PERM,		/* the payload is not executable: exit 126 */
	ERR_EXEC_NOENT,		/* the payload was not found: exit 127 */
	ERR_REPORTED,		/* said already (by a child that shares stderr): exit code only */
	ERR_NO_SUCH,		/* no such container, image or volume: exit 1 where podman does, else 125 */
	ERR_IN_USE,		/* the object is in use: exit 2 from rm and rmi, as podman */
	ERR_START,		/* a container was made but could not be started: exit 126 from run, as podman */
	ERR_WRONG_STATE,		/* the container is in no state for it: exit 255 from exec, as podman */
	ERR_UNSUPPORTED,	/* an option or combination that this build or kernel does not have */
};

struct err {
	int code;
	char msg[508];
};

/* Fills e and returns -code; code > 0. The message: lower case, names the object, no full stop. */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Fills e with "fmt: " and what strerror says, in the lower case that scripts know from programs
 * in Go ("no such file or directory"); returns -code. */
int err_sys(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Prefixes "fmt: " to the message of e and returns the same -code. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Writes e to a pipe in one piece, for a forked child; returns 0 or -errno. */
int err_send(int fd, const struct err *e);

/* Reads one struct err. 0: end of file (no error came); 1: *e filled in; else -errno. */
int err_recv(int fd, struct err *e);
