/* SPDX-License-Identifier: Apache-2.0 */
#include "container/usage.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "container/query.h"
#include "container/volume_users.h"
#include "container/volumes.h"
#include "image/catalog.h"
#include "storage/images.h"
#include "storage/store.h"

#include <string.h>

struct part {		/* a layer in an image */
	char *chain_id;	/* owned */
	size_t image;
	int64_t size;
};

struct usage {
	struct engine *g;
	struct json *out, *totals;	/* borrowed */
	struct json *images;		/* owned until it is in out */
	struct part *parts;		/* owned */
	size_t parts_n;
	int64_t *shared;		/* owned; of each image */
	struct json *links;		/* owned; container id -> volumes */
};

static void usage_clear(struct usage *u)
{
	for (size_t i = 0; i < u->parts_n; i++)
		free(u->parts[i].chain_id);
	free(u->parts);
	free(u->shared);
	json_free(u->images);
	json_free(u->links);
}
DEFINE_AUTO_VALUE(struct usage, usage_clear)

static void add_total(struct usage *u, const char *type, size_t total, int64_t active, int64_t size,
		      int64_t reclaimable)
{
	struct json *row = json_new_object();

	json_set_str(row, "Type", type);
	json_set_int(row, "Total", (int64_t)total);
	json_set_int(row, "Active", active);
	json_set_int(row, "RawSize", size);
	json_set_int(row, "RawReclaimable", reclaimable);
	json_add(u->totals, row);
}

/* --- images --------------------------------------------------------------- */

static void add_parts(struct usage *u, size_t image, const char *id)
{
	auto_of(images_record_free) struct images_record *rec = NULL;
	const struct json *sizes;
	struct err gone;

	if (images_load(&rec, u->g->store, id, &gone) < 0)
		return;
	sizes = json_get(rec->record, "layer-sizes");
	for (size_t i = 0; i < rec->chain_ids.n; i++) {
		u->parts = xreallocarray(u->parts, u->parts_n + 1, sizeof(*u->parts));
		u->parts[u->parts_n++] = (struct part){ xstrdup(rec->chain_ids.v[i]), image,
							json_int(json_at(sizes, i), 0) };
	}
}

static int by_chain(const void *a, const void *b)
{
	return strcmp(((const struct part *)a)->chain_id, ((const struct part *)b)->chain_id);
}

/* A layer once for all images that have it; who needs it are the images that a container uses. */
static void weigh_layers(struct usage *u, int64_t *total, int64_t *unused)
{
	*total = *unused = 0;
	if (u->parts_n)
		qsort(u->parts, u->parts_n, sizeof(*u->parts), by_chain);
	for (size_t i = 0, end; i < u->parts_n; i = end) {
		bool is_used = false;

		for (end = i; end < u->parts_n && by_chain(&u->parts[i], &u->parts[end]) == 0; end++)
			is_used |= json_get_int(json_at(u->images, u->parts[end].image), "Containers",
						0) > 0;
		*total += u->parts[i].size;
		*unused += is_used ? 0 : u->parts[i].size;
		for (size_t k = i; end - i > 1 && k < end; k++)
			u->shared[u->parts[k].image] += u->parts[k].size;
	}
}

static int count_users(struct json **out, struct engine *g, struct err *e)
{
	auto_of(json_free) struct json *list = NULL, *counts = json_new_object();
	const struct query_filter all = { .all = true, .is_brief = true };
	int r = query_ps(&list, g, &all, e);

	for (size_t i = 0; r >= 0 && i < json_len(list); i++) {
		const char *id = json_get_str(json_at(list, i), "ImageID");

		if (!str_empty(id))
			json_set_int(counts, id, json_get_int(counts, id, 0) + 1);
	}
	if (r >= 0)
		*out = steal_ptr(&counts);
	return r < 0 ? r : 0;
}

static int add_images(struct usage *u, struct err *e)
{
	auto_of(json_free) struct json *users = NULL, *rows = NULL;
	struct json *list = json_new_array();
	int64_t total, unused, active = 0;
	struct catalog_query q = { 0 };
	int r = count_users(&users, u->g, e);

	u->images = list;
	q.containers = users;
	if (r >= 0)
		r = catalog_list(&rows, u->g->store, &q, e);
	if (r < 0)
		return r;
	u->shared = xcalloc(json_len(rows) ? json_len(rows) : 1, sizeof(*u->shared));
	for (size_t i = 0; i < json_len(rows); i++) {
		const struct json *from = json_at(rows, i);
		struct json *row = json_new_object();

		json_set_str(row, "Id", json_get_str(from, "Id"));
		json_set(row, "Names", json_copy(json_get(from, "Names")));
		json_set_int(row, "Created", json_get_int(from, "Created", 0));
		json_set_int(row, "Size", json_get_int(from, "Size", 0));
		json_set_int(row, "Containers", json_get_int(from, "Containers", 0));
		active += json_get_int(from, "Containers", 0) > 0;
		json_add(list, row);
		add_parts(u, i, json_get_str(from, "Id"));
	}
	weigh_layers(u, &total, &unused);
	for (size_t i = 0; i < json_len(list); i++) {
		struct json *row = json_edit_at(list, i);

		json_set_int(row, "SharedSize", u->shared[i]);
		json_set_int(row, "UniqueSize", json_get_int(row, "Size", 0) - u->shared[i]);
	}
	add_total(u, "Images", json_len(list), active, total, unused);
	json_set(u->out, "Images", steal_ptr(&u->images));
	return 0;
}

