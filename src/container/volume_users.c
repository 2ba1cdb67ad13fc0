/* SPDX-License-Identifier: Apache-2.0 */
#include "container/volume_users.h"

#include "container/record.h"

int volume_users(struct engine *g, const char *name, struct strv *users, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = record_list(g, &ids, e);

	for (size_t i = 0; r >= 0 && i < ids.n; i++) {
		auto_of(record_free) struct record *rec = NULL;
		struct err ignored = { 0 };

		if (record_open(&rec, g, ids.v[i], &ignored) < 0)
			continue;
		if (strv_has(&rec->config.named_volumes, name) ||
		    strv_has(&rec->config.anonymous_volumes, name))
			strv_add(users, rec->id);
	}
	return r;
}
