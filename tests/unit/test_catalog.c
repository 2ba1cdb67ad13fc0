/* SPDX-License-Identifier: Apache-2.0 */
#include "image_fixture.h"

#include "image/catalog.h"

static void patterns(void **state)
{
	static const struct {
		const char *pattern;
		bool fits;
	} cases[] = {
		{ "docker.io/library/bb:1", true }, { "docker.io/library/bb", true }, { "library/bb", true },
		{ "bb", true }, { "bb:1", true }, { "b*", true }, { "docker.io/library/*", true },
		{ "b?:1", true }, { "bb:2", false }, { "b", false }, { "docker.io/*", false }, { "io/library/bb", false },
		{ "ibrary/bb", false }, { "", false }, { "*", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (catalog_name_matches("docker.io/library/bb:1", cases[i].pattern) != cases[i].fits)
			fail_msg("%s", cases[i].pattern);
	assert_true(catalog_name_matches("localhost:5000/x:1", "localhost:5000/x"));
	assert_false(catalog_name_matches("localhost:5000/x:1", "localhost"));
}

/* First digits of the images listed, in order. */
static void list_is(struct fixture *f, const char *name, const char *filter1, const char *filter2,
		    const char *expected)
{
	auto_of(strv_clear) struct strv filters = { 0 };
	auto_of(json_free) struct json *rows = NULL;
	auto_of(json_free) struct json *containers = json_new_object();
	auto_of(str_clear) struct str got = { 0 };
	autofree char *a = fixture_id('a');
	struct catalog_query q = { .filters = &filters, .name = name, .containers = containers };
	struct err e = { 0 };

	json_set_int(containers, a, 2);
	if (filter1)
		strv_add(&filters, filter1);
	if (filter2)
		strv_add(&filters, filter2);
	if (catalog_list(&rows, f->s, &q, &e) != 0)
		fail_msg("%s: %s", filter1, e.msg);
	for (size_t i = 0; i < json_len(rows); i++)
		str_addc(&got, *json_get_str(json_at(rows, i), "Id"));
	if (!str_eq(str_peek(&got), expected))
		fail_msg("%s %s: %s, not %s", name ? name : "", filter1 ? filter1 : "", str_peek(&got), expected);
}

static void filters(void **state)
{
	struct fixture *f = *state;

	image_conf(f, "");
	image_put(f, 'a', 10, "{\"config\":{\"Labels\":{\"k\":\"v\",\"e\":\"\"}}}",
		  IMAGE_NAMES("docker.io/library/x:1", "localhost/x:2"));
	image_put(f, 'b', 20, "{\"config\":{\"Labels\":{\"k\":\"w\"}}}", IMAGE_NAMES("quay.io/y:1"));
	image_put(f, 'c', 30, "{}", IMAGE_NAMES());
	list_is(f, NULL, NULL, NULL, "cba");
	list_is(f, "x", NULL, NULL, "a");
	list_is(f, "dc@sha256:*", NULL, NULL, "c");
	list_is(f, "nope", NULL, NULL, "");
	list_is(f, NULL, "id=b", "id=sha256:a", "ba");
	list_is(f, NULL, "id!=b", NULL, "ca");
	list_is(f, NULL, "reference=x:*", NULL, "a");
	list_is(f, NULL, "reference=x", "reference=y", "ba");
	list_is(f, NULL, "label=k", NULL, "ba");
	list_is(f, NULL, "label=k=v", NULL, "a");
	list_is(f, NULL, "label=k", "label=e", "a");
	list_is(f, NULL, "label=e=", NULL, "a");
	list_is(f, NULL, "label!=k=v", NULL, "cb");
	list_is(f, NULL, "dangling=true", NULL, "c");
	list_is(f, NULL, "dangling=false", NULL, "ba");
	list_is(f, NULL, "before=quay.io/y:1", NULL, "a");
	list_is(f, NULL, "since=quay.io/y:1", NULL, "c");
	list_is(f, NULL, "after=aaaa", "before=cccc", "b");
	list_is(f, NULL, "until=1970-01-01T20:00:00Z", NULL, "ba");
	list_is(f, NULL, "containers=true", NULL, "a");
	list_is(f, NULL, "containers=false", NULL, "cb");
	list_is(f, NULL, "readonly=true", NULL, "");
	list_is(f, NULL, "digest=sha256:b", NULL, "b");
}

static void bad_filters(void **state)
{
	static const char *const bad[] = { "x=y", "dangling", "dangling=perhaps", "until=never", "=", "!=x", "labels=k" };
	struct fixture *f = *state;

	image_conf(f, "");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		auto_of(strv_clear) struct strv list = { 0 };
		struct json *rows = NULL;
		struct err e;

		strv_add(&list, bad[i]);
		if (catalog_list(&rows, f->s, &(struct catalog_query){ .filters = &list }, &e) != -ERR_USAGE)
			fail_msg("%s", bad[i]);
		assert_non_null(strstr(e.msg, bad[i]));
		assert_null(rows);
	}
}

static void rows(void **state)
{
	struct fixture *f = *state;
	auto_of(json_free) struct json *list = NULL;
	const struct json *row;
	struct err e;

	image_conf(f, "");
	image_put(f, 'a', 10, "{\"architecture\":\"amd64\"}", IMAGE_NAMES("localhost/x:2", "localhost/x@sha256:0"));
	assert_int_equal(catalog_list(&list, f->s, &(struct catalog_query){ 0 }, &e), 0);
	row = json_at(list, 0);
	assert_int_equal(json_len(json_get(row, "Names")), 1);
	assert_string_equal(json_str(json_at(json_get(row, "RepoTags"), 0)), "localhost/x:2");
	assert_int_equal(json_get_int(row, "Created", 0), 36000);
	assert_string_equal(json_get_str(row, "CreatedAt"), "1970-01-01T10:00:00Z");
	assert_int_equal(json_get_int(row, "Size", 0), 1000);
	assert_true(json_is(json_get(row, "Labels"), JSON_NULL));
	assert_null(json_get(row, "Dangling"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test_setup_teardown(filters, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(bad_filters, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(rows, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
