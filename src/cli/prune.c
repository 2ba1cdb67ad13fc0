/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prune.h"

#include "base/units.h"
#include "cli/cmd.h"
#include "container/usage.h"

#include <stdio.h>

int prune_size(struct cmd_context *c, int64_t *bytes, struct err *e)
{
	auto_of(json_free) struct json *usage = NULL;
	int r = usage_load(&usage, c->engine, e);

	*bytes = r < 0 ? 0 : usage_total(usage);
	return r;
}

int prune_measure(struct cmd_context *c, int64_t *bytes, struct err *e)
{
	return c->globals->is_docker ? prune_size(c, bytes, e) : 0;
}

int prune_tell(struct cmd_context *c, const char *what, const struct strv *removed, int64_t before, int r,
	       struct err *e)
{
	int64_t after = before;
	char human[32];

	if (removed->n)
		printf("Deleted %s:\n", what);
	for (size_t i = 0; i < removed->n; i++)
		printf("%s\n", removed->v[i]);
	if (r >= 0)
		r = prune_size(c, &after, e);
	if (r >= 0)
		printf("%sTotal reclaimed space: %s\n", removed->n ? "\n" : "",
		       units_human_size_short(human, before > after ? (double)(before - after) : 0));
	return r;
}
