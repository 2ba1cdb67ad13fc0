/* SPDX-License-Identifier: Apache-2.0 */
/* image_fixture: images made in a fresh store, and no registries.conf but our own.
 *
 * Runs in:  unit tests of the light half of src/image.
 * Owns:     nothing; the store is the fixture's.
 * Needs:    storage_fixture.h.
 * Fails:    by assertion.
 * Not here: what is tested.
 */
#pragma once

#include "storage_fixture.h"

#include "storage/images.h"
#include "storage/names.h"

/* An image of one layer (of the same digit), made `age` hours after 1970, with names. */
static inline void image_put(struct fixture *f, char digit, int age, const char *config,
			     const char *const *names)
{
	static const char manifest[] = "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\"}";
	auto_of(json_free) struct json *record = json_new_object();
	autofree char *id = fixture_id(digit), *digest = NULL, *repo_digest = NULL;
	auto_of(strv_clear) struct strv chain = { 0 }, digests = { 0 };
	struct images_new n = { .id = id, .manifest = manifest, .manifest_len = strlen(manifest),
				.config = config, .config_len = strlen(config), .record = record };
	struct json *sizes = json_new_array();
	struct err e = { 0 };

	layer_writer_free(fixture_layer(f->s, id, ""));
	digest = xasprintf("sha256:%s", id);
	repo_digest = xasprintf("docker.io/library/d%c@%s", digit, digest);
	strv_add(&chain, id);
	strv_add(&digests, repo_digest);
	json_set_int(record, "version", 1);
	json_set_str(record, "digest", digest);
	json_set_strv(record, "chain-ids", &chain);
	json_set_strv(record, "repo-digests", &digests);
	json_add(sizes, json_new_int(1000));
	json_set(record, "layer-sizes", sizes);
	json_set_int(record, "size", 1000);
	json_set_int(record, "created", age * INT64_C(3600000000000));
	if (images_put(f->s, &n, &e) != 0)
		fail_msg("%s", e.msg);
	for (; *names; names++)
		assert_int_equal(names_set(f->s->image_names_dirfd, *names, id, NULL), 0);
}

#define IMAGE_NAMES(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(,) NULL })

static inline void image_conf(struct fixture *f, const char *text)
{
	autofree char *path = xasprintf("%s/registries.conf", f->dir);

	assert_int_equal(file_write_at(AT_FDCWD, path, text, strlen(text), 0600, 0), 0);
	setenv("CONTAINERS_REGISTRIES_CONF", path, 1);
	setenv("XDG_CONFIG_HOME", f->dir, 1);
	setenv("XDG_CACHE_HOME", f->dir, 1);
}
