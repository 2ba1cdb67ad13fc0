/* SPDX-License-Identifier: Apache-2.0 */
/* update: changes limits, restart policy, health check and environment of a container.
 *
 * THEORY
 * The definition is changed as a whole or not at all, under the container's lock. Limits of a
 * running container are written to its cgroup before the definition is saved, so that what inspect
 * shows is what the kernel has taken; the monitor is told to read restart policy and health check
 * anew. Environment and rlimits belong to a process: they count from the next start.
 */
#include "base/fd.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "cli/env_opt.h"
#include "cli/health_opts.h"
#include "cli/limit_opts.h"
#include "container/ctr_cgroup.h"
#include "container/ctr_security.h"
#include "container/events.h"
#include "container/health.h"
#include "container/lifecycle.h"
#include "container/record.h"
#include "container/restart.h"
#include "container/state.h"

#include <stdio.h>
#include <string.h>

struct update_args {
	struct container_config changes;
	struct strv env, unsetenv;
	bool no_healthcheck, latest;
};

static const struct opt update_opts[] = {
	OPT_ENV(struct update_args, env, "NAME=VALUE", "set a variable, from the next start on"),
	OPT_GROUP(health_opts, struct update_args, changes),
	OPT_FLAG('l', "latest", struct update_args, latest, "the newest container"),
	OPT_GROUP(limit_opts, struct update_args, changes),
	OPT_FLAG(0, "no-healthcheck", struct update_args, no_healthcheck, "no health check any more"),
	OPT_CSV(0, "ulimit", struct update_args, changes.ulimits, "NAME=SOFT[:HARD]",
		"resource limit, or host, from the next start on"),
	OPT_LIST(0, "unsetenv", struct update_args, unsetenv, "NAME", "drop a variable, from the next start on"),
	OPT_END,
};

static void update_init(void *args)
{
	struct container_config *c = &((struct update_args *)args)->changes;

	c->health_retries = c->health_max_log_count = c->health_max_log_size = -1;
	c->health_startup_retries = c->health_startup_success = -1;
	limit_opts_forget(c);
}

static void update_clear(void *args)
{
	strv_clear(&((struct update_args *)args)->env);
}

static void set_int(int64_t *to, int64_t from)
{
	if (from >= 0)
		*to = from;
}

static bool is_health_given(const struct container_config *n)
{
	return n->health_cmd || n->health_interval || n->health_timeout || n->health_start_period ||
	       n->health_on_failure || n->health_startup_cmd || n->health_startup_interval ||
	       n->health_startup_timeout || n->health_retries >= 0 || n->health_startup_retries >= 0 ||
	       n->health_startup_success >= 0;
}

static void change_health(struct container_config *c, const struct update_args *a)
{
	const struct container_config *n = &a->changes;

	xreplace_given(&c->health_cmd, n->health_cmd);
	xreplace_given(&c->health_log_destination, n->health_log_destination);
	xreplace_given(&c->health_interval, n->health_interval);
	xreplace_given(&c->health_timeout, n->health_timeout);
	xreplace_given(&c->health_start_period, n->health_start_period);
	xreplace_given(&c->health_on_failure, n->health_on_failure);
	xreplace_given(&c->health_startup_cmd, n->health_startup_cmd);
	xreplace_given(&c->health_startup_interval, n->health_startup_interval);
	xreplace_given(&c->health_startup_timeout, n->health_startup_timeout);
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

static void change(struct container_config *c, const struct update_args *a)
{
	xreplace_given(&c->restart, a->changes.restart);
	change_health(c, a);
	limit_opts_change(c, &a->changes);
	for (size_t i = 0; i < a->unsetenv.n; i++)
		strv_env_unset(&c->env, a->unsetenv.v[i]);
	for (size_t i = 0; i < a->env.n; i++) {
		const char *name = a->env.v[i], *outside = strchr(name, '=') ? NULL : getenv(name);

		if (strchr(name, '='))
			strv_env_put(&c->env, name);
		else if (outside)
			strv_env_set(&c->env, name, outside);
	}
	if (a->changes.ulimits.n)
		strv_copy(&c->ulimits, &a->changes.ulimits);
}

static int check(struct container_config *c, struct err *e)
{
	auto_of(health_plan_clear) struct health_plan p = { 0 };
	auto_of(ctr_cgroup_plan_clear) struct ctr_cgroup_plan limits = { 0 };
	struct restart restart;

	if (restart_parse(&restart, c->restart) < 0)
		return err_set(e, ERR_USAGE, "--restart '%s' is none of no, on-failure[:N], always, "
			       "unless-stopped", c->restart);
	if (c->rm && restart.kind != RESTART_NO)
		return err_set(e, ERR_USAGE, "container %s was made with --rm: it cannot have a restart "
			       "policy", c->name);
	if (ctr_security_check(c, e) < 0 || ctr_cgroup_plan(&limits, c, e) < 0)
		return -e->code;
	return health_plan_load(&p, c, e) < 0 || health_settle_log(c, e) < 0 ? -e->code : 0;
}

static int update_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	auto_of(record_free) struct record *r = NULL, *old = NULL;
	auto_of(state_clear) struct state st = { 0 };
	autoclose int lock = -1;

	if (record_open(&old, c->engine, name, e) < 0 || record_lock(old, &lock, e) < 0)
		return -e->code;
	/* Again, now that nobody else changes it. */
	record_free(old);
	old = NULL;
	if (record_open(&old, c->engine, name, e) < 0 || record_open(&r, c->engine, name, e) < 0)
		return -e->code;
	change(&r->config, arg);
	if (check(&r->config, e) < 0 || state_load(&st, r, e) < 0)
		return -e->code;
	if (state_is_alive(&st) && ctr_cgroup_update(&st, &old->config, &r->config, e) < 0)
		return -e->code;
	if (record_save(r, e) < 0)
		return -e->code;
	lifecycle_reload(r);
	events_container(c->engine, &r->config, "update");
	printf("%s\n", c->globals->is_docker ? name : r->id);
	return 0;
}

static int update_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct update_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };
	struct each_select select = { .latest = a->latest };

	if (a->no_healthcheck && is_health_given(&a->changes))
		return err_set(e, ERR_USAGE, "cannot specify both --no-healthcheck and other HealthCheck flags");
	if (each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	return each_operand(c, &names, update_one, a, e);
}

const struct cmd cmd_container_update = {
	.path = "container update", .alias = "update", .args = "CONTAINER...",
	.help = "change limits, restart policy or health check of containers", .opts = update_opts,
	.args_size = sizeof(struct update_args), .max_args = -1, .needs = NEED_ENGINE,
	.init = update_init, .clear = update_clear, .fn = update_main,
};
