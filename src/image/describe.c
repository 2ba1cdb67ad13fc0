/* SPDX-License-Identifier: Apache-2.0 */
#include "image/describe.h"

#include "base/persona.h"
#include "image/catalog.h"
#include "image/describe_docker.h"
#include "image/reference.h"
#include "storage/driver.h"
#include "storage/images.h"
#include "storage/store.h"

#include <string.h>

static void copy_str(struct json *to, const char *key, const struct json *from, const char *member)
{
	const char *s = json_get_str(from, member);

	json_set_str(to, key, s ? s : "");
}

static void copy_or(struct json *to, const char *key, const struct json *value, struct json *otherwise)
{
	if (value && json_type(value) != JSON_NULL) {
		json_set(to, key, json_copy(value));
		json_free(otherwise);
	} else {
		json_set(to, key, otherwise);
	}
}

/* The tags of an image; names by digest are told by its record. */
static int tags_of(struct json **out, struct store *s, const char *id, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r = images_names_of(s, id, &names, e);

	if (r < 0)
		return r;
	*out = json_new_array();
	for (size_t i = 0; i < names.n; i++)
		if (!strchr(names.v[i], '@'))
			json_add_str(*out, reference_familiar(names.v[i]));
	return 0;
}

/* Where the files are, for people and tools that look; the top of the image comes first. */
static struct json *graph_driver(const struct store *s, const struct images_record *rec)
{
	struct json *g = json_new_object(), *data = json_new_object();
	auto_of(str_clear) struct str lower = { 0 };
	size_t n = rec->chain_ids.n;

	for (size_t i = n; i-- > 1;)
		str_addf(&lower, "%s%s/layers/%s/diff", lower.len ? ":" : "", s->root,
			 rec->chain_ids.v[i - 1]);
	if (lower.len)
		json_set_str(data, "LowerDir", lower.p);
	if (n) {
		autofree char *top = xasprintf("%s/layers/%s/diff", s->root, rec->chain_ids.v[n - 1]);

		json_set_str(data, "UpperDir", top);
	}
	json_set_str(g, "Name", s->driver ? s->driver->name : "overlay");
	json_set(g, "Data", data);
	return g;
}

static struct json *root_fs(const struct json *config)
{
	struct json *fs = json_new_object();

	json_set_str(fs, "Type", "layers");
	copy_or(fs, "Layers", json_path(config, "rootfs.diff_ids"), json_new_array());
	return fs;
}

/* OCI has no place for it but the history. */
static void set_comment(struct json *o, const struct json *config)
{
	const struct json *history = json_get(config, "history");
	const char *comment = json_get_str(config, "comment");

	if (str_empty(comment) && json_len(history))
		comment = json_get_str(json_at(history, json_len(history) - 1), "comment");
	json_set_str(o, "Comment", comment ? comment : "");
}

static void add_config(struct json *o, const struct json *config)
{
	const struct json *inner = json_get(config, "config");

	set_comment(o, config);
	json_set(o, "Created", json_new_time(json_get_str(config, "created") ?: ""));
	copy_or(o, "Config", inner, json_new_object());
	copy_str(o, "Version", config, "docker_version");
	copy_str(o, "Author", config, "author");
	copy_str(o, "Architecture", config, "architecture");
	copy_str(o, "Variant", config, "variant");
	copy_str(o, "Os", config, "os");
	copy_or(o, "Labels", json_get(inner, "Labels"), json_new_null());
	copy_str(o, "User", inner, "User");
	copy_or(o, "History", json_get(config, "history"), json_new_array());
	if (json_get(inner, "Healthcheck"))
		json_set(o, "Healthcheck", json_copy(json_get(inner, "Healthcheck")));
	json_set(o, "RootFS", root_fs(config));
}

