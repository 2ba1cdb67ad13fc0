/* SPDX-License-Identifier: Apache-2.0 */
/* pause, unpause: containers stand still and go on. */
#include "container/pause.h"

#include "cli/cmd.h"
#include "cli/each.h"

#include <stdio.h>

struct pause_args {
	bool all, latest;
	struct strv filters, cidfiles;
};

static const struct opt pause_opts[] = {
	OPT_FLAG('a', "all", struct pause_args, all, "every container in question"),
	OPT_LIST(0, "cidfile", struct pause_args, cidfiles, "PATH", "file that names a container"),
	OPT_LIST('f', "filter", struct pause_args, filters, "KEY=VALUE", "those that match"),
	OPT_FLAG('l', "latest", struct pause_args, latest, "the newest container"),
	OPT_END,
};

typedef int action_fn(struct engine *g, struct record *r, struct err *e);

struct action {
	action_fn *fn;
};

static int act_on_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	const struct action *a = arg;
	auto_of(record_free) struct record *rec = NULL;

	if (record_open(&rec, c->engine, name, e) < 0 || a->fn(c->engine, rec, e) < 0)
		return -e->code;
	printf("%s\n", name);
	return 0;
}

static int act(struct cmd_context *c, struct pause_args *a, const struct strv *rest,
	       const char *status, action_fn *fn, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	struct action action = { fn };
	struct each_select select = {
		.all = a->all, .latest = a->latest, .filters = &a->filters,
		.cidfiles = &a->cidfiles, .running_only = true,
	};

	if (a->all || a->filters.n)
		strv_addf(&a->filters, "status=%s", status);
	if (each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	return each_operand(c, &names, act_on_one, &action, e);
}

static int pause_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	return act(c, args, rest, "running", pause_container, e);
}

static int unpause_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	return act(c, args, rest, "paused", pause_continue, e);
}

const struct cmd cmd_container_pause = {
	.path = "container pause", .alias = "pause", .args = "CONTAINER...",
	.help = "stop the processes of containers for a while", .opts = pause_opts,
	.args_size = sizeof(struct pause_args), .max_args = -1, .needs = NEED_ENGINE,
	.fn = pause_main,
};

const struct cmd cmd_container_unpause = {
	.path = "container unpause", .alias = "unpause", .args = "CONTAINER...",
	.help = "let the processes of paused containers go on", .opts = pause_opts,
	.args_size = sizeof(struct pause_args), .max_args = -1, .needs = NEED_ENGINE,
	.fn = unpause_main,
};
