/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_profile: a seccomp profile in the JSON form of Docker and Podman.
 *
 * Runs in:  the monitor, when the compiled filter is not in the cache.
 * Owns:     nothing; the filter is the caller's.
 * Needs:    libseccomp.
 * Fails:    EINVAL naming the member that is not understood.
 * Not here: compiling, caching, loading (filter.h).
 * Source:   Docker's "Seccomp security profiles"; runtime-spec config-linux.md "Seccomp".
 */
#pragma once

#include "base/err.h"

#include <stdint.h>

/* A new filter (scmp_filter_ctx); flags: SECCOMP_FILTER_FLAG_x the profile asks for. */
int seccomp_profile_build(void **ctx, unsigned int *flags, const char *text, uint64_t caps,
			  struct err *e);
