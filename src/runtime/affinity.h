/* SPDX-License-Identifier: Apache-2.0 */
/* affinity: "0-3,8": on which processors a payload runs.
 *
 * Runs in:  init and exec.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    EINVAL a list that is none, or none of the processors exists.
 * Not here: cpusets of cgroups.
 */
#pragma once

#include "base/err.h"

#include <sched.h>

int affinity_parse(const char *list, cpu_set_t *out);	/* leaf: -EINVAL */
int affinity_apply(const char *list, struct err *e);
