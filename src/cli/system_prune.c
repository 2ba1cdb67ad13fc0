/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet system prune: all that nobody uses. */
#include "base/persona.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/confirm.h"
#include "cli/prune.h"
#include "container/events.h"
#include "container/volume_filter.h"
#include "container/volumes.h"
#include "storage/layer.h"
#include "storage/store.h"

#include <stdio.h>

struct prune_args {
	bool all, volumes, force, external, build;
	struct strv filters;
};

static bool is_confirmed(const struct prune_args *a)
{
	if (persona_get() == PERSONA_DOCKER)
		return confirm("WARNING! This will remove:\n"
			       "  - all stopped containers\n"
			       "  - all networks not used by at least one container\n"
			       "%s"
			       "  - all %s\n"
			       "  - %s build cache\n",
			       a->volumes ? "  - all anonymous volumes not used by at least one container\n" : "",
			       a->all ? "images without at least one container associated to them" : "dangling images",
			       a->all ? "all" : "unused");
	return confirm("WARNING! This command removes:\n"
		       "\t- all stopped containers\n"
		       "%s"
		       "\t- all %s\n"
		       "\t- all layers that no image and no container uses\n",
		       a->volumes ? "\t- all volumes not used by at least one container\n" : "",
		       a->all ? "images without at least one container associated with them"
			      : "dangling images");
}

static void print_removed(const char *what, const struct strv *names)
{
	bool is_docker = persona_get() == PERSONA_DOCKER;

	if (names->n)
		printf("Deleted %s%s\n", what, is_docker ? ":" : "");
	for (size_t i = 0; i < names->n; i++)
		printf("%s\n", names->v[i]);
	if (names->n && is_docker)
		putchar('\n');
}

static int prune_containers(struct cmd_context *c, const struct prune_args *a, struct err *e)
{
	auto_of(strv_clear) struct strv removed = { 0 };
	int r = container_prune(c, &a->filters, &removed, e);

	print_removed("Containers", &removed);
	return r;
}

static int prune_volumes(struct cmd_context *c, const struct prune_args *a, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 }, wanted = { 0 }, removed = { 0 };
	int r;

	strv_copy(&wanted, &a->filters);
	strv_add(&wanted, "dangling=true");
	/* Docker's --all is of images alone: a volume with a name is never taken along. */
	if (c->globals->is_docker)
		strv_add(&wanted, "anonymous=true");
	r = volume_filter_list(c->engine, &wanted, &names, e);
	for (size_t i = 0; r >= 0 && i < names.n; i++) {
		r = volume_remove(c->engine, names.v[i], e);
		if (r >= 0)
			strv_add(&removed, names.v[i]);
		else if (e->code == ERR_NO_SUCH || e->code == ERR_IN_USE)
			r = 0;	/* somebody was faster */
	}
	print_removed("Volumes", &removed);
	return r < 0 ? r : 0;
}

static int prune_images(struct cmd_context *c, const struct prune_args *a, struct err *e)
{
	auto_of(strv_clear) struct strv removed = { 0 };
	int r = image_prune(c, &a->filters, a->all, &removed, e);

	print_removed("Images", &removed);
	return r;
}

/* What killed commands and pulls that were cut off have left: here that is also all there can be of
 * a build that died, or of another tool. */
static int prune_left_over(struct cmd_context *c, struct err *e)
{
	auto_of(strv_clear) struct strv layers = { 0 }, removed = { 0 };
	int r = store_sweep(c->store, e);

	if (r >= 0)
		r = layer_list(c->store, &layers, e);
	if (r >= 0)
		r = layer_remove_unused(c->store, &layers, &removed, e);
	print_removed("Layers", &removed);
	return r < 0 ? r : 0;
}

static int prune_all(struct cmd_context *c, const struct prune_args *a, struct err *e)
{
	int r = 0;

	if (!a->external) {
		r = prune_containers(c, a, e);
		if (r >= 0 && a->volumes)
			r = prune_volumes(c, a, e);
		if (r >= 0)
			r = prune_images(c, a, e);
	}
	/* A filter speaks of objects with labels and dates. */
	if (r >= 0 && !a->filters.n)
		r = prune_left_over(c, e);
	return r;
}

static int prune_run(struct cmd_context *c, void *v, const struct strv *rest, struct err *e)
{
	const struct prune_args *a = v;
	int64_t before, after;
	char human[32];
	int r;

	(void)rest;
	if (a->external && (a->all || a->volumes || a->filters.n))
		return err_set(e, ERR_USAGE, "--external excludes --all, --volumes and --filter");
	if (!a->force && !is_confirmed(a))
		return 0;
	r = prune_size(c, &before, e);
	if (r >= 0)
		r = prune_all(c, a, e);
	if (r >= 0)
		r = prune_size(c, &after, e);
	if (r < 0)
		return r;
	events_add(c->engine, "system", "prune", NULL, NULL);
	printf("Total reclaimed space: %s\n",
	       units_human_size(human, before > after ? (double)(before - after) : 0));
	return 0;
}

static const struct opt prune_opts[] = {
	OPT_FLAG('a', "all", struct prune_args, all,
		 "every image that no container uses, not only those without a name"),
	OPT_FLAG(0, "build", struct prune_args, build,
		 "what a build that was killed has left (that always goes)"),
	OPT_FLAG(0, "external", struct prune_args, external,
		 "only what killed commands have left in the store"),
	OPT_LIST(0, "filter", struct prune_args, filters, "KEY=VALUE",
		 "only what matches: until=, label=, label!="),
	OPT_FLAG('f', "force", struct prune_args, force, "do not ask"),
	OPT_FLAG(0, "volumes", struct prune_args, volumes, "volumes that no container uses, too"),
	OPT_END,
};

const struct cmd cmd_system_prune = {
	.path = "system prune", .help = "remove all that nobody uses",
	.opts = prune_opts, .args_size = sizeof(struct prune_args), .needs = NEED_ENGINE,
	.fn = prune_run,
};
