/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A docker-archive has no manifest. One is made: layers are named by what lies in the archive, so
 * that a later push or save has true digests.
 */
#include "image/load_priv.h"

#include "base/fd.h"
#include "base/str.h"
#include "base/units.h"
#include "image/digest.h"
#include "image/reference.h"

#include <string.h>
#include <unistd.h>

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

static int make_manifest(const struct load *l, struct load_image *f, struct err *e)
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
	auto_of(load_image_clear) struct load_image f = { 0 };
	int r = 0;

	json_get_strv(entry, "RepoTags", &tags);
	json_get_strv(entry, "Layers", &f.files);
	if (!config || f.files.n != json_len(json_get(entry, "Layers")))
		return err_set(e, EINVAL, "manifest.json does not say where configuration and layers are");
	if (!is_wanted_entry(l, i, &tags))
		return 0;
	if (l->args->name)
		r = load_add_name(&f.names, l->args->name, NULL, e);
	for (size_t k = 0; r >= 0 && !l->args->name && k < tags.n; k++)
		r = load_add_name(&f.names, tags.v[k], NULL, e);
	if (r >= 0)
		r = bundle_read(l->bundle, config, &f.config, &f.config_len, MANIFEST_MAX_BYTES, e);
	if (r >= 0)
		r = make_manifest(l, &f, e);
	return r < 0 ? r : load_install(l, &f, e);
}

int load_docker(struct load *l, const struct json *list, struct err *e)
{
	int r = 0;

	if (json_len(list) == 0 || json_len(list) > LOAD_MAX_IMAGES)
		return err_set(e, EINVAL, "manifest.json lists %zu images", json_len(list));
	for (size_t i = 0; r >= 0 && i < json_len(list); i++)
		r = load_docker_image(l, json_at(list, i), i, e);
	if (r >= 0 && l->out->names.n == 0)
		return err_set(e, ERR_NO_SUCH, "manifest.json has no image called '%s'",
			       l->args->only);
	return r;
}
