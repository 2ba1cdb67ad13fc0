/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet system df: what the store takes on the disk. */
#include "base/json.h"
#include "base/persona.h"
#include "base/str.h"
#include "base/template.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/docker_rows.h"
#include "cli/show.h"
#include "container/query.h"
#include "container/usage.h"

#include <string.h>

struct df_args {
	bool verbose;
	char *format;
};

static const struct json *find_total(const struct json *usage, const char *type)
{
	const struct json *totals = json_get(usage, "Totals");

	for (size_t i = 0; i < json_len(totals); i++)
		if (str_eq(json_get_str(json_at(totals, i), "Type"), type))
			return json_at(totals, i);
	return NULL;
}

static struct json *view_total(const struct json *total)
{
	struct json *row = json_copy(total);
	int64_t size = json_get_int(total, "RawSize", 0);
	int64_t free_size = json_get_int(total, "RawReclaimable", 0);
	autofree char *share = NULL;
	char human[32];

	json_set_int(row, "TotalCount", json_get_int(total, "Total", 0));
	json_set_str(row, "Size", units_human_size(human, (double)size));
	share = xasprintf("%s (%d%%)", units_human_size(human, (double)free_size),
			  size > 0 ? (int)(100.0 * (double)free_size / (double)size + 0.5) : 0);
	json_set_str(row, "Reclaimable", share);
	return row;
}

/* Docker's placeholders, all of them texts; of nothing no share is told. */
static struct json *docker_total(const struct json *total, const char *type)
{
	static const char *const members[] = { "Active", "Reclaimable", "Size", "TotalCount", "Type" };
	auto_of(json_free) struct json *row = total ? view_total(total) : json_new_object();
	const char *bracket;

	if (!total) {
		json_set_str(row, "Active", "0");
		json_set_str(row, "TotalCount", "0");
		json_set_str(row, "Size", "0B");
		json_set_str(row, "Reclaimable", "0B");
		json_set_str(row, "Type", type);
	}
	bracket = strchr(json_get_str(row, "Reclaimable"), ' ');
	if (bracket && json_get_int(total, "RawSize", 0) == 0) {
		autofree char *bare = xstrndup(json_get_str(row, "Reclaimable"),
					       bracket - json_get_str(row, "Reclaimable"));

		json_set_str(row, "Reclaimable", bare);
	}
	return docker_rows_pick(row, members, ARRAY_SIZE(members));
}

static int print_totals(const struct json *usage, const char *format, struct err *e)
{
	static const char *const types[] = { "Images", "Containers", "Local Volumes" };
	auto_of(json_free) struct json *rows = json_new_array(), *heads = NULL;
	auto_of(str_clear) struct str out = { 0 };
	bool is_docker = persona_get() == PERSONA_DOCKER;
	const char *usual = is_docker ? "table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}"
				      : "table {{.Type}}\t{{.Total}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		json_add(rows, is_docker ? docker_total(find_total(usage, types[i]), types[i])
					 : view_total(find_total(usage, types[i])));
	if (is_docker) {
		json_add(rows, docker_total(NULL, "Build Cache"));
		heads = json_new_object();
		json_set_str(heads, "TotalCount", "TOTAL");
	}
	r = template_rows(&out, format ? format : usual, rows, heads, false, e);
	if (r >= 0)
		show_text(str_peek(&out));
	return r;
}

/* --- verbose -------------------------------------------------------------- */

static void add_size(struct str *s, const struct json *row, const char *key)
{
	char human[32];

	str_addf(s, "\t%s", units_human_size(human, (double)json_get_int(row, key, 0)));
}

static void add_age(struct str *s, const struct json *row)
{
	char human[40];
	int64_t created = json_get_int(row, "Created", 0) * TIME_SECOND;

	str_addf(s, "\t%s ago", time_human(human, time_now() - created));
}

static void add_joined(struct str *s, const struct json *list, const char *between)
{
	for (size_t i = 0; i < json_len(list); i++)
		str_addf(s, "%s%s", i ? between : "", json_str(json_at(list, i)));
}

static void add_image(struct str *s, const struct json *row)
{
	const struct json *names = json_get(row, "Names");
	const char *name = json_str(json_at(names, 0));
	const char *slash = name ? strrchr(name, '/') : NULL;
	const char *colon = name ? strchr(slash ? slash : name, ':') : NULL;

	str_addn(s, name ? name : "<none>", name ? colon ? (size_t)(colon - name) : strlen(name) : 6);
	str_addf(s, "\t%s\t%.12s", colon ? colon + 1 : "<none>", json_get_str(row, "Id"));
	add_age(s, row);
	add_size(s, row, "Size");
	add_size(s, row, "SharedSize");
	add_size(s, row, "UniqueSize");
	str_addf(s, "\t%lld\n", (long long)json_get_int(row, "Containers", 0));
}

