/* SPDX-License-Identifier: Apache-2.0 */
#include "image/verify.h"

#include "image/layer_source.h"
#include "image/manifest.h"
#include "storage/layer.h"

/* One without a record is store_check's to find; one that goes meanwhile is none. */
static void verify_layer(struct store *s, const char *id, struct json *damaged)
{
	auto_of(json_free) struct json *info = NULL;
	struct layer_source source = { .store = s, .chain_id = id };
	struct json *finding;
	struct err e;

	if (layer_load(&info, s, id, &e) < 0)
		return;
	source.diff_id = json_get_str(info, "diff-id");
	if (!manifest_hex(source.diff_id) || layer_source_read(&source, NULL, NULL, &e) >= 0 ||
	    !layer_exists(s, id))
		return;
	finding = json_new_object();
	json_set_str(finding, "id", id);
	json_set_str(finding, "problem", e.msg);
	json_add(damaged, finding);
}

int verify_layers(struct store *s, struct json *damaged, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = layer_list(s, &ids, e);

	for (size_t i = 0; r >= 0 && i < ids.n; i++)
		verify_layer(s, ids.v[i], damaged);
	return r;
}
