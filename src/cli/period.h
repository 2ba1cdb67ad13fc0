/* SPDX-License-Identifier: Apache-2.0 */
/* period: --since and --until, as logs and events take them.
 *
 * Runs in:  the command line process.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    ERR_USAGE for what is neither a time nor a duration.
 * Not here: what is shown of the period.
 * Source:   podman-logs(1), podman-events(1): a duration is before now for --since, after now for --until,
 *           which so follows for a while; Docker's are both before now.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* NULL and "": no such limit, which is 0. */
int period_parse(const char *since, const char *until, bool is_docker, int64_t *since_ns,
		 int64_t *until_ns, struct err *e);
