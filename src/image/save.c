/* SPDX-License-Identifier: Apache-2.0 */
#include "image/save.h"

#include "base/json.h"
#include "base/persona.h"
#include "base/str.h"
#include "image/bundle.h"
#include "image/digest.h"
#include "image/layer_source.h"
#include "image/manifest.h"
#include "image/outbox.h"
#include "image/reference.h"
#include "image/resolve.h"
#include "image/spool.h"
#include "image/transfer.h"
#include "storage/images.h"
#include "storage/store.h"

#include <string.h>

enum format { FORMAT_DOCKER_ARCHIVE, FORMAT_OCI_ARCHIVE, FORMAT_OCI_DIR, FORMAT_DOCKER_DIR };

struct save {
	struct store *store;
	enum format format;
	bool is_compressed;	/* layers become gzip */
	struct outbox *out;	/* owned */
	struct json *list;	/* owned; manifest.json of docker-archive, "manifests" of index.json */
};

struct image {
	struct images_record *record;	/* owned */
	char *config;			/* owned */
	size_t config_len;
	char config_digest[7 + DIGEST_HEX + 1];
	struct strv diff_ids, names;	/* owned */
};

static void image_clear(struct image *im)
{
	images_record_free(im->record);
	free(im->config);
	strv_clear(&im->diff_ids);
	strv_clear(&im->names);
}
DEFINE_AUTO_VALUE(struct image, image_clear)

static int image_load(struct image *im, struct save *s, const char *id, struct err *e)
{
	int r = images_load(&im->record, s->store, id, e);

	if (r >= 0)
		r = images_load_config_bytes(&im->config, &im->config_len, s->store, id, e);
	if (r >= 0)
		r = manifest_config_diff_ids(&im->diff_ids, im->record->config,
					     im->record->chain_ids.n, e);
	if (r < 0)
		return r;
	strcpy(im->config_digest, "sha256:");
	digest_of(im->config_digest + 7, im->config, im->config_len);
	return 0;
}

/* --- layers --------------------------------------------------------------- */

struct blob {
	char digest[7 + DIGEST_HEX + 1];
	uint64_t size;
};

static int to_outbox(void *arg, const void *data, size_t n, struct err *e)
{
	return outbox_write(arg, data, n, e);
}

/* The archive itself: its digest is the DiffID and its size is known, so it is streamed. */
static int put_plain(struct save *s, const struct layer_source *l, const char *name,
		     struct blob *b, struct err *e)
{
	bool is_known;
	int r = layer_source_size(l, &b->size, e);

	strcpy(b->digest, l->diff_id);
	if (r >= 0)
		r = outbox_begin(s->out, name, b->size, &is_known, e);
	if (r < 0 || is_known)
		return r;
	r = layer_source_read(l, to_outbox, s->out, e);
	return r < 0 ? r : outbox_end(s->out, e);
}

struct copy {
	struct outbox *out;
	struct err *e;
};

static int copy_bytes(void *arg, const void *p, size_t n)
{
	struct copy *c = arg;

	return outbox_write(c->out, p, n, c->e);
}

static int put_zipped(struct save *s, const struct layer_source *l, const char *dir,
		      struct blob *b, struct err *e)
{
	auto_of(spool_clear) struct spool sp = { .fd = -1 };
	struct bundle_region region = { 0 };
	struct err inner = { 0 };
	struct copy copy = { s->out, &inner };
	autofree char *name = NULL;
	bool is_known;
	int r = spool_layer(&sp, l, ZIP_GZIP, 0, e);

	if (r < 0)
		return r;
	region = (struct bundle_region){ .fd = sp.fd, .size = sp.size };
	b->size = sp.size;
	strcpy(b->digest, sp.digest);
	name = xasprintf("%s%s", dir, b->digest + 7);
	r = outbox_begin(s->out, name, b->size, &is_known, e);
	if (r < 0 || is_known)
		return r;
	r = bundle_region_each(&region, copy_bytes, &copy, e);
	if (inner.code)
		*e = inner;
	return r < 0 ? -e->code : outbox_end(s->out, e);
}

