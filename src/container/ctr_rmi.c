/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_rmi.h"

#include "base/str.h"
#include "container/events.h"
#include "container/record.h"
#include "image/naming.h"

struct check {
	struct engine *g;
	const char *own_id;	/* of the container that is just going */
};

static int check_unused(void *arg, const char *image_id, struct err *e)
{
	const struct check *c = arg;
	auto_of(strv_clear) struct strv ids = { 0 };

	if (record_list(c->g, &ids, e) < 0)
		return -e->code;
	for (size_t i = 0; i < ids.n; i++) {
		auto_of(record_free) struct record *r = NULL;
		struct err gone = { 0 };

		if (str_eq(ids.v[i], c->own_id) || record_open(&r, c->g, ids.v[i], &gone) < 0)
			continue;
		if (str_eq(r->config.image_id, image_id))
			return err_set(e, ERR_IN_USE, "image %.12s is in use by container %s", image_id,
				       r->config.name);
	}
	return 0;
}

bool ctr_rmi(struct engine *g, const struct container_config *c)
{
	auto_of(naming_removed_clear) struct naming_removed done = { 0 };
	struct check check = { g, c->id };
	struct naming_remove how = { .check = check_unused, .check_arg = &check };
	const char *name = c->image_full ? c->image_full : c->image_id;
	struct err kept = { 0 };

	if (!c->image_id || !name || naming_remove(&done, g->store, name, &how, &kept) < 0)
		return false;
	if (done.id)
		events_add(g, "image", "remove", done.id, name);
	return done.id != NULL;
}