static int add_manifest(struct json *o, struct store *s, const char *id, struct err *e)
{
	auto_of(json_free) struct json *m = NULL;
	autofree char *bytes = NULL;
	const char *type;
	size_t len;
	int r = images_load_manifest(&bytes, &len, s, id, e);

	if (r >= 0)
		r = json_parse(&m, bytes, len, e);
	if (r < 0)
		return r;
	type = json_get_str(m, "mediaType");
	json_set_str(o, "ManifestType", type ? type : "application/vnd.oci.image.manifest.v1+json");
	copy_or(o, "Annotations", json_get(m, "annotations"), json_new_object());
	return 0;
}

int describe_image(struct json **out, struct store *s, const char *id, struct err *e)
{
	auto_of(images_record_free) struct images_record *rec = NULL;
	auto_of(json_free) struct json *o = json_new_object();
	struct json *tags = NULL;
	int64_t size;
	int r = images_load(&rec, s, id, e);

	if (r >= 0)
		r = tags_of(&tags, s, id, e);
	if (r < 0)
		return r;
	size = json_get_int(rec->record, "size", 0);
	json_set_str(o, "Id", rec->id);
	copy_str(o, "Digest", rec->record, "digest");
	json_set(o, "RepoTags", tags);
	json_set(o, "RepoDigests", catalog_repo_digests(rec->record, tags));
	json_set_str(o, "Parent", "");
	add_config(o, rec->config);
	json_set_int(o, "Size", size);
	json_set_int(o, "VirtualSize", size);
	json_set(o, "GraphDriver", graph_driver(s, rec));
	r = add_manifest(o, s, id, e);
	if (r < 0)
		return r;
	json_set(o, "NamesHistory", json_copy(json_get(o, "RepoTags")));
	if (persona_get() == PERSONA_DOCKER)
		describe_docker(o);
	*out = steal_ptr(&o);
	return 0;
}

/* ---- history ---- */

/* Sizes of layers belong to the steps that made one, bottom first. */
static struct json *step(const struct images_record *rec, const struct json *h, size_t *layer)
{
	struct json *o = json_new_object();
	const struct json *sizes = json_get(rec->record, "layer-sizes");
	int64_t size = 0;

	if (!json_get_bool(h, "empty_layer", false))
		size = json_int(json_at(sizes, (*layer)++), 0);
	json_set_str(o, "id", "<missing>");
	copy_str(o, "created", h, "created");
	copy_str(o, "CreatedBy", h, "created_by");
	json_set_int(o, "size", size);
	copy_str(o, "Created", h, "created");
	if (!str_empty(json_get_str(h, "comment")))
		copy_str(o, "comment", h, "comment");
	return o;
}

int describe_history(struct json **out, struct store *s, const char *id, struct err *e)
{
	auto_of(images_record_free) struct images_record *rec = NULL;
	auto_of(json_free) struct json *up = json_new_array(), *down = json_new_array();
	auto_of(json_free) struct json *unknown = json_new_object();
	struct json *tags = NULL;
	const struct json *history;
	size_t layer = 0;
	int r = images_load(&rec, s, id, e);

	if (r >= 0)
		r = tags_of(&tags, s, id, e);
	if (r < 0)
		return r;
	history = json_get(rec->config, "history");
	for (size_t i = 0; i < json_len(history); i++)
		json_add(up, step(rec, json_at(history, i), &layer));
	/* A configuration need not tell its history; its layers are there all the same. */
	copy_str(unknown, "created", rec->config, "created");
	while (layer < rec->chain_ids.n)
		json_add(up, step(rec, unknown, &layer));
	for (size_t i = json_len(up); i-- > 0;)
		json_add(down, json_copy(json_at(up, i)));
	if (json_len(down)) {
		struct json *top = json_edit_at(down, 0);

		json_set_str(top, "id", rec->id);
		if (json_len(tags))
			json_set(top, "tags", steal_ptr(&tags));
	}
	json_free(tags);
	*out = steal_ptr(&down);
	return 0;
}
