/* SPDX-License-Identifier: Apache-2.0 */
/* ps: the containers, as a table, ids, JSON or a template. */
#include "base/json.h"
#include "base/str.h"
#include "base/table.h"
#include "base/template.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/show.h"
#include "container/query.h"

#include <stdio.h>
#include <string.h>

struct ps_args {
	bool all, external, latest, no_trunc, noheading, quiet, size, sync;
	struct strv filters;
	char *format, *sort;
	int64_t last;
};

static const struct opt ps_opts[] = {
	OPT_FLAG('a', "all", struct ps_args, all, "containers that do not run too"),
	OPT_FLAG(0, "external", struct ps_args, external, "containers of other tools; there are none in this store"),
	OPT_LIST('f', "filter", struct ps_args, filters, "KEY=VALUE", "those that match"),
	OPT_STR(0, "format", struct ps_args, format, "FORMAT", "json, table TEMPLATE or a Go template"),
	OPT_INT('n', "last", struct ps_args, last, "N", "the newest N"),
	OPT_FLAG('l', "latest", struct ps_args, latest, "the newest container"),
	OPT_LATER(0, "namespace", NULL, ""),
	OPT_ALIAS(0, "ns", "namespace"),
	OPT_FLAG(0, "no-trunc", struct ps_args, no_trunc, "whole ids and commands"),
	OPT_FLAG(0, "noheading", struct ps_args, noheading, "no heading"),
	OPT_LATER('p', "pod", NULL, "pods are not there yet"),
	OPT_FLAG('q', "quiet", struct ps_args, quiet, "ids only"),
	OPT_FLAG('s', "size", struct ps_args, size, "sizes too"),
	OPT_STR(0, "sort", struct ps_args, sort, "KEY", "by created, id, image, names, runningfor, size, status, command"),
	OPT_FLAG(0, "sync", struct ps_args, sync, "look at the processes again; that is always done"),
	OPT_LATER('w', "watch", "SECONDS", ""),
	OPT_END,
};

static char *joined(const struct json *list, const char *sep)
{
	struct str s = { 0 };

	for (size_t i = 0; i < json_len(list); i++)
		str_addf(&s, "%s%s", i ? sep : "", json_str(json_at(list, i)));
	return str_steal(&s);
}

static char *ports_text(const struct json *ports)
{
	struct str s = { 0 };

	for (size_t i = 0; i < json_len(ports); i++) {
		const struct json *p = json_at(ports, i);
		const char *ip = json_get_str(p, "host_ip");

		str_addf(&s, "%s%s:%lld->%lld/%s", i ? ", " : "", str_empty(ip) ? "0.0.0.0" : ip,
			 (long long)json_get_int(p, "host_port", 0),
			 (long long)json_get_int(p, "container_port", 0), json_get_str(p, "protocol"));
	}
	return str_steal(&s);
}

static char *labels_text(const struct json *labels)
{
	struct str s = { 0 };

	for (size_t i = 0; i < json_members(labels); i++)
		str_addf(&s, "%s%s=%s", i ? "," : "", json_key_at(labels, i),
			 json_str(json_at(labels, i)));
	return str_steal(&s);
}

static void set_take(struct json *row, const char *key, char *text)
{
	json_set_str(row, key, text);
	free(text);
}

/* What templates see: podman's placeholders, with texts where the JSON has lists. */
static struct json *template_row(const struct json *ps, bool no_trunc)
{
	struct json *row = json_copy(ps);
	const char *id = json_get_str(ps, "Id"), *image_id = json_get_str(ps, "ImageID");
	char human[40], *command = joined(json_get(ps, "Command"), " ");
	int64_t created = json_get_int(ps, "Created", 0) * INT64_C(1000000000);
	const struct json *size = json_get(ps, "Size");

