/* SPDX-License-Identifier: Apache-2.0 */
#include "container/record.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/str.h"
#include "storage/names.h"
#include "storage/store.h"
#include "userns/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/rootlet-record-XXXXXX";
static struct engine engine;
static struct session session;

static int setup(void **state)
{
	struct store_args args = { .root = dir, .data_dir = dir, .driver = "vfs" };
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("CONTAINERS_STORAGE_CONF", "/dev/null", 1);
	if (store_open(&engine.store, &args, &e) < 0)
		fail_msg("%s", e.msg);
	engine.session = &session;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_free(engine.store);
	return file_remove_tree(AT_FDCWD, dir) < 0;
}

/* A container without an image: its root is a directory of the host. */
static char *make(const char *name, bool rm)
{
	struct container_config c;
	struct err e = { 0 };
	char *id;

	config_init(&c);
	c.name = xstrdup_or_null(name);
	c.rootfs = xstrdup("/");
	c.rm = rm;
	if (record_create(&engine, &c, &e) < 0)
		fail_msg("%s", e.msg);
	assert_true(c.created > 0);
	assert_non_null(c.name);
	id = xstrdup(c.id);
	config_clear(&c);
	return id;
}

static void test_create_open_remove(void **state)
{
	autofree char *id = make("web", false);
	struct record *r = NULL;
	struct err e = { 0 };
	char prefix[13] = "";

	(void)state;
	memcpy(prefix, id, 12);
	assert_int_equal(record_open(&r, &engine, "web", &e), 0);
	assert_string_equal(r->id, id);
	assert_string_equal(r->config.rootfs, "/");
	record_free(r);
	assert_int_equal(record_open(&r, &engine, prefix, &e), 0);
	assert_string_equal(r->config.name, "web");
	record_free(r);
	assert_int_equal(record_open(&r, &engine, id, &e), 0);
	record_free(r);
	assert_int_equal(record_remove(&engine, id, "web", &e), 0);
	assert_int_equal(record_open(&r, &engine, "web", &e), -ERR_NO_SUCH);
	assert_int_equal(record_open(&r, &engine, id, &e), -ERR_NO_SUCH);
	assert_int_equal(record_open(&r, &engine, "", &e), -ERR_NO_SUCH);
	assert_int_equal(record_open(&r, &engine, "../../etc", &e), -ERR_NO_SUCH);
}

static void test_name_in_use(void **state)
{
	autofree char *id = make("one", true);
	auto_of(strv_clear) struct strv before = { 0 }, after = { 0 };
	struct container_config c;
	struct err e = { 0 };

	(void)state;
	record_list(&engine, &before, &e);
	config_init(&c);
	c.name = xstrdup("one");
	c.rootfs = xstrdup("/");
	assert_int_equal(record_create(&engine, &c, &e), -EEXIST);
	assert_non_null(strstr(e.msg, id));
	record_list(&engine, &after, &e);
	assert_int_equal(before.n, after.n);
	config_clear(&c);
	assert_int_equal(record_remove(&engine, id, "one", &e), 0);
}

static void test_stale_name_is_taken_over(void **state)
{
	struct ident ghost = ident_random();
	autofree char *id = NULL, *holder = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(names_add(engine.store->container_names_dirfd, "ghost", ghost.s), 0);
	id = make("ghost", true);
	assert_int_equal(names_get(engine.store->container_names_dirfd, "ghost", &holder), 0);
	assert_string_equal(holder, id);
	assert_int_equal(record_remove(&engine, id, "ghost", &e), 0);
}

static void test_lost_name_comes_back(void **state)
{
	autofree char *id = make("lost", true), *holder = NULL;
	struct record *r = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(names_remove(engine.store->container_names_dirfd, "lost"), 0);
	assert_int_equal(record_open(&r, &engine, id, &e), 0);
	record_free(r);
	assert_int_equal(names_get(engine.store->container_names_dirfd, "lost", &holder), 0);
	assert_string_equal(holder, id);
	/* Without a look at the id before, by the definition. */
	assert_int_equal(names_remove(engine.store->container_names_dirfd, "lost"), 0);
	assert_int_equal(record_open(&r, &engine, "lost", &e), 0);
	assert_string_equal(r->id, id);
	record_free(r);
	assert_int_equal(record_open(&r, &engine, "los", &e), -ERR_NO_SUCH);
	assert_int_equal(record_remove(&engine, id, "lost", &e), 0);
	assert_int_equal(record_open(&r, &engine, "lost", &e), -ERR_NO_SUCH);
}

/* As a rename leaves it that is killed before it has removed the old name. */
static void test_second_name_is_taken_over(void **state)
{
	autofree char *id = make("now", true), *other = NULL, *holder = NULL;
	struct record *r = NULL;
	struct err e = { 0 };
	struct container_config c;
	int lock = -1;

	(void)state;
	assert_int_equal(names_add(engine.store->container_names_dirfd, "before", id), 0);
	/* The rename may still be at work. */
	assert_int_equal(record_open(&r, &engine, "now", &e), 0);
	assert_int_equal(record_lock(r, &lock, &e), 0);
	record_free(r);
	assert_int_equal(record_open(&r, &engine, "before", &e), 0);
	config_init(&c);
	c.name = xstrdup("before");
	c.rootfs = xstrdup("/");
	assert_int_equal(record_create(&engine, &c, &e), -EEXIST);
	config_clear(&c);
	close(lock);
	record_free(r);
	other = make("before", true);
	assert_int_equal(names_get(engine.store->container_names_dirfd, "before", &holder), 0);
	assert_string_equal(holder, other);
	assert_int_equal(record_remove(&engine, other, "before", &e), 0);
	assert_int_equal(record_open(&r, &engine, "now", &e), 0);
	record_free(r);
	assert_int_equal(record_remove(&engine, id, "now", &e), 0);
}

