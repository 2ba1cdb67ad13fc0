/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/rlimit.h"

#include "base/mem.h"
#include "runtime/spec.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *word;	/* of --ulimit */
	const char *name;
} table[RLIM_NLIMITS] = {
#define LIMIT(w, n) [RLIMIT_##n] = { w, "RLIMIT_" #n }
	LIMIT("as", AS),
	LIMIT("core", CORE),
	LIMIT("cpu", CPU),
	LIMIT("data", DATA),
	LIMIT("fsize", FSIZE),
	LIMIT("locks", LOCKS),
	LIMIT("memlock", MEMLOCK),
	LIMIT("msgqueue", MSGQUEUE),
	LIMIT("nice", NICE),
	LIMIT("nofile", NOFILE),
	LIMIT("nproc", NPROC),
	LIMIT("rss", RSS),
	LIMIT("rtprio", RTPRIO),
	LIMIT("rttime", RTTIME),
	LIMIT("sigpending", SIGPENDING),
	LIMIT("stack", STACK),
#undef LIMIT
};

int rlimit_parse(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].word && strcmp(word, table[i].word) == 0)
			return i;
	return -EINVAL;
}

const char *rlimit_name(int resource)
{
	return resource >= 0 && (size_t)resource < ARRAY_SIZE(table) ? table[resource].name : NULL;
}

static int apply_one(const struct spec_rlimit *l, struct err *e)
{
	struct rlimit want = l->limit, have;

	if (setrlimit(l->resource, &want) == 0)
		return 0;
	if (errno != EPERM || getrlimit(l->resource, &have) < 0)
		return err_sys(e, errno, "set %s", rlimit_name(l->resource));
	if (!l->is_clamped_ok) {
		char number[24];

		snprintf(number, sizeof(number), "%llu", (unsigned long long)want.rlim_max);
		return err_set(e, EPERM, "set %s to %s: the hard limit of this session is %llu and "
			       "only the administrator can raise it", rlimit_name(l->resource),
			       want.rlim_max == RLIM_INFINITY ? "unlimited" : number,
			       (unsigned long long)have.rlim_max);
	}
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
