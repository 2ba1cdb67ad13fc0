/* SPDX-License-Identifier: Apache-2.0 */
/* load: see load.h.
 *
 * THEORY
 * An archive is one of three things, told apart by the files in it: an OCI layout (index.json), a
 * docker-archive (manifest.json is a list), or skopeo's "dir" (manifest.json is a manifest).
 * Docker's own archives are the first two at once; the OCI side is taken then, because there every
 * byte has a digest that was made by who built the image, and the list still gives the names.
 *
 * A docker-archive has no manifest. One is made: layers are named by what lies in the archive, so
 * that a later push or save has true digests.
 */
#include "image/load.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "base/units.h"
#include "image/bundle.h"
#include "image/digest.h"
#include "image/install.h"
#include "image/platform.h"
#include "image/policy.h"
#include "image/progress.h"
#include "image/reference.h"
#include "image/transfer.h"
#include "image/unpack.h"

#include <string.h>
#include <unistd.h>

/* What scripts look for when an archive is none. */
#define NO_IMAGE "payload does not match any of the supported image formats"

enum { MAX_IMAGES = 1000, MAX_INDEX_DEPTH = 4 };

struct load {
	const struct load_args *args;
	struct bundle *bundle;		/* owned */
	bool is_dir;			/* skopeo's: blobs are called by their hex digits */
	struct load_result *out;
};

void load_result_clear(struct load_result *r)
{
	strv_clear(&r->names);
	strv_clear(&r->ids);
}

static char *blob_name(const struct load *l, const char *digest)
{
	return xasprintf("%s%s", l->is_dir ? "" : "blobs/sha256/", manifest_hex(digest));
}

static int check_size(const char *name, const struct manifest_blob *b, uint64_t size, struct err *e)
{
	if (size == b->size)
		return 0;
	return err_set(e, EBADMSG, "%s: its descriptor says %llu bytes, it has %llu", name,
		       (unsigned long long)b->size, (unsigned long long)size);
}

static int read_blob(const struct load *l, const struct manifest_blob *b, char **text,
		     size_t *len, struct err *e)
{
	autofree char *name = blob_name(l, b->digest), *data = NULL;
	char hex[DIGEST_HEX + 1];
	int r = bundle_read(l->bundle, name, &data, len, MANIFEST_MAX_BYTES, e);

	if (r < 0)
		return r;
	r = check_size(name, b, *len, e);
	if (r < 0)
		return r;
	digest_of(hex, data, *len);
	if (strcmp(hex, manifest_hex(b->digest)) != 0)
		return err_set(e, EBADMSG, "%s: its content has digest sha256:%s", name, hex);
	*text = steal_ptr(&data);
	return 0;
}

/* --- layers out of the bundle --------------------------------------------- */

struct layers {
	const struct load *load;
	const struct strv *files;	/* member for each layer */
};

/* Where each layer lies; a size that is not its descriptor's is told before anything is unpacked. A
 * layer that is not in the archive may be in the store. */
static int find_layers(const struct load *l, const struct manifest *m, struct strv *files,
		       struct err *e)
{
	for (size_t i = 0; i < m->layers_n; i++) {
		char *name = blob_name(l, m->layers[i].digest);
		struct bundle_region region;
		int r;

		strv_add_take(files, name);
		if (!bundle_has(l->bundle, name))
			continue;
		r = bundle_find(l->bundle, name, &region, e);
		if (r < 0)
			return r;
		fd_close(&region.fd);
		r = check_size(name, &m->layers[i], region.size, e);
		if (r < 0)
			return r;
	}
	return 0;
}

static int feed_bytes(void *arg, const void *p, size_t n)
{
	return unpack_feed(arg, p, n);
}

static int layer_source(void *arg, size_t i, unsigned int worker, struct unpack_feed *feed,
			struct err *e)
{
	struct layers *l = arg;
	struct bundle_region region;
	int r = bundle_find(l->load->bundle, l->files->v[i], &region, e);

