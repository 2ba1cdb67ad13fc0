/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/rlimit.h"

#include "base/mem.h"
#include "runtime/spec.h"

#include <strings.h>

#define NAME(x) [RLIMIT_##x] = "RLIMIT_" #x
static const char *const names[RLIM_NLIMITS] = {
	NAME(AS),     NAME(CORE),    NAME(CPU),	       NAME(DATA), NAME(FSIZE),	 NAME(LOCKS),
	NAME(MEMLOCK), NAME(MSGQUEUE), NAME(NICE),     NAME(NOFILE), NAME(NPROC), NAME(RSS),
	NAME(RTPRIO), NAME(RTTIME),  NAME(SIGPENDING), NAME(STACK),
};

int rlimit_parse(const char *name)
{
	if (strncasecmp(name, "RLIMIT_", 7) == 0)
		name += 7;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i] && strcasecmp(name, names[i] + 7) == 0)
			return i;
	return -EINVAL;
}

const char *rlimit_name(int resource)
{
	return resource >= 0 && (size_t)resource < ARRAY_SIZE(names) ? names[resource] : NULL;
}

static int apply_one(const struct spec_rlimit *l, struct err *e)
{
	struct rlimit want = l->limit, have;

	if (setrlimit(l->resource, &want) == 0)
		return 0;
	if (errno != EPERM || getrlimit(l->resource, &have) < 0)
		return err_sys(e, errno, "set %s", rlimit_name(l->resource));
	if (!l->is_clamped_ok)
		return err_set(e, EPERM, "set %s to %llu: the hard limit of this session is %llu and "
			       "only the administrator can raise it", rlimit_name(l->resource),
			       (unsigned long long)want.rlim_max, (unsigned long long)have.rlim_max);
	if (want.rlim_max > have.rlim_max)
		want.rlim_max = have.rlim_max;
	if (want.rlim_cur > want.rlim_max)
		want.rlim_cur = want.rlim_max;
	if (setrlimit(l->resource, &want) < 0)
		return err_sys(e, errno, "set %s", rlimit_name(l->resource));
	return 0;
}

int rlimit_apply(const struct spec_rlimit *limits, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		int r = apply_one(&limits[i], e);

		if (r < 0)
			return r;
	}
	return 0;
}
