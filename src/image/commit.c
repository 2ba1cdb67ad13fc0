/* SPDX-License-Identifier: Apache-2.0 */
#include "image/commit.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "image/commit_layer.h"
#include "image/commit_opts.h"
#include "image/digest.h"
#include "image/install.h"
#include "image/instruction.h"
#include "image/platform.h"
#include "image/progress.h"
#include "image/reference.h"
#include "storage/images.h"
#include "storage/layer.h"
#include "storage/store.h"

struct commit {
	struct store *store;
	const struct commit_opts *o;
	struct json *request;			/* owned */
	struct images_record *base, *inherit;	/* owned; NULL */
	struct commit_layer layer;
	bool is_docker;
};

static void commit_clear(struct commit *c)
{
	json_free(c->request);
	images_record_free(c->base);
	images_record_free(c->inherit);
	commit_layer_clear(&c->layer);
}
DEFINE_AUTO_VALUE(struct commit, commit_clear)

static const char *layer_type(const struct commit *c)
{
	return c->is_docker ? MEDIA_DOCKER_LAYER : MEDIA_OCI_LAYER;
}

static int read_map(struct idmap *out, const struct json *request, const char *key, struct err *e)
{
	const char *text = json_get_str(request, key);

	if (text && idmap_parse(out, text) < 0)
		return err_set(e, EINVAL, "the request's %s is no map of ids", key);
	return 0;
}

static int make_layer(struct commit *c, struct err *e)
{
	auto_of(idmap_clear) struct idmap uid_map = { 0 }, gid_map = { 0 };
	autoclose int tree_fd = fd_reopen(c->o->tree_fd, O_RDONLY | O_DIRECTORY);
	struct commit_layer_args a = {
		.tree_fd = tree_fd,
		.parent = c->base && c->base->chain_ids.n ?
				  c->base->chain_ids.v[c->base->chain_ids.n - 1] : NULL,
		.uid_map = &uid_map, .gid_map = &gid_map,
		.is_frozen = c->o->is_frozen,
		.media_type = layer_type(c),
	};

	if (tree_fd < 0)
		return err_sys(e, -tree_fd, "open the files of the container");
	if (read_map(&uid_map, c->request, "uid-map", e) < 0 || read_map(&gid_map, c->request, "gid-map", e) < 0)
		return -e->code;
	return commit_layer(&c->layer, c->store, &a, e);
}

/* --- configuration ------------------------------------------------------------------------------ */

static int set_platform(struct json *j, const struct json *from, struct err *e)
{
	static const char *const members[] = { "os", "architecture", "variant", "os.version" };
	auto_of(platform_clear) struct platform p = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (json_get(from, members[i]))
			json_set(j, members[i], json_copy(json_get(from, members[i])));
	if (json_get_str(j, "os") && json_get_str(j, "architecture"))
		return 0;
	if (platform_parse(&p, NULL, NULL, NULL, NULL, e) < 0)
		return -e->code;
	json_set_str(j, "os", p.os);
	json_set_str(j, "architecture", p.arch);
	return 0;
}

static struct json *history_of(const struct commit *c, const char *now)
{
	const struct json *old = c->base ? json_get(c->base->config, "history") : NULL;
	struct json *list = json_is(old, JSON_ARRAY) ? json_copy(old) : json_new_array();
	struct json *h = json_new_object();

	json_set_str(h, "created", now);
	json_set_str(h, "created_by", json_get_str(c->request, "created-by"));
	if (!str_empty(c->o->author))
		json_set_str(h, "author", c->o->author);
	if (!str_empty(c->o->message))
		json_set_str(h, "comment", c->o->message);
	json_add(list, h);
	return list;
}

static struct json *rootfs_of(const struct commit *c)
{
	const struct json *old = c->base ? json_path(c->base->config, "rootfs.diff_ids") : NULL;
	struct json *ids = json_is(old, JSON_ARRAY) ? json_copy(old) : json_new_array();
	struct json *rootfs = json_new_object();

	json_add_str(ids, c->layer.diff_id);
	json_set_str(rootfs, "type", "layers");
	json_set(rootfs, "diff_ids", ids);
	return rootfs;
}