	(void)worker;
	if (r < 0)
		return r;
	r = bundle_region_each(&region, feed_bytes, feed, e);
	fd_close(&region.fd);
	return r;
}

struct found {		/* an image in the archive */
	struct manifest *manifest;	/* owned */
	char *manifest_text, *config;	/* owned */
	size_t manifest_len, config_len;
	struct strv files, names;	/* owned; member of each layer, full names */
};

static void found_clear(struct found *f)
{
	manifest_free(f->manifest);
	free(f->manifest_text);
	free(f->config);
	strv_clear(&f->files);
	strv_clear(&f->names);
}
DEFINE_AUTO_VALUE(struct found, found_clear)

static int install(struct load *l, struct found *f, struct err *e)
{
	auto_of(progress_free) struct progress *progress = NULL;
	struct layers layers = { l, &f->files };
	char digest[7 + DIGEST_HEX + 1] = "sha256:";
	autofree char *id = NULL;
	struct install_args a = {
		.store = l->args->store,
		.manifest = f->manifest,
		.manifest_bytes = f->manifest_text, .manifest_len = f->manifest_len,
		.config_bytes = f->config, .config_len = f->config_len,
		.manifest_digest = digest,
		.names = &f->names,
		.source = layer_source, .source_arg = &layers,
	};
	int r;

	digest_of(digest + 7, f->manifest_text, f->manifest_len);
	progress = progress_new(f->manifest->layers_n, l->args->quiet);
	for (size_t i = 0; i < f->manifest->layers_n; i++) {
		const struct manifest_blob *b = &f->manifest->layers[i];
		progress_set_blob(progress, i, manifest_hex(b->digest), b->size);
	}
	a.progress = progress;
	r = install_image(&a, &id, e);
	if (r < 0)
		return r;
	progress_say_config(progress, id);
	progress_say(progress, PROGRESS_WRITING);
	for (size_t i = 0; i < f->names.n; i++) {
		strv_add(&l->out->names, f->names.v[i]);
		strv_add(&l->out->ids, id);
	}
	if (f->names.n == 0) {
		strv_addf(&l->out->names, "sha256:%s", id);
		strv_add(&l->out->ids, id);
	}
	return 0;
}

/* --- names ---------------------------------------------------------------- */

static int add_name(struct strv *names, const char *text, const char *default_host, struct err *e)
{
	autofree char *full = NULL;
	int r = reference_full_name(text, default_host, &full, e);

	if (r >= 0 && !strv_has(names, full))
		strv_add(names, full);
	return r;
}

static bool is_wanted(const struct load *l, const char *name)
{
	return !l->args->only || str_eq(l->args->only, name);
}

/* The name that index.json gives; skopeo writes a bare tag there, Docker and Podman a whole name.
 * */
static int descriptor_names(const struct load *l, struct strv *names, const struct json *d,
			    struct err *e)
{
	const struct json *notes = json_get(d, "annotations");
	const char *full = json_get_str(notes, "io.containerd.image.name");
	const char *ref = json_get_str(notes, "org.opencontainers.image.ref.name");

	if (l->args->name)
		return add_name(names, l->args->name, NULL, e);
	if (!str_empty(full))
		return add_name(names, full, NULL, e);
	if (!str_empty(ref))
		return add_name(names, ref, reference_own_host(), e);
	return 0;
}

/* --- OCI layouts ---------------------------------------------------------- */

static int load_manifest(struct load *l, const struct manifest_blob *b, struct found *f,
			 unsigned int depth, struct err *e)
{
	auto_of(manifest_blob_clear) struct manifest_blob chosen = { 0 };
	int r;

	r = read_blob(l, b, &f->manifest_text, &f->manifest_len, e);
	if (r >= 0)
		r = manifest_parse(&f->manifest, f->manifest_text, f->manifest_len, b->media_type, e);
	if (r < 0 || !f->manifest->is_index)
		return r;
	if (depth >= MAX_INDEX_DEPTH)
		return err_set(e, EINVAL, "an index in an index in an index: refused");
	r = manifest_choose(&chosen, f->manifest->json, l->args->platform, e);
	if (r < 0)
		return r;
	manifest_free(f->manifest);
	f->manifest = NULL;
	free(f->manifest_text);
	f->manifest_text = NULL;
	return load_manifest(l, &chosen, f, depth + 1, e);
}

