/* SPDX-License-Identifier: Apache-2.0 */
/* ps: the containers, as a table, ids, JSON or a template. */
#include "base/json.h"
#include "base/str.h"
#include "base/template.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/columns.h"
#include "cli/docker_rows.h"
#include "cli/show.h"
#include "container/query.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct ps_args {
	bool all, external, latest, namespaces, no_trunc, noheading, pod, quiet, size, sync;
	struct strv filters;
	char *format, *sort;
	int64_t last;
	uint64_t watch;
	bool is_docker;		/* newest first, Docker's placeholders */
};

static const struct opt ps_opts[] = {
	OPT_FLAG('a', "all", struct ps_args, all, "containers that do not run too"),
	OPT_FLAG(0, "external", struct ps_args, external, "containers of other tools; there are none in this store"),
	OPT_LIST('f', "filter", struct ps_args, filters, "KEY=VALUE", "those that match"),
	OPT_STR(0, "format", struct ps_args, format, "FORMAT", "json, table TEMPLATE or a Go template"),
	OPT_INT('n', "last", struct ps_args, last, "N", "the newest N"),
	OPT_FLAG('l', "latest", struct ps_args, latest, "the newest container"),
	OPT_FLAG(0, "namespace", struct ps_args, namespaces, "the namespaces of those that run"),
	OPT_ALIAS(0, "ns", "namespace"),
	OPT_FLAG(0, "no-trunc", struct ps_args, no_trunc, "whole ids and commands"),
	OPT_FLAG(0, "noheading", struct ps_args, noheading, "no heading"),
	OPT_FLAG('p', "pod", struct ps_args, pod, "the pod of each too"),
	OPT_FLAG('q', "quiet", struct ps_args, quiet, "ids only"),
	OPT_FLAG('s', "size", struct ps_args, size, "sizes too"),
	OPT_STR(0, "sort", struct ps_args, sort, "KEY", "by created, id, image, names, runningfor, size, status, command"),
	OPT_ALIAS(0, "notruncate", "no-trunc"),
	OPT_ALIAS(0, "storage", "external"),
	OPT_FLAG(0, "sync", struct ps_args, sync, "look at the processes again; that is always done"),
	OPT_UINT('w', "watch", struct ps_args, watch, "SECONDS", "again and again, every so many seconds"),
	OPT_END,
};