/* --- docker-archive ------------------------------------------------------- */

static int save_docker(struct save *s, struct image *im, struct err *e)
{
	autofree char *config = xasprintf("%s.json", im->config_digest + 7);
	struct json *entry = json_new_object(), *layers = json_new_array(), *tags = json_new_array();
	struct blob ignored;
	int r = 0;

	json_add(s->list, entry);
	json_set_str(entry, "Config", config);
	for (size_t i = 0; i < im->names.n; i++)
		json_add_str(tags, reference_familiar(im->names.v[i]));
	json_set(entry, "RepoTags", tags);
	json_set(entry, "Layers", layers);
	for (size_t i = 0; r >= 0 && i < im->diff_ids.n; i++) {
		struct layer_source l = { s->store, im->record->chain_ids.v[i], im->diff_ids.v[i] };
		autofree char *name = xasprintf("%s.tar", manifest_hex(l.diff_id));

		json_add_str(layers, name);
		r = put_plain(s, &l, name, &ignored, e);
	}
	return r < 0 ? r : outbox_put(s->out, config, im->config, im->config_len, e);
}

/* --- formats with a manifest ---------------------------------------------- */

static const char *layer_type(const struct save *s)
{
	if (s->format == FORMAT_DOCKER_DIR)
		return s->is_compressed ? MEDIA_DOCKER_LAYER ".gzip" : MEDIA_DOCKER_LAYER;
	return s->is_compressed ? MEDIA_OCI_LAYER "+gzip" : MEDIA_OCI_LAYER;
}

static int put_layers(struct save *s, const struct image *im, const char *dir,
		      struct json *layers, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < im->diff_ids.n; i++) {
		struct layer_source l = { s->store, im->record->chain_ids.v[i], im->diff_ids.v[i] };
		autofree char *name = xasprintf("%s%s", dir, manifest_hex(l.diff_id));
		struct blob b;

		r = s->is_compressed ? put_zipped(s, &l, dir, &b, e) : put_plain(s, &l, name, &b, e);
		if (r >= 0)
			json_add(layers, manifest_new_descriptor(layer_type(s), b.digest, b.size));
	}
	return r;
}

static void add_to_index(struct save *s, const struct image *im, const char *digest, size_t size)
{
	for (size_t i = 0; i < (im->names.n ? im->names.n : 1); i++) {
		struct json *d = manifest_new_descriptor(MEDIA_OCI_MANIFEST, digest, size);
		struct json *notes = json_new_object();

		if (im->names.n > 0) {
			json_set_str(notes, "org.opencontainers.image.ref.name", im->names.v[i]);
			json_set(d, "annotations", notes);
		} else {
			json_free(notes);
		}
		json_add(s->list, d);
	}
}

static int save_manifest(struct save *s, struct image *im, struct err *e)
{
	bool is_dir = s->format == FORMAT_DOCKER_DIR;
	const char *dir = is_dir ? "" : "blobs/sha256/";
	autofree char *config = xasprintf("%s%s", dir, im->config_digest + 7), *name = NULL;
	auto_of(json_free) struct json *m = json_new_object();
	struct json *layers = json_new_array();
	auto_of(str_clear) struct str text = { 0 };
	char digest[7 + DIGEST_HEX + 1] = "sha256:";
	int r;

	json_set_int(m, "schemaVersion", 2);
	json_set_str(m, "mediaType", is_dir ? MEDIA_DOCKER_MANIFEST : MEDIA_OCI_MANIFEST);
	json_set(m, "config", manifest_new_descriptor(is_dir ? MEDIA_DOCKER_CONFIG : MEDIA_OCI_CONFIG,
					 im->config_digest, im->config_len));
	json_set(m, "layers", layers);
	r = put_layers(s, im, dir, layers, e);
	if (r >= 0)
		r = outbox_put(s->out, config, im->config, im->config_len, e);
	if (r < 0)
		return r;
	json_write(&text, m, 0);
	digest_of(digest + 7, text.p, text.len);
	if (is_dir)
		return outbox_put(s->out, "manifest.json", text.p, text.len, e);
	name = xasprintf("%s%s", dir, digest + 7);
	add_to_index(s, im, digest, text.len);
	return outbox_put(s->out, name, text.p, text.len, e);
}

