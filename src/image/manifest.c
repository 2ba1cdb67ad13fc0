/* SPDX-License-Identifier: Apache-2.0 */
/* manifest: see manifest.h.
 *
 * THEORY
 * One text must mean one thing. The same bytes may be shown to one program as an index and to
 * another as a manifest (CVE-2021-41190), so the kind comes from the mediaType inside, must agree
 * with what the server said and with the members that are there, and a text with the members of
 * both kinds is refused. Every digest is checked here, before anybody makes a path or a URL of it.
 */
#include "image/manifest.h"

#include "base/ident.h"
#include "base/str.h"
#include "image/platform.h"

#include <string.h>

enum { MAX_LAYERS = 1000, MAX_MEDIA_TYPE = 255 };

const char *manifest_hex(const char *digest)
{
	const char *hex = digest ? str_after(digest, "sha256:") : NULL;

	return hex && ident_is_id(hex) ? hex : NULL;
}

void manifest_blob_clear(struct manifest_blob *b)
{
	free(b->digest);
	free(b->media_type);
	*b = (struct manifest_blob){ 0 };
}

void manifest_free(struct manifest *m)
{
	if (!m)
		return;
	manifest_blob_clear(&m->config);
	for (size_t i = 0; i < m->layers_n; i++)
		manifest_blob_clear(&m->layers[i]);
	free(m->layers);
	json_free(m->json);
	free(m);
}

static int check_digest(const char *digest, struct err *e)
{
	if (!digest)
		return err_set(e, EINVAL, "a descriptor has no digest");
	if (manifest_hex(digest))
		return 0;
	if (str_has_prefix(digest, "sha512:"))
		return err_set(e, ENOTSUP, "digest '%.40s...': only sha256 is supported", digest);
	return err_set(e, EINVAL, "'%.80s' is not a sha256 digest", digest);
}

struct json *manifest_new_descriptor(const char *type, const char *digest, uint64_t size)
{
	struct json *d = json_new_object();

	json_set_str(d, "mediaType", type);
	json_set_str(d, "digest", digest);
	json_set(d, "size", json_new_uint(size));
	return d;
}

int manifest_descriptor(struct manifest_blob *out, const struct json *descriptor, struct err *e)
{
	const char *digest = json_get_str(descriptor, "digest");
	const char *type = json_get_str(descriptor, "mediaType");
	int64_t size = json_get_int(descriptor, "size", -1);
	int r = check_digest(digest, e);

	if (r < 0)
		return r;
	if (size < 0)
		return err_set(e, EINVAL, "blob %.19s has no size", digest);
	if (type && strlen(type) > MAX_MEDIA_TYPE)
		return err_set(e, EINVAL, "blob %.19s: its media type is too long", digest);
	out->digest = xstrdup(digest);
	out->media_type = xstrdup(type ? type : "");
	out->size = size;
	return 0;
}

/* --- which kind it is ----------------------------------------------------- */

enum kind { KIND_NONE, KIND_INDEX, KIND_IMAGE, KIND_SCHEMA1, KIND_OTHER };

static enum kind kind_of_type(const char *type)
{
	if (str_empty(type))
		return KIND_NONE;
	if (strcmp(type, MEDIA_OCI_INDEX) == 0 || strcmp(type, MEDIA_DOCKER_LIST) == 0)
		return KIND_INDEX;
	if (strcmp(type, MEDIA_OCI_MANIFEST) == 0 || strcmp(type, MEDIA_DOCKER_MANIFEST) == 0)
		return KIND_IMAGE;
	if (str_has_prefix(type, "application/vnd.docker.distribution.manifest.v1+"))
		return KIND_SCHEMA1;
	return KIND_OTHER;
}

static bool is_generic_type(const char *type)
{
	/* Plain file servers and some registries say no more than this. */
	return str_empty(type) || strcmp(type, "application/json") == 0 ||
	       strcmp(type, "application/octet-stream") == 0 || strcmp(type, "text/plain") == 0;
}

static int find_kind(const struct json *j, const char *content_type, enum kind *kind,
		     struct err *e)
{
	const char *inside = json_get_str(j, "mediaType");
	bool has_manifests = json_get(j, "manifests"), has_layers = json_get(j, "layers");
	bool has_config = json_get(j, "config");
	enum kind said = is_generic_type(content_type) ? KIND_NONE : kind_of_type(content_type);

	*kind = kind_of_type(inside);
	if (*kind == KIND_SCHEMA1 || said == KIND_SCHEMA1 ||
	    json_get_int(j, "schemaVersion", 0) == 1)
		return err_set(e, ENOTSUP, "the manifest is of schema 1, which nothing checks and which "
			       "Docker has given up: push the image again with a current tool");
	if (*kind == KIND_OTHER || said == KIND_OTHER)
		return err_set(e, ENOTSUP, "'%.100s' is not the media type of an image",
			       *kind == KIND_OTHER ? inside : content_type);
	if (*kind == KIND_NONE)
		*kind = said;
	if (*kind == KIND_NONE)
		*kind = has_manifests ? KIND_INDEX : KIND_IMAGE;
	if (said != KIND_NONE && said != *kind)
		return err_set(e, EINVAL, "the server says '%.100s', the manifest itself '%.100s'",
			       content_type, inside);
	if (has_manifests && (has_layers || has_config))
		return err_set(e, EINVAL, "the manifest is an index and an image at once");
	if (*kind == KIND_INDEX ? has_layers : has_manifests)
		return err_set(e, EINVAL, "the manifest's media type and contents contradict");
	return 0;
}