static void add_container(struct str *s, const struct json *row)
{
	str_addf(s, "%.12s\t%s\t", json_get_str(row, "Id"), json_get_str(row, "Image"));
	add_joined(s, json_get(row, "Command"), " ");
	str_addf(s, "\t%lld", (long long)json_get_int(row, "LocalVolumes", 0));
	add_size(s, row, "Size");
	add_age(s, row);
	str_addf(s, "\t%s\t", json_get_str(row, "Status"));
	add_joined(s, json_get(row, "Names"), ",");
	str_addc(s, '\n');
}

static void add_volume(struct str *s, const struct json *row)
{
	str_addf(s, "%s\t%lld", json_get_str(row, "Name"), (long long)json_get_int(row, "Links", 0));
	add_size(s, row, "Size");
	str_addc(s, '\n');
}

static void add_section(struct str *out, const struct json *rows, const char *title, const char *heading,
			void (*add)(struct str *s, const struct json *row))
{
	auto_of(str_clear) struct str tabbed = { 0 };

	str_addf(out, "%s%s space usage:\n\n", out->len ? "\n" : "", title);
	str_add(&tabbed, heading);
	for (size_t i = 0; i < json_len(rows); i++)
		add(&tabbed, json_at(rows, i));
	template_align(out, str_peek(&tabbed));
}

static void print_sections(const struct json *usage)
{
	auto_of(str_clear) struct str out = { 0 };

	add_section(&out, json_get(usage, "Images"), "Images",
		    "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE\tSHARED SIZE\tUNIQUE SIZE\tCONTAINERS\n",
		    add_image);
	add_section(&out, json_get(usage, "Containers"), "Containers",
		    "CONTAINER ID\tIMAGE\tCOMMAND\tLOCAL VOLUMES\tSIZE\tCREATED\tSTATUS\tNAMES\n",
		    add_container);
	add_section(&out, json_get(usage, "Volumes"), "Local Volumes", "VOLUME NAME\tLINKS\tSIZE\n",
		    add_volume);
	show_text(str_peek(&out));
}

/* --- Docker's verbose: the rows of its lists, each with its size ------------ */

static struct json *docker_images(const struct json *images)
{
	static const char *const sizes[] = { "Size", "SharedSize", "UniqueSize" };
	struct json *list = json_new_array();
	char human[32];

	for (size_t i = 0; i < json_len(images); i++) {
		const struct json *one = json_at(images, i), *names = json_get(one, "Names");
		struct json *row = docker_rows_image(one, json_str(json_at(names, 0)), false, false);

		for (size_t k = 0; k < ARRAY_SIZE(sizes); k++)
			json_set_str(row, sizes[k], units_human_size(human, (double)json_get_int(one, sizes[k], 0)));
		json_set_str_take(row, "Containers",
				  xasprintf("%lld", (long long)json_get_int(one, "Containers", 0)));
		json_add(list, row);
	}
	return list;
}

static int docker_containers(struct json **out, struct engine *g, struct err *e)
{
	const struct query_filter all = { .all = true, .size = true };
	auto_of(json_free) struct json *rows = NULL;
	struct json *list;
	int r = query_ps(&rows, g, &all, e);

	if (r < 0)
		return r;
	list = json_new_array();
	for (size_t i = 0; i < json_len(rows); i++) {
		struct json *row = docker_rows_container(json_at(rows, i), false);

		json_remove(row, "LabelMap");
		/* Without what is the image's. */
		json_set_str_take(row, "Size", xstrndup(json_get_str(row, "Size"),
							strcspn(json_get_str(row, "Size"), " ")));
		json_add(list, row);
	}
	*out = list;
	return 0;
}

static struct json *docker_volumes(const struct json *volumes)
{
	struct json *list = json_new_array();
	char human[32];

	for (size_t i = 0; i < json_len(volumes); i++) {
		const struct json *one = json_at(volumes, i);
		struct json *row = json_new_object();

		json_set_str_take(row, "Links", xasprintf("%lld", (long long)json_get_int(one, "Links", 0)));
		json_set_str(row, "Name", json_get_str(one, "Name"));
		json_set_str(row, "Size", units_human_size(human, (double)json_get_int(one, "Size", 0)));
		json_add(list, row);
	}
	return list;
}

