/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_profile: a seccomp profile in the JSON form of Docker and Podman.
 *
 * Runs in:  the monitor, when the compiled filter is not in the cache.
 * Owns:     nothing; the policy is the caller's.
 * Needs:    libseccomp's names of architectures.
 * Fails:    EINVAL naming the member that is not understood.
 * Not here: compiling (seccomp_policy.h), caching and loading (filter.h).
 * Source:   Docker's "Seccomp security profiles"; runtime-spec config-linux.md "Seccomp".
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "runtime/seccomp_policy.h"

#include <stdint.h>

/* Fills an empty policy, which borrows names from j; flags: SECCOMP_FILTER_FLAG_x it asks for. */
int seccomp_profile_build(struct seccomp_policy *p, unsigned int *flags, const struct json *j,
			  uint64_t caps, struct err *e);