static const char *ref_name(const struct json *descriptor)
{
	return json_get_str(json_get(descriptor, "annotations"), "org.opencontainers.image.ref.name");
}

static bool is_replaced(const struct save *s, const struct json *old)
{
	const char *name = ref_name(old), *digest = json_get_str(old, "digest");

	for (size_t i = 0; i < json_len(s->list); i++) {
		const struct json *d = json_at(s->list, i);

		if (name ? str_eq(ref_name(d), name) : !ref_name(d) && str_eq(json_get_str(d, "digest"), digest))
			return true;
	}
	return false;
}

/* A layout that was there keeps its other images, in front of ours. */
static int join_index(struct save *s, struct err *e)
{
	auto_of(json_free) struct json *index = NULL;
	struct json *all = json_new_array();
	autofree char *text = NULL;
	const struct json *list;
	size_t len;
	int r = outbox_read(s->out, "index.json", &text, &len);

	r = r < 0 ? 0 : json_parse(&index, text, len, e);
	list = json_get(index, "manifests");
	for (size_t i = 0; r >= 0 && i < json_len(list); i++)
		if (!is_replaced(s, json_at(list, i)))
			json_add(all, json_copy(json_at(list, i)));
	for (size_t i = 0; i < json_len(s->list); i++)
		json_add(all, json_copy(json_at(s->list, i)));
	json_free(s->list);
	s->list = all;
	return r < 0 ? err_wrap(e, "index.json") : 0;
}

/* What makes the files an archive or a layout: written last, so that half of one is none. */
static int put_ends(struct save *s, struct err *e)
{
	static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	static const char version[] = "Directory Transport Version: 1.1\n";
	auto_of(json_free) struct json *index = NULL;
	auto_of(str_clear) struct str text = { 0 };
	int r;

	if (s->format == FORMAT_DOCKER_DIR) {
		r = outbox_put(s->out, "version", version, sizeof(version) - 1, e);
		return r < 0 ? r : outbox_drop_others(s->out, e);
	}
	if (s->format == FORMAT_DOCKER_ARCHIVE) {
		json_write(&text, s->list, 0);
		return outbox_put(s->out, "manifest.json", text.p, text.len, e);
	}
	r = join_index(s, e);
	if (r < 0)
		return r;
	index = json_new_object();
	json_set_int(index, "schemaVersion", 2);
	json_set_str(index, "mediaType", MEDIA_OCI_INDEX);
	json_set(index, "manifests", steal_ptr(&s->list));
	json_write(&text, index, 0);
	r = outbox_put(s->out, "oci-layout", layout, sizeof(layout) - 1, e);
	return r < 0 ? r : outbox_put(s->out, "index.json", text.p, text.len, e);
}

/* --- which images --------------------------------------------------------- */

struct group {		/* an image and the names it is saved under */
	char *id;		/* owned */
	struct strv names;	/* owned */
};

struct groups {
	struct group *v;	/* owned */
	size_t n;
};

static void groups_clear(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		free(g->v[i].id);
		strv_clear(&g->v[i].names);
	}
	free(g->v);
}
DEFINE_AUTO_VALUE(struct groups, groups_clear)

static struct group *group_of(struct groups *g, const char *id)
{
	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->v[i].id, id) == 0)
			return &g->v[i];
	g->v = xreallocarray(g->v, g->n + 1, sizeof(*g->v));
	g->v[g->n] = (struct group){ .id = xstrdup(id) };
	return &g->v[g->n++];
}

static void add_name(struct group *g, const char *name)
{
	if (!strchr(name, '@') && strchr(name, '/') && !strv_has(&g->names, name))
		strv_add(&g->names, name);
}