/* --- an image ------------------------------------------------------------- */

static bool is_foreign(const char *type)
{
	return strstr(type, ".foreign.") || strstr(type, ".nondistributable.");
}

static bool is_layer_type(const char *type)
{
	return str_empty(type) || str_has_prefix(type, MEDIA_OCI_LAYER) ||
	       str_has_prefix(type, MEDIA_DOCKER_LAYER) || str_has_suffix(type, "tar") ||
	       str_has_suffix(type, "tar+gzip") || str_has_suffix(type, "tar.gzip") ||
	       str_has_suffix(type, "tar+zstd");
}

static int read_layers(struct manifest *m, const struct json *layers, struct err *e)
{
	size_t n = json_len(layers);
	int r;

	if (layers && !json_is(layers, JSON_ARRAY))
		return err_set(e, EINVAL, "the manifest's layers are not a list");
	if (n > MAX_LAYERS)
		return err_set(e, EINVAL, "the manifest lists %zu layers", n);
	m->layers = xcalloc(n ? n : 1, sizeof(*m->layers));
	for (size_t i = 0; i < n; i++) {
		struct manifest_blob *l = &m->layers[m->layers_n++];

		r = manifest_descriptor(l, json_at(layers, i), e);
		if (r < 0)
			return err_wrap(e, "layer %zu", i + 1);
		if (is_foreign(l->media_type))
			return err_set(e, ENOTSUP, "layer %zu is of '%s', which lies outside the "
				       "registry: its address is not followed", i + 1, l->media_type);
		if (str_has_suffix(l->media_type, "+encrypted"))
			return err_set(e, ENOTSUP, "layer %zu is encrypted, which is not supported yet",
				       i + 1);
		if (!is_layer_type(l->media_type))
			return err_set(e, ENOTSUP, "layer %zu is of '%.100s', which is not a tar archive",
				       i + 1, l->media_type);
	}
	return 0;
}

static int read_image(struct manifest *m, struct err *e)
{
	const char *type;
	int r;

	if (!json_is(json_get(m->json, "config"), JSON_OBJECT))
		return err_set(e, EINVAL, "the manifest has no configuration");
	r = manifest_descriptor(&m->config, json_get(m->json, "config"), e);
	if (r < 0)
		return err_wrap(e, "configuration");
	type = m->config.media_type;
	m->is_docker = strcmp(type, MEDIA_DOCKER_CONFIG) == 0;
	if (*type && !m->is_docker && strcmp(type, MEDIA_OCI_CONFIG) != 0)
		return err_set(e, ENOTSUP, "it is an artifact of type '%.100s', not an image to run",
			       type);
	if (m->config.size > MANIFEST_MAX_BYTES)
		return err_set(e, EFBIG, "the configuration is said to have %llu bytes",
			       (unsigned long long)m->config.size);
	return read_layers(m, json_get(m->json, "layers"), e);
}

int manifest_parse(struct manifest **out, const char *text, size_t len, const char *content_type,
		   struct err *e)
{
	auto_of(manifest_free) struct manifest *m = xcalloc(1, sizeof(*m));
	enum kind kind = KIND_NONE;
	int r;

	if (len > MANIFEST_MAX_BYTES)
		return err_set(e, EFBIG, "the manifest has %zu bytes", len);
	r = json_parse(&m->json, text, len, e);
	if (r < 0)
		return err_wrap(e, "manifest");
	if (!json_is(m->json, JSON_OBJECT))
		return err_set(e, EINVAL, "the manifest is not a JSON object");
	r = find_kind(m->json, content_type, &kind, e);
	if (r < 0)
		return r;
	m->is_index = kind == KIND_INDEX;
	if (m->is_index && !json_is(json_get(m->json, "manifests"), JSON_ARRAY))
		return err_set(e, EINVAL, "the index lists no manifests");
	if (!m->is_index)
		r = read_image(m, e);
	if (r < 0)
		return r;
	*out = steal_ptr(&m);
	return 0;
}

int manifest_choose(struct manifest_blob *out, const struct json *index, const struct platform *p,
		    struct err *e)
{
	const struct json *descriptor = NULL;
	int r = platform_choose(p, index, &descriptor, e);

	return r < 0 ? r : manifest_descriptor(out, descriptor, e);
}

int manifest_config_diff_ids(struct strv *out, const struct json *config, size_t layers_n,
			     struct err *e)
{
	const struct json *ids = json_path(config, "rootfs.diff_ids");
	const char *type = json_str(json_path(config, "rootfs.type"));

	if (!json_is(config, JSON_OBJECT) || !json_is(json_get(config, "rootfs"), JSON_OBJECT))
		return err_set(e, EINVAL, "the configuration has no rootfs");
	if (type && strcmp(type, "layers") != 0)
		return err_set(e, ENOTSUP, "the root file system is of type '%.40s'", type);
	if (json_len(ids) != layers_n)
		return err_set(e, EINVAL, "the configuration names %zu layers, the manifest %zu",
			       json_len(ids), layers_n);
	for (size_t i = 0; i < layers_n; i++) {
		int r = check_digest(json_str(json_at(ids, i)), e);

		if (r < 0)
			return err_wrap(e, "layer %zu of the configuration", i + 1);
		strv_add(out, json_str(json_at(ids, i)));
	}
	return 0;
}
