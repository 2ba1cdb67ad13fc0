/* SPDX-License-Identifier: Apache-2.0 */
/* image tree: the layers of an image, or what stands on it. */
#include "base/json.h"
#include "base/str.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/show.h"
#include "image/resolve.h"
#include "storage/images.h"
#include "storage/layer.h"

#include <string.h>

enum { MAX_DEPTH = 1000 };

struct tree_args {
	bool what_requires;
};

struct tree {
	struct store *store;
	struct json *tops;		/* owned; layer id -> names of the images that end with it */
	struct strv layers, parents;	/* owned; of the whole store; parent "" for the lowest */
	struct str out;
};

static void tree_clear(struct tree *t)
{
	json_free(t->tops);
	strv_clear(&t->layers);
	strv_clear(&t->parents);
	str_clear(&t->out);
}
DEFINE_AUTO_VALUE(struct tree, tree_clear)

static int load_tops(struct tree *t, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = images_list(t->store, &ids, e);

	t->tops = json_new_object();
	for (size_t i = 0; r >= 0 && i < ids.n; i++) {
		auto_of(strv_clear) struct strv chain = { 0 }, names = { 0 };
		struct err gone;
		const char *top;

		if (images_load_layers(&chain, t->store, ids.v[i], &gone) < 0 || !chain.n)
			continue;
		top = chain.v[chain.n - 1];
		r = images_names_of(t->store, ids.v[i], &names, e);
		if (!json_get(t->tops, top))
			json_set(t->tops, top, json_new_array());
		for (size_t k = 0; k < names.n; k++)
			json_add_str(json_edit(t->tops, top), names.v[k]);
	}
	return r < 0 ? r : 0;
}

static int load_parents(struct tree *t, struct err *e)
{
	int r = layer_list(t->store, &t->layers, e);

	for (size_t i = 0; r >= 0 && i < t->layers.n; i++) {
		autofree char *parent = NULL;

		(void)layer_parent(t->store, t->layers.v[i], &parent);
		strv_add(&t->parents, parent ? parent : "");
	}
	return r;
}

static void add_list(struct str *out, const struct json *names)
{
	str_addc(out, '[');
	for (size_t i = 0; i < json_len(names); i++)
		str_addf(out, "%s%s", i ? " " : "", json_str(json_at(names, i)));
	str_addc(out, ']');
}

static void add_layer(struct tree *t, const char *before, bool is_last, const char *id)
{
	auto_of(json_free) struct json *info = NULL;
	struct err gone;
	char size[32];

	(void)layer_load(&info, t->store, id, &gone);
	str_addf(&t->out, "%s%sID: %.12s Size: %7s", before, is_last ? "└── " : "├── ", id,
		 units_human_size(size, (double)json_get_int(info, "size", 0)));
	if (json_get(t->tops, id)) {
		str_add(&t->out, " Top Layer of: ");
		add_list(&t->out, json_get(t->tops, id));
	}
	str_addc(&t->out, '\n');
}

/* The layers whose parent is id, and theirs. */
static void add_children(struct tree *t, const char *before, const char *id, unsigned int depth)
{
	size_t left = 0;

	for (size_t i = 0; i < t->layers.n; i++)
		left += strcmp(t->parents.v[i], id) == 0;
	for (size_t i = 0; depth < MAX_DEPTH && i < t->layers.n; i++) {
		autofree char *next = NULL;

		if (strcmp(t->parents.v[i], id) != 0)
			continue;
		left--;
		add_layer(t, before, left == 0, t->layers.v[i]);
		next = xasprintf("%s%s", before, left ? "│   " : "    ");
		add_children(t, next, t->layers.v[i], depth + 1);
	}
}

static int add_head(struct tree *t, const char *id, struct err *e)
{
	auto_of(images_record_free) struct images_record *rec = NULL;
	auto_of(strv_clear) struct strv names = { 0 };
	auto_of(json_free) struct json *list = NULL;
	char size[32];
	int r = images_load(&rec, t->store, id, e);

	if (r >= 0)
		r = images_names_of(t->store, id, &names, e);
	if (r < 0)
		return r;
	list = json_new_strv(&names);
	str_addf(&t->out, "Image ID: %.12s\nTags:     ", id);
	add_list(&t->out, list);
	str_addf(&t->out, "\nSize:     %s\n",
		 units_human_size(size, (double)json_get_int(rec->record, "size", 0)));
	if (!rec->chain_ids.n)
		str_add(&t->out, "No Image Layers\n");
	else
		str_add(&t->out, "Image Layers\n");
	return 0;
}

static int tree_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(tree_clear) struct tree t = { .store = c->store };
	auto_of(strv_clear) struct strv chain = { 0 };
	autofree char *id = NULL, *name = NULL;
	const struct tree_args *a = args;
	int r = resolve_local_image(c->store, rest->v[0], &id, &name, e);

	if (r >= 0)
		r = add_head(&t, id, e);
	if (r >= 0)
		r = images_load_layers(&chain, c->store, id, e);
	if (r >= 0)
		r = load_tops(&t, e);
	if (r >= 0 && a->what_requires)
		r = load_parents(&t, e);
	if (r < 0)
		return r;
	for (size_t i = 0; !a->what_requires && i < chain.n; i++)
		add_layer(&t, "", i + 1 == chain.n, chain.v[i]);
	if (a->what_requires && chain.n) {
		add_layer(&t, "", true, chain.v[chain.n - 1]);
		add_children(&t, "    ", chain.v[chain.n - 1], 0);
	}
	show_text(str_peek(&t.out));
	return 0;
}

static const struct opt tree_opts[] = {
	OPT_FLAG(0, "whatrequires", struct tree_args, what_requires,
		 "what stands on the image's last layer, instead of its own layers"),
	OPT_END,
};

const struct cmd cmd_image_tree = {
	.path = "image tree", .args = "IMAGE", .help = "show the layers of an image",
	.opts = tree_opts, .args_size = sizeof(struct tree_args), .min_args = 1, .max_args = 1,
	.needs = NEED_STORE, .fn = tree_main,
};