static void set_namespaces(struct json *row, const struct json *ns)
{
	static const char *const names[][2] = {
		{ "CGROUPNS", "Cgroup" }, { "IPC", "Ipc" }, { "MNT", "Mnt" }, { "NET", "Net" },
		{ "PIDNS", "Pidns" }, { "USERNS", "User" }, { "UTS", "Uts" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *number = json_get_str(ns, names[i][1]);

		json_set_str(row, names[i][0], number ? number : "");
	}
}

static char *size_text(const struct json *size)
{
	char rw[32], virtual_size[32];

	if (!json_is(size, JSON_OBJECT))
		return xstrdup("");
	return xasprintf("%s (virtual %s)", units_human_size(rw, json_get_int(size, "rwSize", 0)),
			 units_human_size(virtual_size, json_get_int(size, "rootFsSize", 0)));
}

static void set_lists(struct json *row)
{
	const struct json *labels = json_get(row, "Labels");

	if (!json_is(labels, JSON_OBJECT))
		json_set(row, "Labels", json_new_object());
	json_set_str_take(row, "Names", json_join(json_get(row, "Names"), ","));
	json_set_str_take(row, "Networks", json_join(json_get(row, "Networks"), ","));
	json_set_str_take(row, "Ports", columns_ports(json_get(row, "Ports")));
}

static char *command_text(const struct json *ps, bool no_trunc)
{
	char *command = json_join(json_get(ps, "Command"), " ");
	bool is_cut = !no_trunc && strlen(command) > 20;
	char *text = xasprintf("%.*s%s", is_cut ? 17 : (int)strlen(command), command, is_cut ? "..." : "");

	free(command);
	return text;
}

/* What templates see, made of what programs see. */
static void make_view(struct json *row, bool no_trunc)
{
	const char *id = json_get_str(row, "Id"), *image_id = json_get_str(row, "ImageID");
	int64_t created = json_get_int(row, "CreatedNano", 0);
	char human[40], when[64];

	/* As podman has it; the bare word is in JSON. */
	json_set_str(row, "State", json_get_str(row, "Status"));
	json_set_str_take(row, "Command", command_text(row, no_trunc));
	json_set_str_take(row, "ID", no_trunc ? xstrdup(id) : xstrndup(id, 12));
	json_set_str_take(row, "ImageID", no_trunc ? xstrdup(image_id) : xstrndup(image_id, 12));
	set_lists(row);
	set_namespaces(row, json_get(row, "Namespaces"));
	json_set_str_take(row, "RunningFor", xasprintf("%s ago", time_human(human, time_now() - created)));
	json_set_str(row, "CreatedHuman", json_get_str(row, "RunningFor"));
	json_set_str(row, "CreatedAt", time_go_string(when, created, false));
	json_set_str(row, "Created", when);
	json_set_str_take(row, "Size", size_text(json_get(row, "Size")));
}

static int sort_rows(struct json *rows, const char *key, struct err *e)
{
	static const struct columns_sort keys[] = {
		{ "created", "CreatedNano", false }, { "id", "Id", false }, { "image", "Image", false },
		{ "names", "Names", false }, { "runningfor", "StartedAt", false },
		{ "size", "Size.rootFsSize", false }, { "status", "State", false },
		{ "command", "Command", false },
	};

	/* Equal ones stay in the order of their creation. */
	if (columns_sort_rows(rows, keys, ARRAY_SIZE(keys), "created", e) < 0)
		return -e->code;
	return !key ? 0 : columns_sort_rows(rows, keys, ARRAY_SIZE(keys), key, e);
}

#define USUAL "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t" \
	      "{{.Names}}"

static const char *format_of(const struct ps_args *a)
{
	if (a->format)
		return a->format;
	if (a->namespaces)
		return "table {{.ID}}\t{{.Names}}\t{{.Pid}}\t{{.CGROUPNS}}\t{{.IPC}}\t{{.MNT}}\t{{.NET}}\t"
		       "{{.PIDNS}}\t{{.USERNS}}\t{{.UTS}}";
	if (a->pod)
		return a->size ? USUAL "\t{{.Pod}}\t{{.PodName}}\t{{.Size}}" : USUAL "\t{{.Pod}}\t{{.PodName}}";
	return a->size ? USUAL "\t{{.Size}}" : USUAL;
}

static struct json *headings(void)
{
	static const char *const names[][2] = {
		{ "ID", "CONTAINER ID" }, { "RunningFor", "CREATED" }, { "CreatedHuman", "CREATED" },
		{ "Pod", "POD ID" }, { "PodName", "PODNAME" }, { "IPC", "IPC" }, { "PIDNS", "PIDNS" },
	};
	struct json *j = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		json_set_str(j, names[i][0], names[i][1]);
	return j;
}

static void print_json(struct json *rows)
{
	auto_of(str_clear) struct str out = { 0 };

	for (size_t i = 0; i < json_len(rows); i++)
		json_remove(json_edit_at(rows, i), "CreatedNano");
	json_write(&out, rows, 2);
	printf("%s\n", out.p);
}

static void print_ids(const struct json *rows, bool no_trunc)
{
	for (size_t i = 0; i < json_len(rows); i++)
		printf("%.*s\n", no_trunc ? 64 : 12, json_get_str(json_at(rows, i), "Id"));
}

/* Changes the rows into what is shown of them. */
static int print_rows(const struct ps_args *a, struct json *rows, struct err *e)
{
	auto_of(json_free) struct json *heads = NULL, *view = json_new_array();
	auto_of(str_clear) struct str out = { 0 };
	bool is_json = str_eq(a->format, "json");

	if (a->quiet && (!a->format || a->is_docker)) {
		print_ids(rows, a->no_trunc);
		return 0;
	}
	if (is_json && !a->is_docker) {
		print_json(rows);
		return 0;
	}
	for (size_t i = 0; i < json_len(rows); i++)
		if (a->is_docker)
			json_add(view, docker_rows_container(json_at(rows, i), a->no_trunc));
		else
			make_view(json_edit_at(rows, i), a->no_trunc);
	heads = a->is_docker ? docker_rows_container_headings() : headings();
	if (template_rows(&out, format_of(a), a->is_docker ? view : rows, heads, a->noheading, e) < 0)
		return -e->code;
	show_text(str_peek(&out));
	return 0;
}

static int list_once(struct cmd_context *c, const struct ps_args *a, struct err *e)
{
	struct query_filter filter = { .all = a->all, .last = a->last > 0 ? a->last : 0,
				       .latest = a->latest, .namespaces = a->namespaces };
	auto_of(json_free) struct json *rows = NULL;
	int r;

	filter.size = a->size || (a->sort && strcasecmp(a->sort, "size") == 0) ||
		      (a->is_docker && a->format && (strstr(a->format, ".Size") || strstr(a->format, "json .")));
	filter.is_brief = a->quiet && (!a->format || a->is_docker) && !a->sort;
	strv_add_all(&filter.filters, &a->filters);
	r = query_ps(&rows, c->engine, &filter, e);
	strv_clear(&filter.filters);
	/* Docker's list is newest first, Podman's oldest first. */
	if (r >= 0 && (a->sort || !a->is_docker))
		r = sort_rows(rows, a->sort, e);
	return r < 0 ? r : print_rows(a, rows, e);
}

static int ps_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct ps_args *a = args;
	int wait_ms = a->watch > INT_MAX / 1000 ? INT_MAX : (int)a->watch * 1000;
	int r;

	(void)rest;
	a->is_docker = c->globals->is_docker;
	if (a->quiet && (a->size || a->namespaces))
		return err_set(e, ERR_USAGE, "--quiet and --%s exclude each other",
			       a->size ? "size" : "namespace");
	if (a->latest && a->last > 0 && !a->is_docker)
		return err_set(e, ERR_USAGE, "last and latest are mutually exclusive");
	if (a->namespaces && (a->size || a->pod))
		return err_set(e, ERR_USAGE, "--namespace and --%s exclude each other",
			       a->size ? "size" : "pod");
	for (;;) {
		if (a->watch && isatty(STDOUT_FILENO))
			fputs("\033[2J\033[H", stdout);
		r = list_once(c, a, e);
		if (r < 0 || !a->watch)
			return r;
		/* A reader that went away ends it. */
		if (fflush(stdout) != 0)
			return 0;
		poll(NULL, 0, wait_ms);
	}
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
