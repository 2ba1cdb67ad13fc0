/* SPDX-License-Identifier: Apache-2.0 */
/* OCI layouts, and skopeo's directories, which are the blobs of one image. */
#include "image/load_priv.h"

#include "base/str.h"
#include "image/reference.h"

enum { MAX_INDEX_DEPTH = 4 };

static bool is_wanted(const struct load *l, const char *name)
{
	return !l->args->only || str_eq(l->args->only, name);
}

/* The name that index.json gives; skopeo writes a bare tag there, Docker and Podman a whole name. */
static int descriptor_names(const struct load *l, struct strv *names, const struct json *d,
			    struct err *e)
{
	const struct json *notes = json_get(d, "annotations");
	const char *full = json_get_str(notes, "io.containerd.image.name");
	const char *ref = json_get_str(notes, "org.opencontainers.image.ref.name");

	if (l->args->name)
		return load_add_name(names, l->args->name, NULL, e);
	if (!str_empty(full))
		return load_add_name(names, full, NULL, e);
	if (!str_empty(ref))
		return load_add_name(names, ref, reference_own_host(), e);
	return 0;
}

static int find_manifest(struct load *l, const struct manifest_blob *b, struct load_image *f,
			 unsigned int depth, struct err *e)
{
	auto_of(manifest_blob_clear) struct manifest_blob chosen = { 0 };
	int r;

	r = load_read_blob(l, b, &f->manifest_text, &f->manifest_len, e);
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
	return find_manifest(l, &chosen, f, depth + 1, e);
}

static int load_descriptor(struct load *l, const struct json *d, struct err *e)
{
	auto_of(manifest_blob_clear) struct manifest_blob b = { 0 };
	auto_of(load_image_clear) struct load_image f = { 0 };
	int r = manifest_descriptor(&b, d, e);

	if (r >= 0)
		r = descriptor_names(l, &f.names, d, e);
	if (r >= 0)
		r = find_manifest(l, &b, &f, 0, e);
	if (r >= 0)
		r = load_read_blob(l, &f.manifest->config, &f.config, &f.config_len, e);
	if (r >= 0)
		r = load_find_layers(l, f.manifest, &f.files, e);
	return r < 0 ? r : load_install(l, &f, e);
}

int load_oci(struct load *l, const struct json *index, struct err *e)
{
	const struct json *list = json_get(index, "manifests");
	size_t done = 0;
	int r = 0;

	if (!json_is(list, JSON_ARRAY) || json_len(list) == 0)
		return err_set(e, EINVAL, "index.json lists no image");
	if (json_len(list) > LOAD_MAX_IMAGES)
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

int load_dir(struct load *l, const char *text, size_t len, struct err *e)
{
	auto_of(load_image_clear) struct load_image f = { 0 };
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
		r = load_add_name(&f.names, l->args->name, NULL, e);
	if (r >= 0)
		r = load_read_blob(l, &f.manifest->config, &f.config, &f.config_len, e);
	if (r >= 0)
		r = load_find_layers(l, f.manifest, &f.files, e);
	return r < 0 ? r : load_install(l, &f, e);
}
