/* SPDX-License-Identifier: Apache-2.0 */
/* rmi, tag, untag, image exists, image prune. */
#include "base/json.h"
#include "cli/cmd.h"
#include "cli/confirm.h"
#include "cli/docker_rmi.h"
#include "cli/each.h"
#include "cli/image_users.h"
#include "cli/prune.h"
#include "container/events.h"
#include "container/lifecycle.h"
#include "image/catalog.h"
#include "image/naming.h"
#include "image/reference.h"
#include "image/resolve.h"
#include "storage/store.h"

#include <stdio.h>

/* ---- tag, untag, exists ---- */

static int tag_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	autofree char *id = NULL, *name = NULL;
	int r = resolve_local_image(c->store, rest->v[0], &id, &name, e);

	(void)args;
	for (size_t i = 1; r >= 0 && i < rest->n; i++) {
		r = naming_tag(c->store, id, rest->v[i], e);
		if (r >= 0)
			events_add(c->engine, "image", "tag", id, rest->v[i]);
	}
	return r < 0 ? r : 0;
}

const struct cmd cmd_image_tag = {
	.path = "image tag", .alias = "tag", .args = "IMAGE NAME [NAME...]",
	.help = "give an image another name", .min_args = 2, .max_args = -1, .needs = NEED_ENGINE,
	.fn = tag_main,
};

static int untag_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	autofree char *id = NULL, *name = NULL;
	auto_of(strv_clear) struct strv done = { 0 };
	int r = resolve_local_image(c->store, rest->v[0], &id, &name, e);

	(void)args;
	if (r >= 0 && rest->n == 1)
		r = naming_untag_all(c->store, id, &done, e);
	for (size_t i = 1; r >= 0 && i < rest->n; i++)
		r = naming_untag(c->store, id, rest->v[i], &done, e);
	for (size_t i = 0; i < done.n; i++)
		events_add(c->engine, "image", "untag", id, done.v[i]);
	return r < 0 ? r : 0;
}

const struct cmd cmd_image_untag = {
	.path = "image untag", .alias = "untag", .args = "IMAGE [NAME...]",
	.help = "take names off an image; all of them when none is given", .min_args = 1, .max_args = -1,
	.needs = NEED_ENGINE, .fn = untag_main,
};

static int exists_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	autofree char *id = NULL, *name = NULL;
	int r = resolve_local_image(c->store, rest->v[0], &id, &name, e);

	(void)args;
	return r == -ERR_NO_SUCH ? 1 : r;
}

const struct cmd cmd_image_exists = {
	.path = "image exists", .args = "IMAGE", .help = "exit with 0 when there is such an image, else 1",
	.min_args = 1, .max_args = 1, .needs = NEED_STORE, .fn = exists_main,
};

/* ---- rmi ---- */

struct rm_args {
	bool all, force, ignore, no_prune;
};

static const struct opt rm_opts[] = {
	OPT_FLAG('a', "all", struct rm_args, all, "every image"),
	OPT_FLAG('f', "force", struct rm_args, force, "its containers and all its names too"),
	OPT_FLAG('i', "ignore", struct rm_args, ignore, "one that is not there is no error"),
	OPT_NEVER(0, "platform", "OS/ARCH", "an image is of one platform here: choose it at the pull"),
	OPT_FLAG(0, "no-prune", struct rm_args, no_prune, "keep untagged parents; images have none here"),
	OPT_END,
};

struct removal {
	struct cmd_context *c;
	const char *text;	/* as the user named it; NULL: pruned */
	bool force;
	struct strv kept;	/* Docker: names taken off an image that stays with its containers */
};

/* Nothing is taken away from a container, unless by force with the container. */
static int check_users(void *arg, const char *id, struct err *e)
{
	struct removal *m = arg;
	struct lifecycle_remove how = { .force = true, .volumes = true, .timeout = -1 };
	auto_of(strv_clear) struct strv users = { 0 };
	int r;

	if (m->c->globals->is_docker && m->text) {
		r = docker_rmi_used(m->c, m->text, id, m->force, &m->kept, e);
		return r < 0 || !m->kept.n ? r : err_set(e, ERR_REPORTED, "it stays");
	}
	r = image_users_of(&users, m->c->engine, id, e);
	if (r >= 0 && users.n && !m->force)
		return err_set(e, ERR_IN_USE,
			       "image %.12s is used by %.12s%s: image is in use by a container: remove that "
			       "first, or use --force", id, users.v[0], users.n > 1 ? " and others" : "");
	for (size_t i = 0; r >= 0 && i < users.n; i++) {
		r = lifecycle_remove(m->c->engine, users.v[i], &how, e);
		if (r < 0 && e->code == ERR_NO_SUCH)
			r = 0;
	}
	return r < 0 ? r : 0;
}

static void tell_untagged(struct cmd_context *c, const char *image, const struct strv *names)
{
	for (size_t i = 0; i < names->n; i++) {
		printf("Untagged: %s\n", reference_familiar(names->v[i]));
		events_add(c->engine, "image", "untag", image, names->v[i]);
	}
}

