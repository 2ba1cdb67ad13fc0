/* SPDX-License-Identifier: Apache-2.0 */
/* image inspect and history: one image in full. */
#include "base/json.h"
#include "base/persona.h"
#include "base/str.h"
#include "base/template.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/docker_rows.h"
#include "cli/objects.h"
#include "cli/show.h"
#include "image/describe.h"
#include "image/resolve.h"

#include <string.h>

struct inspect_args {
	char *format;
};

static const struct opt inspect_opts[] = {
	OPT_NEVER(0, "platform", "OS/ARCH", "an image is of one platform here: choose it at the pull"),
	OPT_STR('f', "format", struct inspect_args, format, "FORMAT", "json or a Go template"),
	OPT_END,
};

static int describe(struct json **out, struct cmd_context *c, const char *name, struct err *e)
{
	autofree char *id = NULL, *full = NULL;
	int r = resolve_local_image(c->store, name, &id, &full, e);

	return r < 0 ? r : describe_image(out, c->store, id, e);
}

/* What was found is printed, then what was not is told. */
static int inspect_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct inspect_args *a = args;
	auto_of(json_free) struct json *rows = json_new_array();
	struct err first = { 0 };
	int r;

	for (size_t i = 0; i < rest->n; i++) {
		struct json *one = NULL;
		struct err missing = { 0 };

		if (describe(&one, c, rest->v[i], &missing) >= 0)
			json_add(rows, one);
		else if (!first.code)
			first = missing;
	}
	r = objects_print(rows, a->format, e);
	if (r < 0 || !first.code)
		return r;
	*e = first;
	return -e->code;
}

const struct cmd cmd_image_inspect = {
	.path = "image inspect", .args = "IMAGE...", .help = "show all about images, as JSON",
	.opts = inspect_opts, .args_size = sizeof(struct inspect_args), .min_args = 1, .max_args = -1,
	.needs = NEED_STORE, .fn = inspect_main,
};

/* ---- history ---- */

struct history_args {
	char *format;
	int human;
	bool no_trunc, quiet;
};

static const struct opt history_opts[] = {
	OPT_NEVER(0, "platform", "OS/ARCH", "an image is of one platform here: choose it at the pull"),
	OPT_STR(0, "format", struct history_args, format, "FORMAT", "json, table TEMPLATE or a Go template"),
	OPT_TRISTATE('H', "human", struct history_args, human, "sizes and times for people (the default)"),
	OPT_FLAG(0, "no-trunc", struct history_args, no_trunc, "whole ids and commands"),
	OPT_ALIAS(0, "notruncate", "no-trunc"),
	OPT_FLAG('q', "quiet", struct history_args, quiet, "ids only"),
	OPT_END,
};

/* Commands of one step may be many lines; a table has one. */
static char *one_line(const char *text, bool no_trunc)
{
	char *line = xstrdup(text);
	size_t n = 0;

	for (const char *p = text; *p; p++)
		if (!strchr("\t\r\n", *p) || (n && line[n - 1] != ' '))
			line[n++] = strchr("\t\r\n", *p) ? ' ' : *p;
	line[n] = '\0';
	if (!no_trunc && n > 45)
		strcpy(line + 42, "...");
	return line;
}

static struct json *view_row(const struct json *step, const struct history_args *a)
{
	struct json *row = json_new_object();
	const char *id = json_get_str(step, "id"), *created = json_get_str(step, "created");
	int64_t ns = 0, size = json_get_int(step, "size", 0);
	bool known = time_parse(created, &ns) >= 0, human = a->human != 0;
	char buf[64];

	json_set_str_take(row, "ID", *id == '<' || a->no_trunc ? xstrdup(id) : xstrndup(id, 12));
	json_set_str(row, "CreatedAt", known ? time_rfc3339(buf, ns, true) : "");
	json_set_str_take(row, "CreatedSince",
			  known ? xasprintf("%s ago", time_human(buf, time_now() - ns))
				: xstrdup("N/A"));
	json_set_str(row, "Created", json_get_str(row, human ? "CreatedSince" : "CreatedAt"));
	json_set_str_take(row, "CreatedBy", one_line(json_get_str(step, "CreatedBy"), a->no_trunc));
	if (human)
		json_set_str(row, "Size", persona_get() == PERSONA_DOCKER ?
			     units_human_size(buf, (double)size) : units_human_size_spaced(buf, (double)size));
	else
		json_set_str_take(row, "Size", xasprintf("%lld", (long long)size));
	json_set_str(row, "Comment", json_get_str(step, "comment") ?: "");
	json_set_str_take(row, "Tags", json_join(json_get(step, "tags"), ", "));
	return row;
}

/* Docker's placeholders; -H=false is about the time as well. */
static struct json *docker_row(const struct json *step, const struct history_args *a)
{
	static const char *const members[] = { "Comment", "CreatedAt", "CreatedBy", "CreatedSince", "ID", "Size" };
	auto_of(json_free) struct json *row = view_row(step, a);
	const char *created = json_get_str(step, "created");
	int64_t ns = 0;
	char buf[64];

	if (time_parse(created, &ns) >= 0)
		json_set_str(row, "CreatedAt", time_rfc3339(buf, ns - ns % TIME_SECOND, true));
	if (a->human == 0)
		json_set_str(row, "CreatedSince", json_get_str(row, "CreatedAt"));
	else
		json_set_str(row, "Size", units_human_size_short(buf, (double)json_get_int(step, "size", 0)));
	if (a->no_trunc && *json_get_str(row, "ID") != '<')
		json_set_str_take(row, "ID", xasprintf("sha256:%s", json_get_str(row, "ID")));
	return docker_rows_pick(row, members, ARRAY_SIZE(members));
}

static int history_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct history_args *a = args;
	auto_of(json_free) struct json *steps = NULL, *view = json_new_array(), *heads = json_new_object();
	autofree char *id = NULL, *full = NULL;
	auto_of(str_clear) struct str out = { 0 };
	bool is_docker = c->globals->is_docker;
	const char *format = a->format ? a->format : a->quiet ? "{{.ID}}" :
			is_docker ? "table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}" :
			"table {{.ID}}\t{{.Created}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
	int r = resolve_local_image(c->store, rest->v[0], &id, &full, e);

	if (r >= 0)
		r = describe_history(&steps, c->store, id, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < json_len(steps); i++)
		json_add(view, is_docker ? docker_row(json_at(steps, i), a) : view_row(json_at(steps, i), a));
	if (is_docker)
		json_set_str(heads, "ID", "IMAGE");
	json_set_str(heads, "CreatedSince", is_docker && a->human == 0 ? "CREATED AT" : "CREATED");
	json_set_str(heads, "CreatedAt", "CREATED AT");
	json_set_str(heads, "CreatedBy", "CREATED BY");
	r = template_rows(&out, format, str_eq(format, "json") && !is_docker ? steps : view, heads, false, e);
	if (r >= 0)
		show_text(str_peek(&out));
	return r;
}

const struct cmd cmd_image_history = {
	.path = "image history", .alias = "history", .args = "IMAGE", .help = "show how an image was made",
	.opts = history_opts, .args_size = sizeof(struct history_args), .min_args = 1, .max_args = 1,
	.needs = NEED_STORE, .fn = history_main,
};
