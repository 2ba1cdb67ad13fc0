/* SPDX-License-Identifier: Apache-2.0 */
#include "image_fixture.h"

#include "image/naming.h"

static int refuse(void *arg, const char *id, struct err *e)
{
	(void)id;
	(*(int *)arg)++;
	return err_set(e, ERR_IN_USE, "in use");
}

static bool has(struct fixture *f, const char *name)
{
	autofree char *id = NULL;

	return images_find_name(f->s, name, &id) == 0;
}

/* Untagged names and "-" or the first digit of what was removed; or the error's code. */
static void remove_is(struct fixture *f, const char *text, bool force, const char *expected)
{
	auto_of(naming_removed_clear) struct naming_removed done = { 0 };
	autofree char *names = NULL, *got = NULL;
	struct err e = { 0 };

	if (naming_remove(&done, f->s, text, &(struct naming_remove){ .force = force }, &e) < 0)
		fail_msg("%s: %s", text, e.msg);
	names = strv_join(&done.untagged, " ");
	got = xasprintf("%s|%c", names, done.id ? *done.id : '-');
	assert_string_equal(got, expected);
}

static void tagging(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *b = fixture_id('b'), *found = NULL;
	autofree char *digest = xasprintf("x@sha256:%s", a);
	auto_of(strv_clear) struct strv done = { 0 };
	struct err e;

	image_conf(f, "");
	image_put(f, 'a', 1, "{}", IMAGE_NAMES());
	image_put(f, 'b', 1, "{}", IMAGE_NAMES());
	assert_int_equal(naming_tag(f->s, a, "x", &e), 0);
	assert_true(has(f, "localhost/x:latest"));
	assert_int_equal(naming_tag(f->s, a, "docker.io/x:1", &e), 0);
	assert_true(has(f, "docker.io/library/x:1"));
	assert_int_equal(naming_tag(f->s, b, "x", &e), 0);
	assert_int_equal(images_find_name(f->s, "localhost/x:latest", &found), 0);
	assert_string_equal(found, b);
	assert_int_equal(naming_tag(f->s, a, "UP", &e), -ERR_USAGE);
	assert_int_equal(naming_tag(f->s, a, digest, &e), -ERR_USAGE);
	assert_int_equal(naming_untag(f->s, a, "x:1", &done, &e), 0);
	assert_false(has(f, "docker.io/library/x:1"));
	assert_int_equal(naming_untag(f->s, a, "x", &done, &e), -ERR_NO_SUCH);
	assert_true(has(f, "localhost/x:latest"));
	assert_int_equal(naming_untag_all(f->s, b, &done, &e), 0);
	assert_false(has(f, "localhost/x:latest"));
	assert_int_equal(done.n, 2);
	assert_string_equal(done.v[0], "docker.io/library/x:1");
	assert_string_equal(done.v[1], "localhost/x:latest");
}

static void removing(void **state)
{
	struct fixture *f = *state;
	struct naming_removed done = { 0 };
	struct err e;

	image_conf(f, "");
	image_put(f, 'a', 1, "{}", IMAGE_NAMES("localhost/x:1", "localhost/x:2", "quay.io/y:1"));
	remove_is(f, "x:1", false, "localhost/x:1|-");
	remove_is(f, "x:2", true, "localhost/x:2|-");
	remove_is(f, "quay.io/y:1", false, "quay.io/y:1|a");
	image_put(f, 'b', 1, "{}", IMAGE_NAMES("localhost/p:1", "localhost/p:2"));
	assert_int_equal(naming_remove(&done, f->s, "bbbb", &(struct naming_remove){ 0 }, &e), -EBUSY);
	assert_non_null(strstr(e.msg, "localhost/p:1, localhost/p:2"));
	assert_true(has(f, "localhost/p:1"));
	remove_is(f, "bbbb", true, "localhost/p:1 localhost/p:2|b");
	image_put(f, 'c', 1, "{}", IMAGE_NAMES("localhost/q:1"));
	remove_is(f, "cccc", false, "localhost/q:1|c");
	assert_int_equal(naming_remove(&done, f->s, "cccc", &(struct naming_remove){ 0 }, &e), -ERR_NO_SUCH);
}

/* The caller is asked before anything is lost, and only when the image itself would go. */
static void asking(void **state)
{
	struct fixture *f = *state;
	int asked = 0;
	struct naming_remove how = { .check = refuse, .check_arg = &asked };
	auto_of(naming_removed_clear) struct naming_removed done = { 0 };
	struct err e;

	image_conf(f, "");
	image_put(f, 'a', 1, "{}", IMAGE_NAMES("localhost/x:1", "localhost/x:2"));
	assert_int_equal(naming_remove(&done, f->s, "x:1", &how, &e), 0);
	assert_int_equal(asked, 0);
	assert_int_equal(naming_remove(&done, f->s, "x:2", &how, &e), -ERR_IN_USE);
	assert_int_equal(asked, 1);
	assert_true(has(f, "localhost/x:2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tagging, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(removing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(asking, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