static bool has_name(const char *name)
{
	autofree char *id = NULL;

	return names_get(engine.store->container_names_dirfd, name, &id) == 0;
}

/* As a rename leaves it that is killed before or after it has written the new definition. */
static void test_half_a_rename_leaves_nothing(void **state)
{
	for (int is_written = 0; is_written < 2; is_written++) {
		autofree char *id = make("first", true);
		const char *name = is_written ? "second" : "first";
		const char *stale = is_written ? "first" : "second";
		struct record *r = NULL;
		struct err e = { 0 };

		assert_int_equal(record_open(&r, &engine, "first", &e), 0);
		for (int is_looked_up = 0; is_looked_up < 2; is_looked_up++) {
			(void)names_add(engine.store->container_names_dirfd, "first", id);
			assert_int_equal(names_add(engine.store->container_names_dirfd, "second", id), 0);
			xreplace(&r->config.name, name);
			xreplace(&r->config.other_name, stale);
			assert_int_equal(record_save(r, &e), 0);
			if (is_looked_up) {
				record_drop_other(&engine, &r->config);
			} else {
				struct record *none = NULL;

				assert_int_equal(record_open(&none, &engine, stale, &e), -ERR_NO_SUCH);
			}
			assert_false(has_name(stale));
			assert_true(has_name(name));
			if (is_written)
				(void)names_remove(engine.store->container_names_dirfd, "second");
		}
		(void)names_add(engine.store->container_names_dirfd, name, id);
		assert_int_equal(record_remove(&engine, id, name, &e), 0);
		assert_false(has_name("first"));
		assert_false(has_name("second"));
		record_free(r);
	}
	(void)state;
}

static void test_writers_sweep(void **state)
{
	struct err e = { 0 };
	int root = engine.store->root_dirfd;
	autofree char *id = make("swept", true);

	(void)state;
	assert_int_equal(mkdirat(root, "tmp/999999999.1.00000000-dead", 0700), 0);
	free(make("quick", true));
	assert_true(file_exists_at(root, "tmp/999999999.1.00000000-dead"));
	assert_int_equal(record_remove(&engine, id, "swept", &e), 0);
	assert_false(file_exists_at(root, "tmp/999999999.1.00000000-dead"));
	assert_int_equal(mkdirat(root, "tmp/999999999.1.00000000-dead", 0700), 0);
	free(make("slow", false));
	assert_false(file_exists_at(root, "tmp/999999999.1.00000000-dead"));
}

static void test_remove_leaves_foreign_name(void **state)
{
	autofree char *a = make("left", true), *holder = NULL;
	struct ident other = ident_random();
	struct err e = { 0 };

	(void)state;
	assert_int_equal(names_set(engine.store->container_names_dirfd, "left", other.s, NULL), 0);
	assert_int_equal(record_remove(&engine, a, "left", &e), 0);
	assert_int_equal(names_get(engine.store->container_names_dirfd, "left", &holder), 0);
	assert_string_equal(holder, other.s);
}

static void test_generated_names_differ(void **state)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	struct err e = { 0 };

	(void)state;
	for (int i = 0; i < 40; i++)
		strv_add_take(&ids, make(NULL, true));
	for (size_t i = 0; i < ids.n; i++) {
		struct record *r = NULL;
		autofree char *by_name = NULL;

		assert_int_equal(record_open(&r, &engine, ids.v[i], &e), 0);
		assert_true(r->config.is_name_generated);
		assert_int_equal(record_find(&by_name, &engine, r->config.name, &e), 0);
		assert_string_equal(by_name, ids.v[i]);
		assert_int_equal(record_remove(&engine, ids.v[i], r->config.name, &e), 0);
		record_free(r);
	}
}

static void test_rename_and_lock(void **state)
{
	autofree char *id = make("old", true), *other = make("taken", true);
	struct record *r = NULL;
	struct err e = { 0 };
	int lock = -1, again = -1;

	(void)state;
	assert_int_equal(record_open(&r, &engine, "old", &e), 0);
	assert_int_equal(record_rename(&engine, r, "taken", &e), -EEXIST);
	assert_string_equal(r->config.name, "old");
	assert_int_equal(record_rename(&engine, r, "bad/name", &e), -EINVAL);
	assert_int_equal(record_rename(&engine, r, "new", &e), 0);
	assert_int_equal(record_lock(r, &lock, &e), 0);
	assert_int_equal(record_try_lock(r, &again), -EAGAIN);
	close(lock);
	assert_int_equal(record_try_lock(r, &again), 0);
	close(again);
	record_free(r);
	assert_int_equal(record_open(&r, &engine, "old", &e), -ERR_NO_SUCH);
	assert_int_equal(record_open(&r, &engine, "new", &e), 0);
	assert_int_equal(record_remove(&engine, id, "new", &e), 0);
	/* Who waited for the lock of a container that is gone now must not get it. */
	assert_int_equal(record_lock(r, &lock, &e), -ERR_NO_SUCH);
	record_free(r);
	assert_int_equal(record_remove(&engine, other, "taken", &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create_open_remove),
		cmocka_unit_test(test_name_in_use),
		cmocka_unit_test(test_stale_name_is_taken_over),
		cmocka_unit_test(test_lost_name_comes_back),
		cmocka_unit_test(test_second_name_is_taken_over),
		cmocka_unit_test(test_half_a_rename_leaves_nothing),
		cmocka_unit_test(test_writers_sweep),
		cmocka_unit_test(test_remove_leaves_foreign_name),
		cmocka_unit_test(test_generated_names_differ),
		cmocka_unit_test(test_rename_and_lock),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
