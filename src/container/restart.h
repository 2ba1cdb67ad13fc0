/* SPDX-License-Identifier: Apache-2.0 */
/* restart: whether and when a container that has ended is started again.
 *
 * Runs in:  any process; plain data.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    leaf: -EINVAL for text that is no policy.
 * Not here: doing it (monitor_again.c).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum restart_kind { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS, RESTART_UNLESS_STOPPED };

struct restart {
	enum restart_kind kind;
	uint64_t max;		/* of on-failure; 0: any number */
};

/* "no", "on-failure[:N]", "always", "unless-stopped"; NULL and "" are no. */
int restart_parse(struct restart *out, const char *text);
/* count: how often it was started again already. */
bool restart_is_due(const struct restart *r, int exit_code, uint64_t count, bool is_stopped_by_user);
/* Nanoseconds to wait: 0.1 s at first, twice the last one up to a minute; anew after a run that lasted. */
int64_t restart_delay(int64_t last_delay, int64_t ran);
