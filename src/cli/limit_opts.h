/* SPDX-License-Identifier: Apache-2.0 */
/* limit_opts: the options that limit memory, processors, disks and processes: of create, run, update,
 * and the values of clone's.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; values land in a container_config.
 * Needs:    nothing.
 * Fails:    ERR_USAGE naming the option and the value.
 * Not here: what they are in the kernel's files (container/ctr_cgroup.h).
 */
#pragma once

#include "base/opt.h"
#include "container/config.h"

#define LIMIT_NOT_GIVEN INT64_MIN

extern const struct opt limit_opts[];		/* for struct container_config */
/* Before the options of a change are read: afterwards one can tell what was given. */
void limit_opts_forget(struct container_config *c);
/* What was given into c. */
void limit_opts_change(struct container_config *c, const struct container_config *given);
