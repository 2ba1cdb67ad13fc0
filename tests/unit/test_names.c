/* SPDX-License-Identifier: Apache-2.0 */
#include "storage_fixture.h"

#include "storage/names.h"

static void adds_gets_removes(void **state)
{
	struct fixture *f = *state;
	autofree char *id = NULL;

	assert_int_equal(names_get(f->out_dirfd, "web", &id), -ENOENT);
	assert_int_equal(names_add(f->out_dirfd, "web", "1234"), 0);
	assert_int_equal(names_add(f->out_dirfd, "web", "5678"), -EEXIST);
	assert_int_equal(names_get(f->out_dirfd, "web", &id), 0);
	assert_string_equal(id, "1234");
	assert_int_equal(names_remove(f->out_dirfd, "web"), 0);
	assert_int_equal(names_remove(f->out_dirfd, "web"), -ENOENT);
}

static void sets_and_tells_the_old_one(void **state)
{
	struct fixture *f = *state;
	autofree char *old = NULL, *id = NULL;
	auto_of(strv_clear) struct strv files = { 0 };

	assert_int_equal(names_set(f->out_dirfd, "a:1", "x", &old), 0);
	assert_null(old);
	assert_int_equal(names_set(f->out_dirfd, "a:1", "y", &old), 0);
	assert_string_equal(old, "x");
	assert_int_equal(names_set(f->out_dirfd, "a:1", "z", NULL), 0);
	assert_int_equal(names_get(f->out_dirfd, "a:1", &id), 0);
	assert_string_equal(id, "z");
	assert_int_equal(file_list_dir(f->out_dirfd, ".", &files, true), 0);
	assert_int_equal(files.n, 1);	/* no temporary one is left */
}

static void names_are_only_names(void **state)
{
	struct fixture *f = *state;
	auto_of(strv_clear) struct strv names = { 0 }, ids = { 0 };
	auto_of(str_clear) struct str longer = { 0 };

	assert_int_equal(names_add(f->out_dirfd, "../escape", "1"), 0);
	assert_int_equal(names_add(f->out_dirfd, "docker.io/library/a:latest", "2"), 0);
	assert_int_equal(names_add(f->out_dirfd, ".hidden", "3"), 0);
	autofree char *outside = xasprintf("%s/escape", f->dir);
	assert_int_not_equal(access(outside, F_OK), 0);
	assert_int_equal(names_list(f->out_dirfd, &names, &ids), 0);
	assert_int_equal(names.n, 3);
	assert_int_equal(ids.n, 3);
	assert_string_equal(names.v[0], "../escape");
	assert_string_equal(names.v[1], ".hidden");
	assert_string_equal(names.v[2], "docker.io/library/a:latest");
	assert_string_equal(ids.v[2], "2");
	for (int i = 0; i < 300; i++)
		str_addc(&longer, 'x');
	assert_int_equal(names_add(f->out_dirfd, longer.p, "4"), -ENAMETOOLONG);
}

static void finds_by_prefix(void **state)
{
	struct fixture *f = *state;
	auto_of(strv_clear) struct strv some = { 0 };
	autofree char *a = fixture_id('a'), *b = fixture_id('a'), *c = fixture_id('c'), *id = NULL;

	b[5] = 'b';
	assert_int_equal(mkdirat(f->out_dirfd, a, 0700), 0);
	assert_int_equal(mkdirat(f->out_dirfd, b, 0700), 0);
	assert_int_equal(mkdirat(f->out_dirfd, "names", 0700), 0);
	assert_int_equal(mkdirat(f->out_dirfd, "aaa.lock", 0700), 0);
	assert_int_equal(names_find_prefix(f->out_dirfd, "aaaaa", &id, &some), -EEXIST);
	assert_int_equal(some.n, 2);
	assert_int_equal(names_find_prefix(f->out_dirfd, "aaaaab", &id, NULL), 0);
	assert_string_equal(id, b);
	free(steal_ptr(&id));
	assert_int_equal(names_find_prefix(f->out_dirfd, a, &id, NULL), 0);
	assert_string_equal(id, a);
	free(steal_ptr(&id));
	assert_int_equal(names_find_prefix(f->out_dirfd, c, &id, NULL), -ENOENT);
	assert_int_equal(names_find_prefix(f->out_dirfd, "names", &id, NULL), -ENOENT);
	assert_int_equal(names_find_prefix(f->out_dirfd, "", &id, NULL), -ENOENT);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(adds_gets_removes),
		T(sets_and_tells_the_old_one),
		T(names_are_only_names),
		T(finds_by_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
