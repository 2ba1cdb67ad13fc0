/* SPDX-License-Identifier: Apache-2.0 */
/* preserve: descriptors of the caller that a container is to have: --preserve-fds, --preserve-fd and
 * those of a systemd socket unit.
 *
 * Runs in:  the command line process.
 * Owns:     struct preserve (preserve_clear); the descriptors stay the caller's.
 * Needs:    fd_inherited_load before anything was opened: a number that is ours is refused.
 * Fails:    EBADF not open at our start, ERR_USAGE a list.
 * Not here: how they get there (runtime/stdio.h).
 * Source:   podman-run(1), sd_listen_fds(3).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"

#include <stddef.h>
#include <stdint.h>

struct fd_inherited;

struct preserve {
	int *fds;			/* owned; ascending; they keep their numbers */
	size_t n;
	size_t listen_n;		/* of them 3 up are sockets of a socket unit */
	const char *listen_names;	/* borrowed: the environment; NULL */
};

/* count: 3 and up; list: single numbers. takes_listen: also what LISTEN_FDS says, when it is for us. */
int preserve_collect(struct preserve *out, const struct fd_inherited *inherited, uint64_t count,
		     const struct strv *list, bool takes_listen, struct err *e);
void preserve_clear(struct preserve *p);
DEFINE_AUTO_VALUE(struct preserve, preserve_clear)
