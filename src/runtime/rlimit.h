/* SPDX-License-Identifier: Apache-2.0 */
/* rlimit: resource limits by name and for a process.
 *
 * Runs in:  rlimit_apply: init and exec; the names: any process.
 * Owns:     nothing.
 * Needs:    nothing; an unprivileged user cannot raise a hard limit.
 * Fails:    EINVAL a name that is no limit; EPERM a hard limit above ours that may not be clamped.
 * Not here: --ulimit's syntax and what is raised by default (container/ctr_security.c).
 */
#pragma once

#include "base/err.h"

#include <stddef.h>

struct spec_rlimit;

/* "nofile" -> RLIMIT_NOFILE, or -EINVAL. */
int rlimit_parse(const char *word);
/* "RLIMIT_NOFILE". */
const char *rlimit_name(int resource);
int rlimit_apply(const struct spec_rlimit *limits, size_t n, struct err *e);
