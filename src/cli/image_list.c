/* SPDX-License-Identifier: Apache-2.0 */
/* images: the images in the store, as a table, ids, JSON or a template. */
#include "base/str.h"
#include "base/template.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/docker_rows.h"
#include "cli/image_users.h"
#include "cli/show.h"
#include "image/catalog.h"

#include <stdio.h>
#include <string.h>

struct images_args {
	bool all, digests, history, no_trunc, noheading, quiet;
	bool is_docker;		/* Docker's placeholders */
	struct strv filters;
	char *format, *sort;
};

static const struct opt images_opts[] = {
	OPT_FLAG('a', "all", struct images_args, all, "intermediate images too; there are none in this store"),
	OPT_FLAG(0, "digests", struct images_args, digests, "a column with digests"),
	OPT_LIST('f', "filter", struct images_args, filters, "KEY=VALUE", "those that match"),
	OPT_STR(0, "format", struct images_args, format, "FORMAT", "json, table TEMPLATE or a Go template"),
	OPT_FLAG(0, "history", struct images_args, history, "a column with the names of each image"),
	OPT_FLAG(0, "no-trunc", struct images_args, no_trunc, "whole ids"),
	OPT_FLAG('n', "noheading", struct images_args, noheading, "no heading"),
	OPT_NEVER(0, "tree", NULL, "an image is of one platform here: there is no tree to show"),
	OPT_FLAG('q', "quiet", struct images_args, quiet, "ids only"),
	OPT_STR(0, "sort", struct images_args, sort, "KEY", "by created, id, repository, size or tag"),
	OPT_END,
};

/* What a row is called: a name, or the repository of a digest, or nothing. */
static void set_name(struct json *row, const char *name)
{
	const char *slash = name ? strrchr(name, '/') : NULL;
	const char *end = name ? strpbrk(slash ? slash : name, ":@") : NULL;

	json_set_str_take(row, "Repository", !name ? xstrdup("<none>")
					     : end ? xstrndup(name, end - name) : xstrdup(name));
	json_set_str(row, "Tag", end && *end == ':' ? end + 1 : "<none>");
}

/* What templates see: podman's placeholders. */
static struct json *podman_row(const struct json *image, const char *name, bool no_trunc)
{
	struct json *row = json_copy(image);
	const char *id = json_get_str(image, "Id");
	int64_t created = json_get_int(image, "Created", 0) * TIME_SECOND;
	int64_t size = json_get_int(image, "Size", 0);
	char human[40], text[64];

	set_name(row, name);
	json_set_str_take(row, "ID", no_trunc ? xasprintf("sha256:%s", id) : xstrndup(id, 12));
	json_set_str_take(row, "CreatedSince",
			  xasprintf("%s ago", time_human(human, time_now() - created)));
	json_set_str(row, "CreatedAt", time_go_string(text, created, true));
	json_set_int(row, "CreatedTime", json_get_int(image, "Created", 0));
	json_set_str(row, "Created", json_get_str(row, "CreatedSince"));
	json_set_int(row, "SizeBytes", size);
	json_set_str(row, "Size", units_human_size_spaced(human, (double)size));
	json_set_str(row, "VirtualSize", json_get_str(row, "Size"));
	json_set_bool(row, "Dangling", json_get_bool(image, "Dangling", false));
	json_set_bool(row, "IsDangling", json_get_bool(image, "Dangling", false));
	json_set_bool(row, "ReadOnly", false);	/* there are no additional stores here */
	json_set_bool(row, "IsReadOnly", false);
	json_set_str_take(row, "History", json_join(json_get(image, "Names"), ", "));
	return row;
}

static struct json *view_row(const struct json *image, const char *name, const struct images_args *a,
			     bool digests)
{
	return a->is_docker ? docker_rows_image(image, name, a->no_trunc, digests)
			    : podman_row(image, name, a->no_trunc);
}

/* Docker's filter chooses names, not images that have one of them. */
static bool is_shown(const struct images_args *a, const char *name)
{
	bool has_filter = false;

	for (size_t i = 0; a->is_docker && i < a->filters.n; i++) {
		const char *pattern = str_after(a->filters.v[i], "reference=");

		if (pattern && catalog_name_matches(name, pattern))
			return true;
		has_filter |= pattern != NULL;
	}
	return !has_filter;
}

/* One line for every name; of an image that was asked for by name only those it was asked for by. */
static struct json *view_rows(const struct json *images, const char *wanted, const struct images_args *a)
{
	bool digests = a->digests || (a->format && strstr(a->format, ".Digest"));
	struct json *view = json_new_array();

