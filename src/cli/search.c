/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet search: repositories and tags in registries, found by rootlet-image. */
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "base/template.h"
#include "cli/ask_image.h"
#include "cli/cmd.h"
#include "cli/docker_rows.h"
#include "cli/show.h"
#include "image/transfer.h"

#include <string.h>

enum { DESCRIPTION_WIDTH = 44 };

static int ask(struct json **rows, const struct transfer_search *a, const struct strv *rest, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	int r = ask_image_program(&argv, e);

	if (r < 0)
		return r;
	transfer_argv(&argv, "search", transfer_search_opts, a, rest);
	return ask_image(rows, &argv, e);
}

/* Rows that are errors are told and taken out; long texts are cut at a letter. Errors alone are one. */
static int tidy(struct json **rows, bool no_trunc, struct err *e)
{
	auto_of(strv_clear) struct strv errors = { 0 };
	struct json *kept = json_new_array();

	for (size_t i = 0; i < json_len(*rows); i++) {
		const struct json *from = json_at(*rows, i);
		const char *error = json_get_str(from, "Error"), *text = json_get_str(from, "Description");
		struct json *row;
		size_t n = DESCRIPTION_WIDTH;

		if (error) {
			strv_add(&errors, error);
			continue;
		}
		row = json_copy(from);
		if (text && !no_trunc && strlen(text) > n) {
			autofree char *cut = NULL;

			while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
				n--;
			cut = xasprintf("%.*s...", (int)n, text);
			json_set_str(row, "Description", cut);
		}
		json_add(kept, row);
	}
	json_free(*rows);
	*rows = kept;
	if (errors.n && !json_len(kept)) {
		autofree char *all = strv_join(&errors, "; ");

		return err_set(e, EIO, "%s", all);
	}
	for (size_t i = 0; i < errors.n; i++)
		log_warn("%s", errors.v[i]);
	return 0;
}

/* Podman's JSON of --list-tags: one object for the repository. */
static struct json *gather_tags(const struct json *rows)
{
	struct json *list = json_new_array(), *one, *tags = json_new_array();

	for (size_t i = 0; i < json_len(rows); i++)
		json_add_str(tags, json_get_str(json_at(rows, i), "Tag"));
	if (!json_len(rows)) {
		json_free(tags);
		return list;
	}
	one = json_new_object();
	json_set_str(one, "Name", json_get_str(json_at(rows, 0), "Name"));
	json_set(one, "Tags", tags);
	json_add(list, one);
	return list;
}

static const char *format_of(const struct cmd_context *c, const struct transfer_search *a)
{
	if (a->format)
		return a->format;
	if (a->list_tags)
		return "table {{.Name}}\t{{.Tag}}";
	if (c->globals->is_docker)
		return "table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}";
	return a->compatible ? "table {{.Name}}\t{{.Description}}\t{{.Stars}}\t{{.Official}}\t{{.Automated}}"
			     : "table {{.Name}}\t{{.Description}}";
}

static void to_docker(struct json **rows, const char *format, struct json *heads)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < json_len(*rows); i++)
		json_add(list, docker_rows_search(json_at(*rows, i), str_has_prefix(format, "table")));
	json_free(*rows);
	*rows = list;
	json_set_str(heads, "StarCount", "STARS");
	json_set_str(heads, "IsOfficial", "OFFICIAL");
	json_set_str(heads, "IsAutomated", "AUTOMATED");
}

static int search_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct transfer_search *a = args;
	auto_of(json_free) struct json *rows = NULL, *gathered = NULL, *heads = json_new_object();
	auto_of(str_clear) struct str out = { 0 };
	int r;

	if (c->globals->config && setenv("DOCKER_CONFIG", c->globals->config, 1) < 0)
		return err_sys(e, errno, "set DOCKER_CONFIG");
	if (a->list_tags && a->filters.n)
		return err_set(e, ERR_USAGE, "--list-tags and --filter exclude each other");
	r = ask(&rows, a, rest, e);
	if (r < 0)
		return r;
	r = tidy(&rows, a->no_trunc, e);
	if (r < 0)
		return r;
	if (a->list_tags && str_eq(a->format, "json"))
		gathered = gather_tags(rows);
	if (c->globals->is_docker && !a->list_tags)
		to_docker(&rows, format_of(c, a), heads);
	/* No table without a row, as in Podman. */
	if (!json_len(rows) && !a->format && !c->globals->is_docker)
		return 0;
	r = template_rows(&out, format_of(c, a), gathered ? gathered : rows, heads, false, e);
	if (r >= 0)
		show_text(str_peek(&out));
	return r;
}

const struct cmd cmd_image_search = {
	.path = "image search", .alias = "search", .args = "TERM", .help = "look for images in registries",
	.opts = transfer_search_opts, .args_size = sizeof(struct transfer_search),
	.min_args = 1, .max_args = 1, .fn = search_main,
};