static int add_docker_section(struct str *out, const struct json *rows, const char *title, const char *format,
			      const struct json *heads, struct err *e)
{
	str_addf(out, "%s\n\n", title);
	if (template_rows(out, format, rows, heads, false, e) < 0)
		return -e->code;
	str_addc(out, '\n');
	return 0;
}

static int print_docker_sections(const struct json *all, struct err *e)
{
	auto_of(json_free) struct json *images = json_new_object(), *containers = docker_rows_container_headings();
	auto_of(json_free) struct json *volumes = json_new_object(), *cache = json_new_object();
	auto_of(str_clear) struct str out = { 0 };

	json_set_str(images, "ID", "IMAGE ID");
	json_set_str(images, "CreatedSince", "CREATED");
	json_set_str(images, "SharedSize", "SHARED SIZE");
	json_set_str(images, "UniqueSize", "UNIQUE SIZE");
	json_set_str(containers, "LocalVolumes", "LOCAL VOLUMES");
	json_set_str(volumes, "Name", "VOLUME NAME");
	json_set_str(cache, "ID", "CACHE ID");
	json_set_str(cache, "CacheType", "CACHE TYPE");
	json_set_str(cache, "CreatedSince", "CREATED");
	json_set_str(cache, "LastUsedSince", "LAST USED");
	json_set_str(cache, "UsageCount", "USAGE");
	if (add_docker_section(&out, json_get(all, "Images"), "Images space usage:",
			       "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t"
			       "{{.UniqueSize}}\t{{.Containers}}", images, e) < 0 ||
	    add_docker_section(&out, json_get(all, "Containers"), "Containers space usage:",
			       "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t"
			       "{{.Status}}\t{{.Names}}", containers, e) < 0 ||
	    add_docker_section(&out, json_get(all, "Volumes"), "Local Volumes space usage:",
			       "table {{.Name}}\t{{.Links}}\t{{.Size}}", volumes, e) < 0 ||
	    add_docker_section(&out, json_get(all, "BuildCache"), "Build cache usage: 0B",
			       "table {{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t"
			       "{{.UsageCount}}\t{{.Shared}}", cache, e) < 0)
		return -e->code;
	show_text(str_peek(&out));
	return 0;
}

/* Docker's --verbose --format: one object with a list for each kind. */
static int print_object(const struct json *usage, const char *format, struct err *e)
{
	auto_of(str_clear) struct str out = { 0 };
	int r = 0;

	if (str_eq(format, "json"))
		json_write(&out, usage, 0);
	else
		r = template_render(&out, format, usage, e);
	str_addc(&out, '\n');
	if (r >= 0)
		show_text(str_peek(&out));
	return r;
}

static int print_verbose(struct engine *g, struct json *usage, const char *format, struct err *e)
{
	bool is_docker = persona_get() == PERSONA_DOCKER;
	struct json *containers = NULL;

	if (!is_docker && !format) {
		print_sections(usage);
		return 0;
	}
	if (is_docker) {
		if (docker_containers(&containers, g, e) < 0)
			return -e->code;
		json_set(usage, "Containers", containers);
		json_set(usage, "Images", docker_images(json_get(usage, "Images")));
		json_set(usage, "Volumes", docker_volumes(json_get(usage, "Volumes")));
	}
	json_remove(usage, "Totals");
	json_set(usage, "BuildCache", json_new_array());
	return format ? print_object(usage, format, e) : print_docker_sections(usage, e);
}

static int df_run(struct cmd_context *c, void *v, const struct strv *rest, struct err *e)
{
	auto_of(json_free) struct json *usage = NULL;
	const struct df_args *args = v;
	int r = usage_load(&usage, c->engine, e);

	(void)rest;
	if (r < 0)
		return r;
	return args->verbose ? print_verbose(c->engine, usage, args->format, e)
			     : print_totals(usage, args->format, e);
}

static const struct opt df_opts[] = {
	OPT_STR(0, "format", struct df_args, format, "FORMAT", "json, table TEMPLATE or a Go template"),
	OPT_FLAG('v', "verbose", struct df_args, verbose, "every image, container and volume"),
	OPT_END,
};

const struct cmd cmd_system_df = {
	.path = "system df", .help = "show what images, containers and volumes take on the disk",
	.opts = df_opts, .args_size = sizeof(struct df_args), .needs = NEED_ENGINE, .fn = df_run,
};