	for (size_t i = 0; i < json_len(images); i++) {
		const struct json *image = json_at(images, i), *names = json_get(image, "Names");
		const char *digest = json_str(json_at(json_get(image, "RepoDigests"), 0));

		if (json_len(names) == 0 || a->quiet)
			json_add(view, view_row(image, digest, a, digests));
		else
			for (size_t k = 0; k < json_len(names); k++) {
				const char *name = json_str(json_at(names, k));

				if ((!wanted || catalog_name_matches(name, wanted)) && is_shown(a, name))
					json_add(view, view_row(image, name, a, digests));
			}
	}
	return view;
}

static int sort_images(struct json *images, const char *key, struct err *e)
{
	static const struct columns_sort keys[] = {
		{ "created", "Created", true }, { "id", "Id", false }, { "repository", "Names", false },
		{ "size", "Size", false }, { "tag", "Names", false },
	};

	return columns_sort_rows(images, keys, ARRAY_SIZE(keys), key, e);
}

static int sort_rows(struct json *rows, const char *key, struct err *e)
{
	static const struct columns_sort keys[] = {
		{ "created", "CreatedTime", true }, { "id", "Id", false }, { "repository", "Repository", false },
		{ "size", "SizeBytes", false }, { "tag", "Tag", false },
	};

	return key ? columns_sort_rows(rows, keys, ARRAY_SIZE(keys), key, e) : 0;
}

static char *format_of(const struct images_args *a)
{
	if (a->quiet)
		return xstrdup("{{.ID}}");
	if (a->format)
		return xstrdup(a->format);
	return xasprintf("table {{.Repository}}\t{{.Tag}}\t%s{{.ID}}\t{{.CreatedSince}}\t{{.Size}}%s",
			 a->digests ? "{{.Digest}}\t" : "", a->history ? "\t{{.History}}" : "");
}

static struct json *headings(void)
{
	static const char *const names[][2] = {
		{ "ID", "IMAGE ID" }, { "CreatedSince", "CREATED" }, { "CreatedAt", "CREATED AT" },
		{ "History", "HISTORY" }, { "Id", "IMAGE ID" }, { "VirtualSize", "VIRTUAL SIZE" },
		{ "RepoTags", "REPO TAGS" }, { "RepoDigests", "REPO DIGESTS" },
	};
	struct json *j = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		json_set_str(j, names[i][0], names[i][1]);
	return j;
}

/* Counting containers reads every container: only when somebody asked. */
static bool wants_containers(const struct images_args *a)
{
	if (!a->is_docker && a->format && (str_eq(a->format, "json") || strstr(a->format, ".Containers") ||
			  strstr(a->format, "json .")))
		return true;
	for (size_t i = 0; i < a->filters.n; i++)
		if (str_has_prefix(a->filters.v[i], "containers"))
			return true;
	return false;
}

static int images_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct images_args *a = args;
	auto_of(json_free) struct json *rows = NULL, *view = NULL, *heads = NULL, *containers = NULL;
	auto_of(str_clear) struct str out = { 0 };
	autofree char *format = format_of(a);
	struct catalog_query query = { .filters = &a->filters, .name = rest->n ? rest->v[0] : NULL };
	int r = 0;

	a->is_docker = c->globals->is_docker;
	if (a->quiet && a->format && !a->is_docker)
		return err_set(e, ERR_USAGE, "--quiet and --format exclude each other");
	if (wants_containers(a))
		r = image_users_count(&containers, c->engine, e);
	query.containers = containers;
	if (r >= 0)
		r = catalog_list(&rows, c->store, &query, e);
	if (r < 0)
		return r;
	if (str_eq(a->format, "json") && !a->is_docker) {
		if (a->sort && sort_images(rows, a->sort, e) < 0)
			return -e->code;
		json_write(&out, rows, 4);
		printf("%s\n", out.p);
		return 0;
	}
	view = view_rows(rows, query.name, a);
	r = sort_rows(view, a->sort, e);
	heads = headings();
	if (r >= 0)
		r = template_rows(&out, format, view, heads, a->noheading, e);
	if (r >= 0)
		show_text(str_peek(&out));
	return r;
}

const struct cmd cmd_image_ls = {
	.path = "image ls",
	.alias = "images|image list",
	.args = "[IMAGE]",
	.help = "list images",
	.opts = images_opts,
	.args_size = sizeof(struct images_args),
	.max_args = 1,
	.needs = NEED_ENGINE,
	.fn = images_main,
};