	if (!no_trunc && strlen(command) > 20) {
		set_take(row, "Command", xasprintf("%.17s...", command));
		free(command);
	} else {
		set_take(row, "Command", command);
	}
	json_set_str(row, "ID", "");
	set_take(row, "ID", no_trunc ? xstrdup(id) : xstrndup(id, 12));
	set_take(row, "ImageID", no_trunc ? xstrdup(image_id) : xstrndup(image_id, 12));
	set_take(row, "Names", joined(json_get(ps, "Names"), ","));
	set_take(row, "Mounts", joined(json_get(ps, "Mounts"), ","));
	set_take(row, "Networks", joined(json_get(ps, "Networks"), ","));
	set_take(row, "Ports", ports_text(json_get(ps, "Ports")));
	json_set(row, "LabelMap", json_copy(json_get(ps, "Labels")));
	set_take(row, "Labels", labels_text(json_get(ps, "Labels")));
	set_take(row, "RunningFor", xasprintf("%s ago", time_human(human, time_now() - created)));
	json_set_str(row, "CreatedHuman", json_get_str(row, "RunningFor"));
	set_take(row, "CreatedAt", xstrdup(time_go_string((char[64]){ 0 }, created)));
	if (json_is(size, JSON_OBJECT)) {
		char rw[32], virtual_size[32];

		set_take(row, "Size", xasprintf("%s (virtual %s)",
			 units_human_size(rw, json_get_int(size, "rwSize", 0)),
			 units_human_size(virtual_size, json_get_int(size, "rootFsSize", 0))));
	} else {
		json_set_str(row, "Size", "");
	}
	return row;
}

static int sort_rows(struct json **rows, const char *key, struct err *e)
{
	static const struct columns_sort keys[] = {
		{ "created", "Created", true }, { "id", "Id", false }, { "image", "Image", false },
		{ "names", "Names", false }, { "runningfor", "Created", true },
		{ "size", "Size", false }, { "status", "Status", false }, { "command", "Command", false },
	};

	return key ? columns_sort_rows(rows, keys, ARRAY_SIZE(keys), key, e) : 0;
}

static const char *format_of(const struct ps_args *a)
{
	if (a->format)
		return a->format;
	if (a->quiet)
		return "{{.ID}}";
	return a->size ? "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t"
			 "{{.Ports}}\t{{.Names}}\t{{.Size}}"
		       : "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t"
			 "{{.Ports}}\t{{.Names}}";
}

static struct json *headings(void)
{
	static const char *const names[][2] = {
		{ "ID", "CONTAINER ID" }, { "RunningFor", "CREATED" }, { "CreatedHuman", "CREATED" },
		{ "CreatedAt", "CREATED AT" }, { "ImageID", "IMAGE ID" }, { "PodName", "POD NAME" },
	};
	struct json *j = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		json_set_str(j, names[i][0], names[i][1]);
	return j;
}

static int ps_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct ps_args *a = args;
	struct query_filter filter = { .all = a->all, .last = a->last > 0 ? a->last : 0,
				       .latest = a->latest, .size = a->size };
	auto_of(json_free) struct json *rows = NULL, *view = NULL, *heads = NULL;
	auto_of(str_clear) struct str out = { 0 };
	int r;

	(void)rest;
	if (a->quiet && a->size)
		return err_set(e, ERR_USAGE, "--quiet and --size exclude each other");
	strv_add_all(&filter.filters, &a->filters);
	r = query_ps(&rows, c->engine, &filter, e);
	strv_clear(&filter.filters);
	if (r >= 0)
		r = sort_rows(&rows, a->sort, e);
	if (r < 0)
		return r;
	if (str_eq(a->format, "json")) {
		json_write(&out, rows, 2);
		printf("%s\n", out.p);
		return 0;
	}
	view = json_new_array();
	for (size_t i = 0; i < json_len(rows); i++)
		json_add(view, template_row(json_at(rows, i), a->no_trunc));
	heads = headings();
	r = template_rows(&out, format_of(a), view, heads, a->noheading, e);
	if (r >= 0)
		show_text(str_peek(&out));
	return r;
}

const struct cmd cmd_container_ps = {
	.path = "container ps",
	.alias = "ps|container ls|container list",
	.help = "list containers",
	.opts = ps_opts,
	.args_size = sizeof(struct ps_args),
	.needs = NEED_ENGINE,
	.fn = ps_main,
};
