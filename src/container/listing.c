/* SPDX-License-Identifier: Apache-2.0 */
#include "container/listing.h"

#include "base/parallel.h"
#include "storage/store.h"

struct reading {
	int (*read)(struct record **out, struct engine *g, const char *id, struct err *e);
	struct engine *engine;
	const struct strv *ids;
	struct listing_one *v;	/* one for each id */
};

static void read_one(void *arg, size_t i)
{
	struct reading *rd = arg;
	struct listing_one *one = &rd->v[i];
	struct err gone = { 0 };

	if (rd->read(&one->record, rd->engine, rd->ids->v[i], &gone) >= 0 &&
	    state_load_id(&one->state, rd->engine->store->containers_dirfd, rd->ids->v[i], &gone) < 0) {
		record_free(one->record);
		one->record = NULL;
	}
}

static void read_all(struct listing *out, struct reading *rd)
{
	size_t n = 0;

	rd->v = xcalloc(rd->ids->n + 1, sizeof(*rd->v));
	parallel_for(rd->ids->n, read_one, rd);
	for (size_t i = 0; i < rd->ids->n; i++)
		if (rd->v[i].record)
			rd->v[n++] = rd->v[i];
	*out = (struct listing){ rd->v, n };
}

void listing_read(struct listing *out, struct engine *g, const struct strv *ids)
{
	read_all(out, &(struct reading){ .read = record_read, .engine = g, .ids = ids });
}

void listing_glance(struct listing *out, struct engine *g, const struct strv *ids)
{
	read_all(out, &(struct reading){ .read = record_glance, .engine = g, .ids = ids });
}

void listing_clear(struct listing *l)
{
	for (size_t i = 0; i < l->n; i++) {
		record_free(l->v[i].record);
		state_clear(&l->v[i].state);
	}
	free(l->v);
	*l = (struct listing){ 0 };
}