static int load_descriptor(struct load *l, const struct json *d, struct err *e)
{
	auto_of(manifest_blob_clear) struct manifest_blob b = { 0 };
	auto_of(found_clear) struct found f = { 0 };
	int r = manifest_descriptor(&b, d, e);

	if (r >= 0)
		r = descriptor_names(l, &f.names, d, e);
	if (r >= 0)
		r = load_manifest(l, &b, &f, 0, e);
	if (r >= 0)
		r = read_blob(l, &f.manifest->config, &f.config, &f.config_len, e);
	if (r >= 0)
		r = find_layers(l, f.manifest, &f.files, e);
	return r < 0 ? r : install(l, &f, e);
}

static int load_oci(struct load *l, const struct json *index, struct err *e)
{
	const struct json *list = json_get(index, "manifests");
	size_t done = 0;
	int r = 0;

	if (!json_is(list, JSON_ARRAY) || json_len(list) == 0)
		return err_set(e, EINVAL, "index.json lists no image");
	if (json_len(list) > MAX_IMAGES)
		return err_set(e, E2BIG, "index.json lists %zu images", json_len(list));
	for (size_t i = 0; r >= 0 && i < json_len(list); i++) {
		const struct json *d = json_at(list, i);
		const char *ref = json_get_str(json_get(d, "annotations"),
					       "org.opencontainers.image.ref.name");

		if (!is_wanted(l, ref))
			continue;
		r = load_descriptor(l, d, e);
		done++;
	}
	if (r >= 0 && done == 0)
		return err_set(e, ERR_NO_SUCH, "index.json has no image called '%s'", l->args->only);
	return r;
}

/* --- docker-archive ------------------------------------------------------- */

static int sum_bytes(void *arg, const void *p, size_t n)
{
	digest_update(arg, p, n);
	return 0;
}

/* A layer that is compressed inside the archive is known by what it is there; one that is not, by
 * its DiffID, which is the same thing. */
static int describe_layer(const struct load *l, const char *file, const char *diff_id,
			  struct json *layers, struct err *e)
{
	auto_of(digest_clear) struct digest sum = { 0 };
	struct json *d = json_new_object();
	unsigned char magic[4] = { 0 };
	struct bundle_region region;
	char digest[7 + DIGEST_HEX + 1] = "sha256:";
	const char *suffix = "";
	int r;

	json_add(layers, d);
	r = bundle_find(l->bundle, file, &region, e);
	if (r < 0)
		return r;
	if (pread(region.fd, magic, sizeof(magic), region.offset) == sizeof(magic)) {
		if (magic[0] == 0x1f && magic[1] == 0x8b)
			suffix = "+gzip";
		else if (memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0)
			suffix = "+zstd";
	}
	if (*suffix) {
		digest_init(&sum);
		r = bundle_region_each(&region, sum_bytes, &sum, e);
		digest_final(&sum, digest + 7);
	}
	if (r >= 0) {
		autofree char *type = xasprintf("%s%s", MEDIA_OCI_LAYER, suffix);

		json_set_str(d, "mediaType", type);
		json_set_str(d, "digest", *suffix ? digest : diff_id);
		json_set(d, "size", json_new_uint(region.size));
	}
	fd_close(&region.fd);
	return r;
}

