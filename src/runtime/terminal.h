/* SPDX-License-Identifier: Apache-2.0 */
/* terminal: a pseudo terminal made from the container's own devpts.
 *
 * Runs in:  init before the pivot, exec after joining.
 * Owns:     the descriptors returned are the caller's.
 * Needs:    a devpts mount of the container.
 * Fails:    ENOTTY, ENOENT no devpts; what the socket says.
 * Not here: relaying, resizing (the monitor has the master).
 */
#pragma once

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

struct init;
struct runtime_io;
struct spec_process;

/* Opens a pair from the devpts whose root is devpts_fd, sends the master through console_sock and
 * returns the slave, owned by uid and of the given size. */
int terminal_make(int devpts_fd, const struct runtime_io *io, const struct spec_process *p,
		  uid_t uid, struct err *e);
/* The root of the devpts at /dev/pts of a root, checked to be one. */
int terminal_open_devpts(int root_fd, struct err *e);
/* Binds the slave on /dev/console of the /dev that we mounted. */
int terminal_bind_console(struct init *in, int slave_fd, struct err *e);
