/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp: the system call filter of a container, compiled once and kept.
 *
 * Runs in:  seccomp_prepare: the monitor, before the clone. seccomp_load: init and exec.
 * Owns:     struct seccomp_program (seccomp_program_clear).
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

struct seccomp_program {
	struct sock_filter *filter;	/* owned; NULL: unconfined */
	size_t n;
};

/* caps: the bounding set of the process; parts of a profile depend on it. */
int seccomp_prepare(struct seccomp_program *out, const struct spec *s, uint64_t caps,
		    struct err *e);
/* The calling process must have no_new_privs or CAP_SYS_ADMIN. */
int seccomp_load(const struct seccomp_program *p, struct err *e);
void seccomp_program_clear(struct seccomp_program *p);
DEFINE_AUTO_VALUE(struct seccomp_program, seccomp_program_clear)