static int make_manifest(const struct load *l, struct found *f, struct err *e)
{
	auto_of(json_free) struct json *config = NULL, *m = json_new_object();
	auto_of(strv_clear) struct strv diff_ids = { 0 };
	auto_of(str_clear) struct str text = { 0 };
	struct json *c = json_new_object(), *layers = json_new_array();
	char digest[7 + DIGEST_HEX + 1] = "sha256:";
	int r;

	digest_of(digest + 7, f->config, f->config_len);
	json_set_int(m, "schemaVersion", 2);
	json_set_str(m, "mediaType", MEDIA_OCI_MANIFEST);
	json_set_str(c, "mediaType", MEDIA_OCI_CONFIG);
	json_set_str(c, "digest", digest);
	json_set(c, "size", json_new_uint(f->config_len));
	json_set(m, "config", c);
	json_set(m, "layers", layers);
	r = json_parse(&config, f->config, f->config_len, e);
	if (r >= 0)
		r = manifest_config_diff_ids(&diff_ids, config, f->files.n, e);
	for (size_t i = 0; r >= 0 && i < f->files.n; i++)
		r = describe_layer(l, f->files.v[i], diff_ids.v[i], layers, e);
	if (r < 0)
		return r;
	json_write(&text, m, 0);
	f->manifest_len = text.len;
	f->manifest_text = str_steal(&text);
	return manifest_parse(&f->manifest, f->manifest_text, f->manifest_len, NULL, e);
}

/* "@2" is the third; a name means the same with and without what goes without saying. */
static bool is_wanted_entry(const struct load *l, size_t i, const struct strv *tags)
{
	const char *only = l->args->only;
	autofree char *wanted = NULL;
	struct err none;
	uint64_t n;

	if (!only)
		return true;
	if (*only == '@')
		return units_parse_uint(only + 1, &n) >= 0 && n == i;
	if (strv_has(tags, only))
		return true;
	if (reference_full_name(only, NULL, &wanted, &none) < 0)
		return false;
	for (size_t k = 0; k < tags->n; k++) {
		autofree char *tag = NULL;

		if (reference_full_name(tags->v[k], NULL, &tag, &none) >= 0 && str_eq(tag, wanted))
			return true;
	}
	return false;
}

static int load_docker_image(struct load *l, const struct json *entry, size_t i, struct err *e)
{
	const char *config = json_get_str(entry, "Config");
	auto_of(strv_clear) struct strv tags = { 0 };
	auto_of(found_clear) struct found f = { 0 };
	int r = 0;

	json_get_strv(entry, "RepoTags", &tags);
	json_get_strv(entry, "Layers", &f.files);
	if (!config || f.files.n != json_len(json_get(entry, "Layers")))
		return err_set(e, EINVAL, "manifest.json does not say where configuration and layers are");
	if (!is_wanted_entry(l, i, &tags))
		return 0;
	if (l->args->name)
		r = add_name(&f.names, l->args->name, NULL, e);
	for (size_t k = 0; r >= 0 && !l->args->name && k < tags.n; k++)
		r = add_name(&f.names, tags.v[k], NULL, e);
	if (r >= 0)
		r = bundle_read(l->bundle, config, &f.config, &f.config_len, MANIFEST_MAX_BYTES, e);
	if (r >= 0)
		r = make_manifest(l, &f, e);
	return r < 0 ? r : install(l, &f, e);
}

static int load_docker(struct load *l, const struct json *list, struct err *e)
{
	int r = 0;

	if (json_len(list) == 0 || json_len(list) > MAX_IMAGES)
		return err_set(e, EINVAL, "manifest.json lists %zu images", json_len(list));
	for (size_t i = 0; r >= 0 && i < json_len(list); i++)
		r = load_docker_image(l, json_at(list, i), i, e);
	if (r >= 0 && l->out->names.n == 0)
		return err_set(e, ERR_NO_SUCH, "manifest.json has no image called '%s'",
			       l->args->only);
	return r;
}

/* --- skopeo's directories ------------------------------------------------- */

