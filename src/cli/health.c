/* SPDX-License-Identifier: Apache-2.0 */
/* healthcheck run: one health check now. */
#include "container/health.h"

#include "cli/cmd.h"
#include "container/record.h"

#include <poll.h>
#include <stdio.h>

#define LOCK_TRIES 50
#define LOCK_MS 100

struct health_args {
	bool ignore_result;
};

static const struct opt health_run_opts[] = {
	OPT_FLAG(0, "ignore-result", struct health_args, ignore_result, "exit with 0 also when it is not healthy"),
	OPT_END,
};

/* A check that cannot be recorded was still made: what it said counts. */
static void record_result(struct engine *g, struct record *r, const struct health_plan *p,
			  const struct health_result *result)
{
	enum health_change change;

	for (int i = 0; i < LOCK_TRIES; i++) {
		auto_of(json_free) struct json *now = NULL;
		struct err why = { 0 };

		if (health_record(r, p, result, &now, &change, &why) < 0) {
			if (why.code != EAGAIN)
				return;
			poll(NULL, 0, LOCK_MS);
			continue;
		}
		if (now)
			health_tell(g, &r->config, now);
		return;
	}
}

static int run_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(record_free) struct record *r = NULL;
	auto_of(health_plan_clear) struct health_plan p = { 0 };
	autofree struct health_result *result = xcalloc(1, sizeof(*result));
	const struct health_args *a = args;

	if (record_open(&r, c->engine, rest->v[0], e) < 0 || health_plan_load(&p, &r->config, e) < 0)
		return -e->code;
	if (!p.command.n)
		return err_set(e, EINVAL, "container %s has no defined healthcheck", r->config.name);
	if (health_run(c->engine, r, &p.command, p.timeout, result, e) < 0)
		return -e->code;
	record_result(c->engine, r, &p, result);
	if (result->exit_code)
		printf("unhealthy\n");
	return result->exit_code && !a->ignore_result ? 1 : 0;
}

const struct cmd cmd_healthcheck_run = {
	.path = "healthcheck run", .args = "CONTAINER",
	.help = "run the health check of a container: 0 healthy, 1 not", .min_args = 1, .max_args = 1,
	.opts = health_run_opts, .args_size = sizeof(struct health_args),
	.needs = NEED_ENGINE, .fn = run_main,
};
