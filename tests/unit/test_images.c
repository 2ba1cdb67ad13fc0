/* SPDX-License-Identifier: Apache-2.0 */
#include "storage_fixture.h"

#include "storage/images.h"
#include "storage/names.h"
#include "storage/store_check.h"

static int put(struct store *s, const char *id, const char *const *layers, const char *digest,
	       struct err *e)
{
	auto_of(json_free) struct json *record = json_new_object();
	auto_of(strv_clear) struct strv ids = { 0 }, digests = { 0 };
	static const char config[] = "{\"architecture\":\"amd64\"}", manifest[] = "{\"a\": 1}\n";
	struct images_new n = { .id = id, .manifest = manifest, .manifest_len = strlen(manifest),
				.config = config, .config_len = strlen(config), .record = record };

	for (size_t i = 0; layers[i]; i++)
		strv_add(&ids, layers[i]);
	strv_add(&digests, digest);
	json_set_int(record, "version", 1);
	json_set_strv(record, "chain-ids", &ids);
	json_set_strv(record, "repo-digests", &digests);
	return images_put(s, &n, e);
}

static void puts_and_loads(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *id = fixture_id('1'), *found = NULL, *bytes = NULL;
	auto_of(images_record_free) struct images_record *rec = NULL;
	auto_of(strv_clear) struct strv names = { 0 }, digests = { 0 };
	size_t len;
	struct err e;

	layer_writer_free(fixture_layer(f->s, a, ""));
	assert_int_equal(put(f->s, id, (const char *const[]){ a, NULL }, "r@sha256:1", &e), 0);
	assert_int_equal(names_add(f->s->image_names_dirfd, "r:latest", id), 0);
	assert_int_equal(images_find_name(f->s, "r:latest", &found), 0);
	assert_string_equal(found, id);
	free(steal_ptr(&found));
	assert_int_equal(images_find_id(f->s, "sha256:111", &found, &e), 0);
	assert_int_equal(images_load_manifest(&bytes, &len, f->s, id, &e), 0);
	assert_string_equal(bytes, "{\"a\": 1}\n");
	/* The same again adds its digest. */
	assert_int_equal(put(f->s, id, (const char *const[]){ a, NULL }, "r@sha256:2", &e), 0);
	assert_int_equal(put(f->s, id, (const char *const[]){ a, NULL }, "r@sha256:2", &e), 0);
	assert_int_equal(images_load(&rec, f->s, id, &e), 0);
	assert_string_equal(json_get_str(rec->config, "architecture"), "amd64");
	assert_int_equal(rec->chain_ids.n, 1);
	json_get_strv(rec->record, "repo-digests", &digests);
	assert_int_equal(digests.n, 2);
	assert_int_equal(images_names_of(f->s, id, &names, &e), 0);
	assert_int_equal(names.n, 1);
}

static void needs_its_layers(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *id = fixture_id('1');
	struct err e;

	assert_int_equal(put(f->s, id, (const char *const[]){ a, NULL }, "d", &e), -ESTALE);
	assert_int_equal(put(f->s, id, (const char *const[]){ "../x", NULL }, "d", &e), -EBADMSG);
	assert_int_equal(put(f->s, "x", (const char *const[]){ NULL }, "d", &e), -EINVAL);
}

static void removes_only_what_is_its_own(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *b = fixture_id('b'), *c = fixture_id('c');
	autofree char *one = fixture_id('1'), *two = fixture_id('2'), *found = NULL;
	auto_of(strv_clear) struct strv removed = { 0 };
	struct err e;

	layer_writer_free(fixture_layer(f->s, a, ""));
	layer_writer_free(fixture_layer(f->s, b, a));
	layer_writer_free(fixture_layer(f->s, c, a));
	assert_int_equal(put(f->s, one, (const char *const[]){ a, b, NULL }, "d", &e), 0);
	assert_int_equal(put(f->s, two, (const char *const[]){ a, c, NULL }, "d", &e), 0);
	assert_int_equal(names_add(f->s->image_names_dirfd, "n", one), 0);
	assert_int_equal(images_remove(f->s, one, &removed, &e), 0);
	assert_int_equal(removed.n, 1);
	assert_string_equal(removed.v[0], b);
	assert_int_equal(images_find_name(f->s, "n", &found), -ENOENT);
	assert_int_equal(images_remove(f->s, one, &removed, &e), -ERR_NO_SUCH);
	assert_int_equal(images_remove(f->s, two, &removed, &e), 0);
	assert_int_equal(removed.n, 3);
}

static size_t count_findings(struct store *s, bool repair)
{
	auto_of(json_free) struct json *findings = NULL;
	struct err e;

	assert_int_equal(store_check(s, &(struct store_check_args){ .repair = repair }, &findings, &e), 0);
	return json_len(findings);
}

static void check_finds_and_repairs(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *b = fixture_id('b'), *one = fixture_id('1');
	autofree char *path = NULL;
	struct err e;

	assert_int_equal(count_findings(f->s, false), 0);
	layer_writer_free(fixture_layer(f->s, a, ""));
	layer_writer_free(fixture_layer(f->s, b, a));
	assert_int_equal(count_findings(f->s, false), 0);	/* for a pull that goes on */
	assert_int_equal(put(f->s, one, (const char *const[]){ a, b, NULL }, "d", &e), 0);
	assert_int_equal(count_findings(f->s, true), 0);
	assert_int_equal(mkdirat(f->s->root_dirfd, "tmp/1.1.00000000-dead", 0700), 0);
	path = xasprintf("%s/layer.json", a);
	assert_int_equal(unlinkat(f->s->layers_dirfd, path, 0), 0);
	assert_int_equal(count_findings(f->s, false), 1);
	assert_false(file_exists_at(f->s->root_dirfd, "tmp/1.1.00000000-dead"));
	/* Layer a goes, with it the image, then b, which nobody can use any more. */
	assert_true(count_findings(f->s, true) >= 3);
	assert_int_equal(count_findings(f->s, false), 0);
	assert_false(layer_exists(f->s, a) || layer_exists(f->s, b));
	assert_false(file_exists_at(f->s->images_dirfd, one));
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(puts_and_loads),
		T(needs_its_layers),
		T(removes_only_what_is_its_own),
		T(check_finds_and_repairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