static int load_dir(struct load *l, const char *text, size_t len, struct err *e)
{
	auto_of(found_clear) struct found f = { 0 };
	int r;

	l->is_dir = true;
	f.manifest_text = xmemdup(text, len);
	f.manifest_len = len;
	r = manifest_parse(&f.manifest, text, len, NULL, e);
	if (r < 0)
		return r;
	if (f.manifest->is_index)
		return err_set(e, ENOTSUP, "the directory holds an index of images: copy one of them");
	if (l->args->name)
		r = add_name(&f.names, l->args->name, NULL, e);
	if (r >= 0)
		r = read_blob(l, &f.manifest->config, &f.config, &f.config_len, e);
	if (r >= 0)
		r = find_layers(l, f.manifest, &f.files, e);
	return r < 0 ? r : install(l, &f, e);
}

/* --- which of them it is -------------------------------------------------- */

static int read_json(struct load *l, const char *name, char **text, size_t *len,
		     struct json **out, struct err *e)
{
	int r = bundle_read(l->bundle, name, text, len, MANIFEST_MAX_BYTES, e);

	if (r < 0)
		return r;
	r = json_parse(out, *text, *len, e);
	return r < 0 ? err_wrap(e, "%s", name) : 0;
}

static int load_found(struct load *l, struct err *e)
{
	auto_of(json_free) struct json *index = NULL, *list = NULL;
	autofree char *index_text = NULL, *text = NULL;
	const char *want = l->args->transport;
	bool wants_docker = str_eq(want, "docker-archive");
	size_t index_len, len;
	int r;

	if (!wants_docker && !str_eq(want, "dir") && bundle_has(l->bundle, "index.json")) {
		r = read_json(l, "index.json", &index_text, &index_len, &index, e);
		return r < 0 ? r : load_oci(l, index, e);
	}
	if (want && (str_eq(want, "oci") || str_eq(want, "oci-archive")))
		return err_set(e, EINVAL, "there is no index.json: not an OCI layout");
	if (!bundle_has(l->bundle, "manifest.json"))
		return err_set(e, EINVAL, NO_IMAGE ": neither index.json nor manifest.json is in it: not an "
			       "image archive (a file system archive is taken by: rootlet import)");
	r = read_json(l, "manifest.json", &text, &len, &list, e);
	if (r < 0)
		return r;
	if (json_is(list, JSON_ARRAY))
		return load_docker(l, list, e);
	return load_dir(l, text, len, e);
}

static int check_policy(const struct load_args *a, const struct load *l, struct err *e)
{
	autofree char *real = a->path ? realpath(a->path, NULL) : NULL;
	const char *transport = a->transport;

	if (!transport && bundle_has(l->bundle, "index.json"))
		transport = bundle_has(l->bundle, "manifest.json") ? "docker-archive" : "oci-archive";
	return policy_check(a->signature_policy, transport ? transport : "docker-archive",
			    real ? real : "", e);
}

int load_bundle(const struct load_args *args, struct load_result *out, struct err *e)
{
	auto_of(bundle_free) struct bundle *bundle = NULL;
	struct load l = { .args = args, .out = out };
	int r = bundle_open(&bundle, args->store, args->path, e);

	if (r < 0)
		return e->code == EBADMSG ? err_wrap(e, NO_IMAGE) : r;
	l.bundle = bundle;
	r = check_policy(args, &l, e);
	if (r >= 0)
		r = load_found(&l, e);
	return r < 0 ? err_wrap(e, "load %s", args->path ? args->path : "standard input") : 0;
}

int load_images(struct store *s, const struct transfer_load *args, struct strv *names,
		struct err *e)
{
	auto_of(platform_clear) struct platform here = { 0 };
	struct load_result result = { 0 };
	struct load_args a = {
		.store = s,
		.path = args->input,
		.signature_policy = args->signature_policy,
		.platform = &here,
		.quiet = args->quiet,
	};
	int r = platform_parse(&here, NULL, NULL, NULL, NULL, e);

	if (r >= 0)
		r = load_bundle(&a, &result, e);
	if (r >= 0)
		strv_add_all(names, &result.names);
	load_result_clear(&result);
	return r;
}