static int make_config(struct str *out, const struct commit *c, struct err *e)
{
	const struct images_record *from = c->base ? c->base : c->inherit;
	auto_of(json_free) struct json *j = json_new_object();
	const struct json *config = json_get(c->request, "config");
	const char *author = c->o->author;
	char now[40];
	int r;

	time_rfc3339(now, time_now(), true);
	if (str_empty(author) && from)
		author = json_get_str(from->config, "author");
	json_set_str(j, "created", now);
	if (!str_empty(author))
		json_set_str(j, "author", author);
	r = set_platform(j, from ? from->config : NULL, e);
	if (r < 0)
		return r;
	json_set(j, "config", json_is(config, JSON_OBJECT) ? json_copy(config) : json_new_object());
	if (c->is_docker && !str_empty(c->o->message))
		json_set_str(j, "comment", c->o->message);
	json_set(j, "rootfs", rootfs_of(c));
	json_set(j, "history", history_of(c, now));
	for (size_t i = 0; i < c->o->changes.n; i++) {
		r = instruction_apply(j, c->o->changes.v[i], e);
		if (r < 0)
			return err_wrap(e, "--change '%s'", c->o->changes.v[i]);
	}
	json_write(out, j, 0);
	return 0;
}

/* --- manifest -------------------------------------------------------------------------------- */

/* All layers as they are in the store: not compressed. */
static int add_layers(struct json *list, const struct commit *c, struct err *e)
{
	for (size_t i = 0; c->base && i < c->base->chain_ids.n; i++) {
		auto_of(json_free) struct json *info = NULL;
		int r = layer_load(&info, c->store, c->base->chain_ids.v[i], e);

		if (r < 0)
			return r;
		json_add(list, manifest_new_descriptor(layer_type(c), json_get_str(info, "diff-id"),
						       json_uint(json_get(info, "tar-size"), 0)));
	}
	json_add(list, manifest_new_descriptor(layer_type(c), c->layer.diff_id, c->layer.tar_size));
	return 0;
}

static int make_manifest(struct str *out, const struct commit *c, const struct str *config,
			 struct err *e)
{
	auto_of(json_free) struct json *j = json_new_object();
	struct json *layers = json_new_array();
	char digest[7 + DIGEST_HEX + 1] = "sha256:";

	digest_of(digest + 7, config->p, config->len);
	json_set_int(j, "schemaVersion", 2);
	json_set_str(j, "mediaType", c->is_docker ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST);
	json_set(j, "config", manifest_new_descriptor(c->is_docker ? MEDIA_DOCKER_CONFIG : MEDIA_OCI_CONFIG,
						      digest, config->len));
	json_set(j, "layers", layers);
	if (add_layers(layers, c, e) < 0)
		return -e->code;
	json_write(out, j, 0);
	return 0;
}

static int no_source(void *arg, size_t i, unsigned int worker, struct unpack_feed *feed, struct err *e)
{
	(void)arg;
	(void)worker;
	(void)feed;
	return err_set(e, ENOENT, "layer %zu of the image has been removed meanwhile", i + 1);
}

static int install(struct commit *c, const struct str *config, const struct strv *names, char **id,
		   struct err *e)
{
	auto_of(progress_free) struct progress *progress = NULL;
	auto_of(str_clear) struct str manifest = { 0 };
	struct install_args a = {
		.store = c->store, .config_bytes = config->p, .config_len = config->len,
		.names = names, .is_blob_unnamed = true, .source = no_source, .source_arg = c,
	};
	int r = make_manifest(&manifest, c, config, e);

	if (r < 0)
		return r;
	a.progress = progress = progress_new((c->base ? c->base->chain_ids.n : 0) + 1, true);
	return install_made(&a, &manifest, id, e);
}

static int load_images(struct commit *c, struct err *e)
{
	int r = 0;

	if (c->o->base)
		r = images_load(&c->base, c->store, c->o->base, e);
	if (r >= 0 && c->o->inherit)
		r = images_load(&c->inherit, c->store, c->o->inherit, e);
	return r;
}

int commit_image(struct store *s, const struct commit_opts *o, const char *request, size_t len,
		 const char *name, char **id, struct err *e)
{
	auto_of(commit_clear) struct commit c = {
		.store = s, .o = o, .layer = { .hold_fd = -1 },
		.is_docker = str_eq(o->format, "docker"),
	};
	auto_of(str_clear) struct str config = { 0 };
	auto_of(strv_clear) struct strv names = { 0 };
	autofree char *full = NULL;
	int r;

	if (!str_empty(name)) {
		r = reference_full_name(name, reference_own_host(), &full, e);
		if (r < 0)
			return r;
		strv_add(&names, full);
	}
	r = json_parse(&c.request, request, len, e);
	if (r >= 0)
		r = load_images(&c, e);
	/* Before the work: a wrong --change is said at once. */
	if (r >= 0)
		r = make_config(&config, &c, e);
	if (r >= 0)
		r = make_layer(&c, e);
	str_clear(&config);
	if (r >= 0)
		r = make_config(&config, &c, e);
	return r < 0 ? r : install(&c, &config, &names, id, e);
}
