/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/affinity.h"

#include "base/strv.h"
#include "base/units.h"

#include <string.h>

static int parse_range(char *part, cpu_set_t *out)
{
	char *dash = strchr(part, '-');
	uint64_t first, last;

	if (dash)
		*dash++ = 0;
	if (units_parse_uint(part, &first) < 0)
		return -EINVAL;
	last = first;
	if (dash && units_parse_uint(dash, &last) < 0)
		return -EINVAL;
	if (last < first || last >= CPU_SETSIZE)
		return -EINVAL;
	for (uint64_t cpu = first; cpu <= last; cpu++)
		CPU_SET(cpu, out);
	return 0;
}

int affinity_parse(const char *list, cpu_set_t *out)
{
	auto_of(strv_clear) struct strv parts = { 0 };

	CPU_ZERO(out);
	strv_split(&parts, list, ',');
	for (size_t i = 0; i < parts.n; i++)
		if (parse_range(parts.v[i], out) < 0)
			return -EINVAL;
	return parts.n ? 0 : -EINVAL;
}

int affinity_apply(const char *list, struct err *e)
{
	cpu_set_t set;

	if (affinity_parse(list, &set) < 0)
		return err_set(e, EINVAL, "cpu list '%s' is not of the form 0-3,8", list);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		return err_sys(e, errno, "run on cpus %s", list);
	return 0;
}
