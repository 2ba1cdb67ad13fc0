/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/period.h"

#include "base/timefmt.h"

static bool is_given(const char *s)
{
	return s && *s;
}

int period_parse(const char *since, const char *until, bool is_docker, int64_t *since_ns,
		 int64_t *until_ns, struct err *e)
{
	*since_ns = *until_ns = 0;
	if (is_given(since) && time_parse(since, since_ns) < 0)
		return err_set(e, ERR_USAGE, "--since '%s': expected a time or a duration", since);
	if (!is_given(until))
		return 0;
	if ((is_docker ? time_parse : time_parse_ahead)(until, until_ns) < 0)
		return err_set(e, ERR_USAGE, "--until '%s': expected a time or a duration", until);
	if (*until_ns <= 0)	/* 1970: before everything, and not "no limit" */
		*until_ns = 1;
	return 0;
}
