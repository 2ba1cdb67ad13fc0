/* SPDX-License-Identifier: Apache-2.0 */
/* update: changes the restart policy and the health check of a container, running or not. */
#include "base/fd.h"
#include "cli/cmd.h"
#include "cli/health_opts.h"
#include "container/health.h"
#include "container/lifecycle.h"
#include "container/record.h"
#include "container/restart.h"

#include <stdio.h>
#include <string.h>

struct update_args {
	struct container_config changes;
	bool no_healthcheck;
};

static const struct opt update_opts[] = {
	OPT_GROUP(health_opts, struct update_args, changes),
	OPT_FLAG(0, "no-healthcheck", struct update_args, no_healthcheck, "no health check any more"),
	OPT_END,
};

static void update_init(void *args)
{
	struct container_config *c = &((struct update_args *)args)->changes;

	c->health_retries = c->health_max_log_count = c->health_max_log_size = -1;
	c->health_startup_retries = c->health_startup_success = -1;
}

static void set_str(char **to, const char *from)
{
	if (from)
		xreplace(to, from);
}

static void set_int(int64_t *to, int64_t from)
{
	if (from >= 0)
		*to = from;
}

static void change(struct container_config *c, const struct update_args *a)
{
	const struct container_config *n = &a->changes;

	set_str(&c->restart, n->restart);
	set_str(&c->health_cmd, n->health_cmd);
	set_str(&c->health_interval, n->health_interval);
	set_str(&c->health_timeout, n->health_timeout);
	set_str(&c->health_start_period, n->health_start_period);
	set_str(&c->health_on_failure, n->health_on_failure);
	set_str(&c->health_startup_cmd, n->health_startup_cmd);
	set_str(&c->health_startup_interval, n->health_startup_interval);
	set_str(&c->health_startup_timeout, n->health_startup_timeout);
	set_int(&c->health_retries, n->health_retries);
	set_int(&c->health_max_log_count, n->health_max_log_count);
	set_int(&c->health_max_log_size, n->health_max_log_size);
	set_int(&c->health_startup_retries, n->health_startup_retries);
	set_int(&c->health_startup_success, n->health_startup_success);
	if (a->no_healthcheck)
		c->health = CONFIG_HEALTH_NONE;
	else if (n->health_cmd)
		c->health = CONFIG_HEALTH_OWN;
}

static int check(const struct container_config *c, struct err *e)
{
	auto_of(health_plan_clear) struct health_plan p = { 0 };
	struct restart restart;

	if (restart_parse(&restart, c->restart) < 0)
		return err_set(e, ERR_USAGE, "--restart '%s' is none of no, on-failure[:N], always, "
			       "unless-stopped", c->restart);
	if (c->rm && restart.kind != RESTART_NO)
		return err_set(e, ERR_USAGE, "container %s was made with --rm: it cannot have a restart "
			       "policy", c->name);
	return health_plan_load(&p, c, e);
}

static int update_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(record_free) struct record *r = NULL;
	autoclose int lock = -1;

	if (record_open(&r, c->engine, rest->v[0], e) < 0 || record_lock(r, &lock, e) < 0)
		return -e->code;
	/* Again, now that nobody else changes it. */
	record_free(r);
	r = NULL;
	if (record_open(&r, c->engine, rest->v[0], e) < 0)
		return -e->code;
	change(&r->config, args);
	if (check(&r->config, e) < 0 || record_save(r, e) < 0)
		return -e->code;
	lifecycle_reload(r);
	printf("%s\n", r->id);
	return 0;
}

const struct cmd cmd_container_update = {
	.path = "container update", .alias = "update", .args = "CONTAINER",
	.help = "change the restart policy and the health check of a container", .opts = update_opts,
	.args_size = sizeof(struct update_args), .min_args = 1, .max_args = 1, .needs = NEED_ENGINE,
	.init = update_init, .fn = update_main,
};
