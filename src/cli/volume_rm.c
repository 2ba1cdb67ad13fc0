/* SPDX-License-Identifier: Apache-2.0 */
/* volume rm, prune. */
#include "cli/cmd.h"
#include "cli/confirm.h"
#include "cli/each.h"
#include "cli/prune.h"
#include "container/events.h"
#include "container/lifecycle.h"
#include "container/volume_filter.h"
#include "container/volume_users.h"
#include "container/volumes.h"

#include <stdio.h>

struct rm_args {
	struct strv filters;
	bool all, force, dry_run;
	int64_t time;
};

static const struct opt rm_opts[] = {
	OPT_FLAG('a', "all", struct rm_args, all, "every volume that no container uses"),
	OPT_FLAG('f', "force", struct rm_args, force, "remove the containers that use it first"),
	OPT_INT('t', "time", struct rm_args, time, "SECONDS", "with --force: time before they are killed"),
	OPT_END,
};

static void rm_init(void *args)
{
	((struct rm_args *)args)->time = -1;
}

static int rm_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	struct rm_args *a = arg;
	auto_of(strv_clear) struct strv users = { 0 };
	int r = 0;

	/* Docker's --force is about volumes that are not there: it takes no container away. */
	if (a->force && !c->globals->is_docker) {
		struct lifecycle_remove how = { .force = true, .timeout = a->time };

		r = volume_users(c->engine, name, &users, e);
		for (size_t i = 0; r >= 0 && i < users.n; i++)
			r = lifecycle_remove(c->engine, users.v[i], &how, e);
	}
	if (r >= 0)
		r = volume_remove(c->engine, name, e);
	if (r < 0 && e->code == ERR_NO_SUCH && a->force) {
		if (!c->globals->is_docker)
			return 0;
		r = 0;
	}
	if (r >= 0)
		printf("%s\n", name);
	return r;
}

static int rm_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct rm_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 }, unused = { 0 };

	if (a->all == (rest->n > 0))
		return err_set(e, ERR_USAGE, "volume rm: choose either one or more volumes or all");
	if (a->time < -1 || (a->time >= 0 && !a->force))
		return err_set(e, ERR_USAGE, "--time '%lld': expected seconds from 0 up, together with --force",
			       (long long)a->time);
	strv_add_all(&names, rest);
	strv_add(&unused, "dangling=true");
	if (a->all && volume_filter_list(c->engine, &unused, &names, e) < 0)
		return -e->code;
	return each_operand(c, &names, rm_one, a, e);
}

const struct cmd cmd_volume_rm = {
	.path = "volume rm", .alias = "volume remove", .args = "VOLUME...", .help = "remove volumes",
	.opts = rm_opts, .args_size = sizeof(struct rm_args), .max_args = -1,
	.needs = NEED_ENGINE, .exit_no_such = 1, .exit_in_use = 2, .init = rm_init, .fn = rm_main,
};

static const struct opt prune_opts[] = {
	OPT_FLAG('a', "all", struct rm_args, all, "named ones too (podman's default; Docker's is anonymous ones)"),
	OPT_LIST(0, "filter", struct rm_args, filters, "KEY=VALUE", "only those that match"),
	OPT_FLAG(0, "dry-run", struct rm_args, dry_run, "only name them"),
	OPT_FLAG('f', "force", struct rm_args, force, "do not ask"),
	OPT_END,
};

/* As the two word it. */
static bool is_confirmed(const struct strv *names, bool all, bool is_docker)
{
	autofree char *list = strv_join(names, "\n");

	if (is_docker)
		return confirm("WARNING! This will remove %s local volumes not used by at least one container.",
			       all ? "all" : "anonymous");
	return confirm("WARNING! This will remove all volumes not used by at least one container. The "
		       "following volumes will be removed:%s%s", *list ? "\n" : "", list);
}

/* For Docker, whose names stand under a heading. */
static int prune_one(struct cmd_context *c, const char *name, void *removed, struct err *e)
{
	int r = volume_remove(c->engine, name, e);

	if (r >= 0)
		strv_add(removed, name);
	return r == -ERR_NO_SUCH || r == -ERR_IN_USE ? 0 : r;
}

static int prune_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct rm_args *a = args, plain = { .time = -1 };
	auto_of(strv_clear) struct strv names = { 0 }, filters = { 0 }, removed = { 0 };
	int64_t before = 0;
	int r;

	(void)rest;
	strv_copy(&filters, &a->filters);
	strv_add(&filters, "dangling=true");
	if (c->globals->is_docker && !a->all)
		strv_add(&filters, "anonymous=true");
	if (volume_filter_list(c->engine, &filters, &names, e) < 0)
		return -e->code;
	if (!c->globals->is_docker && !names.n)
		return 0;
	if (!a->force && !a->dry_run && !is_confirmed(&names, a->all, c->globals->is_docker))
		return 0;
	for (size_t i = 0; a->dry_run && i < names.n; i++)
		printf("%s\n", names.v[i]);
	if (a->dry_run)
		return 0;
	r = prune_measure(c, &before, e);
	if (r >= 0)
		r = each_operand(c, &names, c->globals->is_docker ? prune_one : rm_one,
				 c->globals->is_docker ? (void *)&removed : &plain, e);
	if (c->globals->is_docker)
		r = prune_tell(c, "Volumes", &removed, before, r, e);
	if (r < 0)
		return r;
	events_add(c->engine, "volume", "prune", NULL, NULL);
	return 0;
}

const struct cmd cmd_volume_prune = {
	.path = "volume prune", .help = "remove volumes that no container uses", .opts = prune_opts,
	.args_size = sizeof(struct rm_args), .needs = NEED_ENGINE, .fn = prune_main,
};