/* As Docker, every operand that is an image here is saved; as Podman, a further one that is not is
 * another name for the first; called as docker, it is an error. */
static int find_groups(struct groups *g, struct store *s, const struct transfer_save *args,
		       const struct strv *names, struct err *e)
{
	for (size_t i = 0; i < names->n; i++) {
		autofree char *id = NULL, *full = NULL;
		int r = resolve_local_image(s, names->v[i], &id, &full, e);

		if (r >= 0) {
			add_name(group_of(g, id), full);
		} else if (i > 0 && !args->multi_image && e->code == ERR_NO_SUCH &&
			   persona_get() != PERSONA_DOCKER) {
			r = reference_full_name(names->v[i], reference_own_host(), &full, e);
			if (r < 0)
				return r;
			add_name(&g->v[0], full);
		} else {
			return r;
		}
	}
	return 0;
}

static int save_group(struct save *s, const struct group *g, struct err *e)
{
	auto_of(image_clear) struct image im = { 0 };
	int r = image_load(&im, s, g->id, e);

	if (r < 0)
		return r;
	strv_add_all(&im.names, &g->names);
	r = s->format == FORMAT_DOCKER_ARCHIVE ? save_docker(s, &im, e) : save_manifest(s, &im, e);
	return r < 0 ? err_wrap(e, "save %s", g->names.n ? g->names.v[0] : g->id) : 0;
}

static int read_format(struct save *s, const struct transfer_save *args, size_t images,
		       struct err *e)
{
	static const char *const names[] = { "docker-archive", "oci-archive", "oci-dir", "docker-dir" };
	size_t i = 0;

	while (args->format && i < ARRAY_SIZE(names) && strcmp(args->format, names[i]) != 0)
		i++;
	if (i == ARRAY_SIZE(names))
		return err_set(e, ERR_USAGE, "--format: '%s' is none of docker-archive, oci-archive, "
			       "oci-dir, docker-dir", args->format);
	s->format = i;
	if (args->compress && s->format != FORMAT_DOCKER_DIR)
		return err_set(e, ERR_USAGE, "--compress is for --format docker-dir only");
	if (s->format == FORMAT_DOCKER_DIR && images > 1)
		return err_set(e, ERR_USAGE, "docker-dir holds one image, not %zu", images);
	if (s->format == FORMAT_DOCKER_DIR)
		s->is_compressed = args->compress;
	else
		s->is_compressed = s->format != FORMAT_DOCKER_ARCHIVE && !args->uncompressed;
	return 0;
}

static int save_groups(struct store *store, const struct transfer_save *args,
		       const struct groups *groups, struct err *e)
{
	auto_of(outbox_free) struct outbox *out = NULL;
	struct save s = { .store = store };
	int r = read_format(&s, args, groups->n, e);

	if (r >= 0)
		r = outbox_open(&out, args->output,
				s.format == FORMAT_OCI_DIR || s.format == FORMAT_DOCKER_DIR, e);
	if (r < 0)
		return r;
	s.out = out;
	s.list = json_new_array();
	for (size_t i = 0; r >= 0 && i < groups->n; i++)
		r = save_group(&s, &groups->v[i], e);
	if (r >= 0)
		r = put_ends(&s, e);
	if (r >= 0)
		r = outbox_finish(out, e);
	json_free(s.list);
	return r;
}

int save_images(struct store *store, const struct transfer_save *args, const struct strv *names,
		struct err *e)
{
	auto_of(groups_clear) struct groups groups = { 0 };
	int r = find_groups(&groups, store, args, names, e);

	return r < 0 ? r : save_groups(store, args, &groups, e);
}

int save_one(struct store *store, const struct transfer_save *args, const char *id, const char *name,
	     struct err *e)
{
	auto_of(groups_clear) struct groups groups = { 0 };
	struct group *g = group_of(&groups, id);

	if (name)
		strv_add(&g->names, name);
	return save_groups(store, args, &groups, e);
}
