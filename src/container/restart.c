/* SPDX-License-Identifier: Apache-2.0 */
#include "container/restart.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"

#include <errno.h>

#define FIRST (100 * TIME_MILLISECOND)
#define LONGEST (60 * TIME_SECOND)
#define LASTED (10 * TIME_SECOND)

int restart_parse(struct restart *out, const char *text)
{
	const char *max = text ? str_after(text, "on-failure:") : NULL;
	struct restart r = { RESTART_NO, 0 };

	if (max) {
		r.kind = RESTART_ON_FAILURE;
		if (units_parse_uint(max, &r.max) < 0)
			return -EINVAL;
	} else if (str_eq(text, "on-failure")) {
		r.kind = RESTART_ON_FAILURE;
	} else if (str_eq(text, "always")) {
		r.kind = RESTART_ALWAYS;
	} else if (str_eq(text, "unless-stopped")) {
		r.kind = RESTART_UNLESS_STOPPED;
	} else if (!str_empty(text) && !str_eq(text, "no")) {
		return -EINVAL;
	}
	*out = r;
	return 0;
}

bool restart_is_due(const struct restart *r, int exit_code, uint64_t count, bool is_stopped_by_user)
{
	if (is_stopped_by_user || r->kind == RESTART_NO)
		return false;
	if (r->kind == RESTART_ON_FAILURE)
		return exit_code != 0 && (!r->max || count < r->max);
	return true;
}

int64_t restart_delay(int64_t last_delay, int64_t ran)
{
	if (!last_delay || ran >= LASTED)
		return FIRST;
	return last_delay >= LONGEST / 2 ? LONGEST : last_delay * 2;
}
