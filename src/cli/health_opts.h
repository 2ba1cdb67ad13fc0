/* SPDX-License-Identifier: Apache-2.0 */
/* health_opts: the options that `update` may change of a running container: restart policy and checks.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; values go into a struct container_config.
 * Needs:    nothing.
 * Fails:    ERR_USAGE a number that cannot be; the rest is checked by health_plan_load.
 * Not here: what they mean (container/health.h, container/restart.h).
 */
#pragma once

#include "base/opt.h"
#include "container/config.h"

extern const struct opt health_opts[];	/* for struct container_config */
