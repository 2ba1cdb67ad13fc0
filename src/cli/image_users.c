/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/image_users.h"

#include "base/str.h"
#include "container/record.h"

typedef void visit_fn(void *arg, const struct record *r);

/* A container that goes away meanwhile uses nothing. */
static int each_container(struct engine *g, visit_fn *fn, void *arg, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = record_list(g, &ids, e);

	for (size_t i = 0; r >= 0 && i < ids.n; i++) {
		auto_of(record_free) struct record *rec = NULL;
		struct err gone;

		if (record_open(&rec, g, ids.v[i], &gone) >= 0 && rec->config.image_id)
			fn(arg, rec);
	}
	return r < 0 ? r : 0;
}

static void count(void *arg, const struct record *r)
{
	struct json *counts = arg;

	json_set_int(counts, r->config.image_id, json_get_int(counts, r->config.image_id, 0) + 1);
}

int image_users_count(struct json **out, struct engine *g, struct err *e)
{
	auto_of(json_free) struct json *counts = json_new_object();
	int r = each_container(g, count, counts, e);

	if (r < 0)
		return r;
	*out = steal_ptr(&counts);
	return 0;
}

struct search {
	const char *image_id;
	struct strv *out;
};

static void collect(void *arg, const struct record *r)
{
	struct search *s = arg;

	if (str_eq(r->config.image_id, s->image_id))
		strv_add(s->out, r->id);
}

int image_users_of(struct strv *out, struct engine *g, const char *image_id, struct err *e)
{
	return each_container(g, collect, &(struct search){ image_id, out }, e);
}
