/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_default: which system calls a container has when the user says nothing.
 *
 * Runs in:  the monitor, when the compiled filter is not in the cache.
 * Owns:     nothing; rules go into the caller's filter.
 * Needs:    libseccomp.
 * Fails:    what libseccomp says.
 * Not here: compiling, caching, loading (filter.h).
 */
#pragma once

#include "base/err.h"

#include <stdint.h>

/* The capabilities that make a difference to the filter. */
uint64_t seccomp_default_caps(void);
/* A new filter (scmp_filter_ctx) for a process of that bounding set. */
int seccomp_default_build(void **ctx, uint64_t caps, struct err *e);
