/* SPDX-License-Identifier: Apache-2.0 */
/* filter: the system call filter of a container, compiled once and kept.
 *
 * Runs in:  filter_prepare: the monitor, before the clone. filter_load: init and exec.
 * Owns:     struct filter (filter_clear).
 * Needs:    libseccomp to compile; the cache directory belongs to the user alone.
 * Fails:    EINVAL a profile that is not understood, with the place named.
 * Not here: the default profile's content (seccomp_default.h), JSON profiles (seccomp_profile.h).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

#include <stdint.h>

struct spec;
struct sock_filter;

struct filter {
	struct sock_filter *filter;	/* owned; NULL: unconfined */
	size_t n;
	unsigned int flags;		/* SECCOMP_FILTER_FLAG_x */
};

/* caps: the bounding set of the process; parts of a profile depend on it. */
int filter_prepare(struct filter *out, const struct spec *s, uint64_t caps,
		    struct err *e);
/* The calling process must have no_new_privs or CAP_SYS_ADMIN. */
int filter_load(const struct filter *p, struct err *e);
void filter_clear(struct filter *p);
DEFINE_AUTO_VALUE(struct filter, filter_clear)
