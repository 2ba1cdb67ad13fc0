/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_default: which system calls a container has when the user says nothing.
 *
 * Runs in:  the monitor, when the compiled filter is not in the cache.
 * Owns:     nothing; rules go into the caller's policy.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: compiling (seccomp_policy.h), caching and loading (filter.h).
 */
#pragma once

#include "runtime/seccomp_policy.h"

#include <stdint.h>

/* The capabilities that make a difference to the filter. */
uint64_t seccomp_default_caps(void);
/* Fills an empty policy for a process of that bounding set. */
void seccomp_default_build(struct seccomp_policy *p, uint64_t caps);