/* --- volumes and containers ----------------------------------------------- */

static int64_t volume_size(struct engine *g, const char *name)
{
	struct err gone;
	autoclose int fd = volume_open_data(g, name, &gone);
	uint64_t bytes = 0, inodes = 0;

	if (fd >= 0)
		file_tree_size(fd, ".", &bytes, &inodes);
	return (int64_t)bytes;
}

static int add_volumes(struct usage *u, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	struct json *list = json_new_array();
	int64_t total = 0, unused = 0, active = 0;
	int r = volume_list(u->g, &names, e);

	u->links = json_new_object();
	json_set(u->out, "Volumes", list);
	for (size_t i = 0; r >= 0 && i < names.n; i++) {
		auto_of(strv_clear) struct strv users = { 0 };
		struct json *row = json_new_object();
		int64_t size = volume_size(u->g, names.v[i]);

		json_add(list, row);
		r = volume_users(u->g, names.v[i], &users, e);
		json_set_str(row, "Name", names.v[i]);
		json_set_int(row, "Links", (int64_t)users.n);
		json_set_int(row, "Size", size);
		for (size_t k = 0; k < users.n; k++)
			json_set_int(u->links, users.v[k], json_get_int(u->links, users.v[k], 0) + 1);
		total += size;
		unused += users.n ? 0 : size;
		active += users.n > 0;
	}
	if (r >= 0)
		add_total(u, "Local Volumes", names.n, active, total, unused);
	return r < 0 ? r : 0;
}

static struct json *container_row(const struct json *from, const struct json *links)
{
	static const char *const same[][2] = {
		{ "Id", "Id" }, { "Names", "Names" }, { "Image", "Image" }, { "Command", "Command" },
		{ "Created", "Created" }, { "Status", "State" },
	};
	struct json *row = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		json_set(row, same[i][0], json_copy(json_get(from, same[i][1])));
	json_set_int(row, "Size", json_int(json_path(from, "Size.rwSize"), 0));
	json_set_int(row, "LocalVolumes", json_get_int(links, json_get_str(from, "Id"), 0));
	return row;
}

static int add_containers(struct usage *u, struct err *e)
{
	auto_of(json_free) struct json *rows = NULL;
	const struct query_filter all = { .all = true, .size = true };
	struct json *list = json_new_array();
	int64_t total = 0, unused = 0, active = 0;
	int r = query_ps(&rows, u->g, &all, e);

	json_set(u->out, "Containers", list);
	for (size_t i = 0; r >= 0 && i < json_len(rows); i++) {
		struct json *row = container_row(json_at(rows, i), u->links);
		const char *state = json_get_str(row, "Status");
		bool is_alive = str_eq(state, "running") || str_eq(state, "paused");
		int64_t size = json_get_int(row, "Size", 0);

		json_add(list, row);
		total += size;
		unused += is_alive ? 0 : size;
		active += is_alive;
	}
	if (r >= 0)
		add_total(u, "Containers", json_len(list), active, total, unused);
	return r < 0 ? r : 0;
}

int usage_load(struct json **out, struct engine *g, struct err *e)
{
	auto_of(json_free) struct json *all = json_new_object();
	auto_of(usage_clear) struct usage u = { .g = g, .out = all, .totals = json_new_array() };
	int r;

	json_set(all, "Totals", u.totals);
	r = add_images(&u, e);
	if (r >= 0)
		r = add_volumes(&u, e);
	if (r >= 0)
		r = add_containers(&u, e);
	if (r < 0)
		return r;
	*out = steal_ptr(&all);
	return 0;
}

int64_t usage_total(const struct json *usage)
{
	const struct json *totals = json_get(usage, "Totals");
	int64_t sum = 0;

	for (size_t i = 0; i < json_len(totals); i++)
		sum += json_get_int(json_at(totals, i), "RawSize", 0);
	return sum;
}