static int rm_one(struct cmd_context *c, const char *text, void *arg, struct err *e)
{
	const struct rm_args *a = arg;
	auto_of(naming_removed_clear) struct naming_removed done = { 0 };
	struct removal removal = { .c = c, .text = text, .force = a->force };
	struct naming_remove how = { .force = a->force || a->all, .check = check_users,
				     .check_arg = &removal };
	int r = naming_remove(&done, c->store, text, &how, e);

	if (r == -ERR_NO_SUCH && (a->ignore || a->force))
		return each_missing(c, e);
	if (r < 0 && removal.kept.n)
		r = 0;
	tell_untagged(c, NULL, &removal.kept);
	strv_clear(&removal.kept);
	if (r >= 0)
		tell_untagged(c, done.image, &done.untagged);
	if (r >= 0 && done.id) {
		printf("Deleted: %s%s\n", c->globals->is_docker ? "sha256:" : "", done.id);
		events_add(c->engine, "image", "remove", done.id, text);
	}
	return r;
}

static int list_ids(struct cmd_context *c, const struct strv *filters, bool dangling_only,
		    bool unused_only, struct strv *ids, struct err *e)
{
	auto_of(json_free) struct json *rows = NULL, *users = NULL;
	struct catalog_query q = { .filters = filters };
	int r = unused_only ? image_users_count(&users, c->engine, e) : 0;

	q.containers = users;
	if (r >= 0)
		r = catalog_list(&rows, c->store, &q, e);
	for (size_t i = 0; r >= 0 && i < json_len(rows); i++) {
		const struct json *row = json_at(rows, i);

		if ((!dangling_only || json_get_bool(row, "Dangling", false)) &&
		    (!unused_only || json_get_int(row, "Containers", 0) == 0))
			strv_add(ids, json_get_str(row, "Id"));
	}
	return r < 0 ? r : 0;
}

static int rm_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct rm_args *a = args;
	auto_of(strv_clear) struct strv ids = { 0 };

	if (a->all && rest->n)
		return err_set(e, ERR_USAGE, "image rm: --all and names exclude each other");
	if (!a->all && !rest->n)
		return err_set(e, ERR_USAGE, "image rm: name images, or --all");
	if (a->all && list_ids(c, NULL, false, false, &ids, e) < 0)
		return -e->code;
	return each_operand(c, a->all ? &ids : rest, rm_one, a, e);
}

const struct cmd cmd_image_rm = {
	.path = "image rm", .alias = "rmi|image remove", .args = "IMAGE...", .help = "remove images",
	.opts = rm_opts, .args_size = sizeof(struct rm_args), .max_args = -1, .needs = NEED_ENGINE,
	.exit_no_such = 1, .exit_in_use = 2, .fn = rm_main,
};

/* ---- prune ---- */

struct prune_args {
	bool all, force, build_cache, external;
	struct strv filters;
};

static const struct opt prune_opts[] = {
	OPT_FLAG('a', "all", struct prune_args, all, "every image that no container uses"),
	OPT_LATER(0, "build-cache", NULL, "there is no cache of builds yet"),
	OPT_FLAG(0, "external", struct prune_args, external, "containers of other tools too; there are none in this store"),
	OPT_LIST(0, "filter", struct prune_args, filters, "KEY=VALUE", "only those that match: until=, label=, ..."),
	OPT_FLAG('f', "force", struct prune_args, force, "do not ask"),
	OPT_END,
};

static int prune_one(struct cmd_context *c, const char *id, void *arg, struct err *e)
{
	auto_of(naming_removed_clear) struct naming_removed done = { 0 };
	struct removal removal = { .c = c };
	struct naming_remove how = { .force = true, .check = check_users, .check_arg = &removal };
	int r = naming_remove(&done, c->store, id, &how, e);

	/* Gone or taken since we looked: then it is not to be pruned. */
	if (r == -ERR_NO_SUCH || r == -ERR_IN_USE)
		return 0;
	if (r >= 0) {
		strv_add(arg, id);
		events_add(c->engine, "image", "remove", id, NULL);
	}
	return r;
}

int image_prune(struct cmd_context *c, const struct strv *filters, bool all, struct strv *removed,
		struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = list_ids(c, filters, !all, true, &ids, e);

	return r < 0 ? r : each_operand(c, &ids, prune_one, removed, e);
}

static int prune_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct prune_args *a = args;
	static const char *const what[2][2] = {
		{ "images without a name", "images that no container uses" },
		{ "dangling images", "images without at least one container associated to them" },
	};
	auto_of(strv_clear) struct strv removed = { 0 }, told = { 0 };
	int64_t before = 0;
	int r;

	(void)rest;
	if (!a->force && !confirm("WARNING! This will remove all %s.", what[c->globals->is_docker][a->all]))
		return 0;
	r = prune_measure(c, &before, e);
	if (r >= 0)
		r = image_prune(c, &a->filters, a->all, &removed, e);
	if (c->globals->is_docker) {
		for (size_t i = 0; i < removed.n; i++)
			strv_addf(&told, "deleted: sha256:%s", removed.v[i]);
		return prune_tell(c, "Images", &told, before, r, e);
	}
	for (size_t i = 0; i < removed.n; i++)
		printf("%s\n", removed.v[i]);
	return r;
}

const struct cmd cmd_image_prune = {
	.path = "image prune", .help = "remove images that nobody needs", .opts = prune_opts,
	.args_size = sizeof(struct prune_args), .needs = NEED_ENGINE, .fn = prune_main,
};
