/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include "base/fd.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DIR_NAME "path.test"

static int make_root(void)
{
	int fd;

	file_remove_tree(AT_FDCWD, DIR_NAME);
	assert_int_equal(file_mkdirs(DIR_NAME "/root/etc", 0755), 0);
	assert_int_equal(file_mkdirs(DIR_NAME "/out", 0755), 0);
	assert_int_equal(file_write_at(AT_FDCWD, DIR_NAME "/out/secret", "s", 1, 0600, 0), 0);
	assert_int_equal(file_write_at(AT_FDCWD, DIR_NAME "/root/etc/passwd", "p", 1, 0600, 0), 0);
	fd = fd_opendir(DIR_NAME "/root");
	assert_true(fd >= 0);
	assert_int_equal(symlinkat("../out", fd, "up"), 0);
	assert_int_equal(symlinkat("/etc", fd, "inside"), 0);
	assert_int_equal(symlinkat("loop", fd, "loop"), 0);
	assert_int_equal(symlinkat("/nowhere", fd, "dangling"), 0);
	assert_int_equal(symlinkat("/proc/self/root/tmp", fd, "magic"), 0);
	return fd;
}

static void assert_text(int fd, char wanted)
{
	char c = 0;

	assert_true(fd >= 0);
	assert_int_equal(read(fd, &c, 1), 1);
	assert_int_equal(c, wanted);
	close(fd);
}

static void root_stays_inside(void **state)
{
	autoclose int root = make_root();

	(void)state;
	assert_text(root_open(root, "/etc/passwd", O_RDONLY), 'p');
	assert_text(root_open(root, "etc/passwd", O_RDONLY), 'p');
	assert_text(root_open(root, "inside/passwd", O_RDONLY), 'p');
	assert_text(root_open(root, "../../../etc/passwd", O_RDONLY), 'p');
	assert_int_equal(root_open(root, "up/secret", O_RDONLY), -ENOENT);
	assert_int_equal(root_open(root, "../out/secret", O_RDONLY), -ENOENT);
	assert_int_equal(root_open(root, "loop", O_RDONLY), -ELOOP);
	assert_int_equal(root_open(root, "magic", O_RDONLY), -ENOENT);
}

static void store_follows_nothing(void **state)
{
	autoclose int root = make_root();

	(void)state;
	assert_text(store_open_beneath(root, "etc/passwd", O_RDONLY), 'p');
	assert_int_equal(store_open_beneath(root, "inside/passwd", O_RDONLY), -ELOOP);
	assert_int_equal(store_open_beneath(root, "../out/secret", O_RDONLY), -EXDEV);
	assert_int_equal(store_open_beneath(root, "/etc/passwd", O_RDONLY), -EXDEV);
}

static void makes_directories_inside(void **state)
{
	autoclose int root = make_root();
	autoclose int fd = root_mkdirs(root, "inside/a//b/../c", 0755);
	autoclose int again = -1, none = -1;

	(void)state;
	assert_true(fd >= 0);
	assert_true(file_exists_at(root, "etc/a/c"));
	assert_false(file_exists_at(root, "etc/a/b"));
	again = root_mkdirs(root, "/", 0755);
	assert_true(again >= 0);
	assert_int_equal(root_mkdirs(root, "etc/passwd/x", 0755), -ENOTDIR);
	assert_int_equal(root_mkdirs(root, "loop/x", 0755), -ELOOP);
	/* What a dangling link points to is not made through it. */
	none = root_mkdirs(root, "dangling/x", 0755);
	assert_true(none < 0);
	assert_false(file_exists_at(root, "nowhere"));
	none = root_mkdirs(root, "up/x", 0755);
	assert_false(file_exists_at(AT_FDCWD, DIR_NAME "/out/x"));
}

static void parent_leaves_the_last_name(void **state)
{
	autoclose int root = make_root();
	autofree char *name = NULL, *other = NULL;
	autoclose int fd = root_parent(root, "/inside/passwd", false, 0, &name);

	(void)state;
	assert_true(fd >= 0);
	assert_string_equal(name, "passwd");
	assert_true(file_exists_at(fd, "passwd"));
	assert_int_equal(root_parent(root, "/none/x", false, 0, &other), -ENOENT);
	assert_null(other);
	fd_close(&fd);
	fd = root_parent(root, "none/deep/x", true, 0755, &other);
	assert_true(fd >= 0);
	assert_string_equal(other, "x");
	assert_true(file_exists_at(root, "none/deep"));
	assert_int_equal(file_remove_tree(AT_FDCWD, DIR_NAME), 0);
}

static void texts(void **state)
{
	static const char *const clean[][2] = {
		{ "", "." },
		{ "/", "/" },
		{ "//", "/" },
		{ "a/", "a" },
		{ "/a/./b//c/", "/a/b/c" },
		{ "a/../..", ".." },
		{ "/../a", "/a" },
		{ "../../a", "../../a" },
		{ ".", "." },
		{ "a/b/../../..", ".." },
		{ "/a/..", "/" },
	};
	static const char *const join[][3] = {
		{ "/a", "b", "/a/b" }, { "/a/", "b", "/a/b" }, { "/a", "/b", "/b" },
		{ "", "b", "b" },      { "a", "", "a" },       { "/", "b", "/b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(clean); i++) {
		autofree char *s = path_clean(clean[i][0]);

		assert_string_equal(s, clean[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(join); i++) {
		autofree char *s = path_join(join[i][0], join[i][1]);

		assert_string_equal(s, join[i][2]);
	}
	assert_string_equal(path_base("/a/b"), "b");
	assert_string_equal(path_base("b"), "b");
	assert_string_equal(path_base("/"), "");
}

static void below(void **state)
{
	autofree char *a = path_dir("/a/b"), *b = path_dir("a"), *c = path_dir("/a");

	(void)state;
	assert_string_equal(a, "/a");
	assert_string_equal(b, ".");
	assert_string_equal(c, "/");
	assert_true(path_is_below("/a/b", "/a"));
	assert_true(path_is_below("/a", "/a/"));
	assert_true(path_is_below("/x", "/"));
	assert_false(path_is_below("/ab", "/a"));
	assert_false(path_is_below("/a/../b", "/a"));
	assert_false(path_is_below("/a", "/a/b"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_stays_inside),
		cmocka_unit_test(store_follows_nothing),
		cmocka_unit_test(makes_directories_inside),
		cmocka_unit_test(parent_leaves_the_last_name),
		cmocka_unit_test(texts),
		cmocka_unit_test(below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
