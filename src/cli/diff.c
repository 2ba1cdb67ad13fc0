/* SPDX-License-Identifier: Apache-2.0 */
/* diff: what a container or the top layer of an image has changed. */
#include "base/json.h"
#include "base/str.h"
#include "base/table.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "container/changes.h"
#include "container/record.h"
#include "image/resolve.h"

#include <stdio.h>

struct diff_args {
	char *format;
	bool latest;
};

static const struct opt diff_opts[] = {
	OPT_STR(0, "format", struct diff_args, format, "json", "json, instead of a line for each path"),
	OPT_FLAG('l', "latest", struct diff_args, latest, "the newest container"),
	OPT_END,
};

static const struct opt image_diff_opts[] = {
	OPT_STR(0, "format", struct diff_args, format, "json", "json, instead of a line for each path"),
	OPT_END,
};

static void print_lines(const struct changes *c)
{
	static const char letters[N_CHANGES] = "CAD";

	/* The container chose the names: they command no terminal and forge no line. */
	for (size_t i = 0; i < c->n; i++) {
		auto_of(str_clear) struct str shown = { 0 };

		table_sanitize_line(&shown, c->v[i].path);
		printf("%c %s\n", letters[c->v[i].kind], str_peek(&shown));
	}
}

static void print_json(const struct changes *c)
{
	static const char *const names[N_CHANGES] = { "changed", "added", "deleted" };
	auto_of(json_free) struct json *j = json_new_object();
	auto_of(str_clear) struct str text = { 0 };

	for (int kind = 0; kind < N_CHANGES; kind++) {
		struct json *list = NULL;

		for (size_t i = 0; i < c->n; i++) {
			if ((int)c->v[i].kind != kind)
				continue;
			list = list ? list : json_new_array();
			json_add_str(list, c->v[i].path);
		}
		if (list)
			json_set(j, names[kind], list);
	}
	json_write(&text, j, 5);
	puts(str_peek(&text));
}

static int print(const struct diff_args *a, const struct changes *c)
{
	if (a->format)
		print_json(c);
	else
		print_lines(c);
	return 0;
}

static int check_format(const struct diff_args *a, struct err *e)
{
	if (a->format && !str_eq(a->format, "json"))
		return err_set(e, ERR_USAGE, "--format '%s': only json is known", a->format);
	return 0;
}

/* What a name may mean: the long forms of the command have one kind each. */
enum kinds { KIND_ANY, KIND_CONTAINER, KIND_IMAGE };

static enum kinds kinds_of(const struct cmd_context *c)
{
	return str_eq(c->cmd->path, "container diff") ? KIND_CONTAINER
	       : str_eq(c->cmd->path, "image diff")   ? KIND_IMAGE
						       : KIND_ANY;
}

/* The container of that name, or NULL and *image_id. */
static int find(struct cmd_context *c, const char *name, struct record **r, char **image_id, struct err *e)
{
	autofree char *full = NULL;
	enum kinds kinds = kinds_of(c);
	struct err missing = { 0 };

	if (kinds != KIND_IMAGE && record_open(r, c->engine, name, e) >= 0)
		return 0;
	if (kinds == KIND_IMAGE)
		return resolve_local_image(c->store, name, image_id, &full, e);
	if (e->code != ERR_NO_SUCH || kinds == KIND_CONTAINER)
		return -e->code;
	return resolve_local_image(c->store, name, image_id, &full, &missing) < 0 ? -e->code : 0;
}

static int changes_of(struct changes *out, struct cmd_context *c, const char *name, struct err *e)
{
	auto_of(record_free) struct record *r = NULL;
	autofree char *image_id = NULL;

	if (find(c, name, &r, &image_id, e) < 0)
		return -e->code;
	return r ? changes_of_container(out, c->engine, r, e) : changes_of_image(out, c->store, image_id, e);
}

static int view_of(struct changes_view *out, struct cmd_context *c, const char *name, struct err *e)
{
	auto_of(record_free) struct record *r = NULL;
	autofree char *image_id = NULL;

	if (find(c, name, &r, &image_id, e) < 0)
		return -e->code;
	return r ? changes_view_container(out, c->engine, r, e)
		 : changes_view_image(out, c->store, image_id, e);
}

static int between(struct changes *out, struct cmd_context *c, const struct strv *names, struct err *e)
{
	auto_of(changes_view_clear) struct changes_view now = { 0 }, before = { 0 };

	if (view_of(&now, c, names->v[0], e) < 0 || view_of(&before, c, names->v[1], e) < 0)
		return -e->code;
	return changes_between(out, &now, &before, e);
}

static int diff_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct diff_args *a = args;
	auto_of(changes_clear) struct changes changes = { 0 };
	auto_of(strv_clear) struct strv names = { 0 };
	struct each_select select = { .latest = a->latest };

	if (check_format(a, e) < 0 || each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	if (names.n < 1 || names.n > 2)
		return err_set(e, ERR_USAGE, "diff: name one or two containers or images, or use --latest");
	if ((names.n == 2 ? between(&changes, c, &names, e) : changes_of(&changes, c, names.v[0], e)) < 0)
		return -e->code;
	return print(a, &changes);
}

const struct cmd cmd_diff = {
	.path = "diff", .args = "CONTAINER|IMAGE [CONTAINER|IMAGE]",
	.help = "list what a container or an image's top layer has changed, or how it differs from another",
	.opts = diff_opts, .args_size = sizeof(struct diff_args), .max_args = 2,
	.needs = NEED_ENGINE, .fn = diff_main,
};

const struct cmd cmd_container_diff = {
	.path = "container diff", .args = "CONTAINER [CONTAINER]",
	.help = "list the files that a container has changed, or that differ from another's",
	.opts = diff_opts, .args_size = sizeof(struct diff_args), .max_args = 2,
	.needs = NEED_ENGINE, .fn = diff_main,
};

const struct cmd cmd_image_diff = {
	.path = "image diff", .args = "IMAGE [IMAGE]",
	.help = "list the files that the top layer changes, or that differ from another image's",
	.opts = image_diff_opts, .args_size = sizeof(struct diff_args), .min_args = 1, .max_args = 2,
	.needs = NEED_ENGINE, .fn = diff_main,
};
