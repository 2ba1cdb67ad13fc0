/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "base/fd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DIR_NAME "file.test"

static int make_dir(void)
{
	int fd;

	assert_int_equal(file_remove_tree(AT_FDCWD, DIR_NAME), 0);
	assert_int_equal(mkdir(DIR_NAME, 0755), 0);
	fd = fd_opendir(DIR_NAME);
	assert_true(fd >= 0);
	return fd;
}

static void put(int dirfd, const char *name, const char *text)
{
	assert_int_equal(file_write_at(dirfd, name, text, strlen(text), 0644, 0), 0);
}

static void assert_content(int dirfd, const char *name, const char *wanted)
{
	autofree char *text = NULL;
	size_t len;

	assert_int_equal(file_read_at(dirfd, name, &text, &len, 1000), 0);
	assert_int_equal(len, strlen(wanted));
	assert_string_equal(text, wanted);
}

static void writes_and_reads(void **state)
{
	autoclose int dir = make_dir();
	auto_of(strv_clear) struct strv names = { 0 };
	autofree char *text = NULL;
	uint64_t bytes, inodes;
	struct stat st;

	(void)state;
	put(dir, "a", "one");
	put(dir, "a", "two");
	assert_content(dir, "a", "two");
	assert_int_equal(file_write_at(dir, "b", "", 0, 0600, FILE_SYNC | FILE_EXCL), 0);
	assert_content(dir, "b", "");
	assert_int_equal(fstatat(dir, "b", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(file_write_at(dir, "a", "three", 5, 0600, FILE_EXCL), -EEXIST);
	assert_int_equal(file_write_at(dir, "a", "three", 5, 0600, FILE_SYNC | FILE_EXCL),
			 -EEXIST);
	assert_int_equal(file_write_at(dir, "a", "2", 1, 0600, FILE_SYNC), 0);
	assert_content(dir, "a", "2");
	put(dir, "a", "two");
	assert_content(dir, "a", "two");
	assert_int_equal(mkdirat(dir, "sub", 0755), 0);
	put(dir, "sub/c", "deep");
	assert_content(dir, "sub/c", "deep");
	assert_int_equal(file_write_at(dir, "none/c", "x", 1, 0600, 0), -ENOENT);
	assert_int_equal(file_write_at(dir, "sub", "x", 1, 0600, 0), -EISDIR);
	assert_int_equal(file_read_at(dir, "a", &text, NULL, 2), -EFBIG);
	assert_int_equal(file_read_at(dir, "none", &text, NULL, 2), -ENOENT);
	assert_null(text);
	/* Failed writes leave nothing behind. */
	assert_int_equal(file_list_dir(dir, ".", &names, true), 0);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.v[2], "sub");
	assert_int_equal(file_tree_size(dir, ".", &bytes, &inodes), 0);
	assert_int_equal(inodes, 1 + 3 + 1);
}

/* The name never shows half a file, and of many who want a name one gets it. */
static void writers_race(void **state)
{
	autoclose int dir = make_dir();
	int winners = 0;

	(void)state;
	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			char text[3000];
			int r;

			memset(text, 'a' + i, sizeof(text));
			for (int k = 0; k < 50; k++)
				if (file_write_at(dir, "shared", text, sizeof(text), 0600, 0) < 0)
					_exit(3);
			r = file_write_at(dir, "name", text, 1, 0600, FILE_EXCL);
			_exit(r == 0 ? 0 : r == -EEXIST ? 1 : 2);
		}
	}
	for (int left = 8; left;) {
		autofree char *text = NULL;
		size_t len;
		int status;

		if (file_read_at(dir, "shared", &text, &len, 5000) == 0) {
			assert_int_equal(len, 3000);
			assert_int_equal(text[0], text[2999]);
		}
		if (waitpid(-1, &status, WNOHANG) <= 0)
			continue;
		left--;
		assert_true(WEXITSTATUS(status) < 2);
		winners += WEXITSTATUS(status) == 0;
	}
	assert_int_equal(winners, 1);
}

static void hides_temporary_files(void **state)
{
	autoclose int dir = make_dir();
	auto_of(strv_clear) struct strv names = { 0 };

	(void)state;
	put(dir, FILE_TMP_PREFIX "left-over", "x");
	put(dir, "b", "x");
	put(dir, "a", "x");
	put(dir, ".c", "x");
	assert_int_equal(file_list_dir(dir, ".", &names, true), 0);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.v[0], ".c");
	assert_string_equal(names.v[2], "b");
	assert_int_equal(file_list_dir(dir, "a", &names, true), -ENOTDIR);
	assert_int_equal(file_list_dir(dir, "none", &names, true), -ENOENT);
}

static void makes_directories(void **state)
{
	autoclose int dir = make_dir();

	(void)state;
	assert_int_equal(file_mkdirs(DIR_NAME "/a//b/c/", 0755), 0);
	assert_int_equal(file_mkdirs(DIR_NAME "/a/b/c", 0755), 0);
	assert_true(file_exists_at(dir, "a/b/c"));
	put(dir, "f", "x");
	assert_int_equal(file_mkdirs(DIR_NAME "/f", 0755), -ENOTDIR);
	assert_int_equal(file_mkdirs(DIR_NAME "/f/x", 0755), -ENOTDIR);
	/* The reason, not what follows from it. */
	if (geteuid() != 0) {
		assert_int_equal(chmod(DIR_NAME "/a/b", 0555), 0);
		assert_int_equal(file_mkdirs(DIR_NAME "/a/b/x/y/z", 0755), -EACCES);
		assert_int_equal(chmod(DIR_NAME "/a/b", 0755), 0);
	}
	assert_int_equal(file_mkdirs("/", 0755), 0);
}

static void reads_links(void **state)
{
	autoclose int dir = make_dir();
	autofree char *to = NULL;
	char target[2000];

	(void)state;
	memset(target, 'x', sizeof(target));
	target[1999] = 0;
	assert_int_equal(symlinkat(target, dir, "l"), 0);
	assert_int_equal(file_readlink_at(dir, "l", &to), 0);
	assert_string_equal(to, target);
	assert_int_equal(file_readlink_at(dir, ".", &to), -EINVAL);
	/* Of a link neither the mode nor what it leads to is changed. */
	assert_int_equal(file_chmod_at(dir, "l", 0700), -ELOOP);
	assert_int_equal(file_chmod_at(dir, "none", 0700), -ENOENT);
}

static void removes_without_following(void **state)
{
	autoclose int dir = make_dir();

	(void)state;
	assert_int_equal(file_mkdirs(DIR_NAME "/keep/in", 0755), 0);
	assert_int_equal(file_mkdirs(DIR_NAME "/tree/d/e", 0755), 0);
	put(dir, "keep/f", "x");
	put(dir, "tree/d/f", "x");
	assert_int_equal(symlinkat("../keep", dir, "tree/link"), 0);
	assert_int_equal(symlinkat("../../keep/f", dir, "tree/d/link"), 0);
	assert_int_equal(symlinkat("keep", dir, "link"), 0);
	assert_int_equal(mkfifoat(dir, "tree/fifo", 0600), 0);
	assert_int_equal(file_remove_tree(dir, "tree"), 0);
	assert_false(file_exists_at(dir, "tree"));
	/* A link is removed as such. */
	assert_int_equal(file_remove_tree(dir, "link"), 0);
	assert_content(dir, "keep/f", "x");
	assert_int_equal(file_remove_tree(dir, "keep/f"), 0);
	assert_int_equal(file_remove_tree(dir, "keep/in"), 0);
	assert_int_equal(file_remove_tree(dir, "keep"), 0);
	assert_int_equal(file_remove_tree(dir, "keep"), 0);
	assert_int_equal(file_remove_tree(dir, "none/x"), 0);
}

static void removes_what_has_no_permissions(void **state)
{
	autoclose int dir = make_dir();

	(void)state;
	assert_int_equal(file_mkdirs(DIR_NAME "/t/ro/sub", 0755), 0);
	assert_int_equal(file_mkdirs(DIR_NAME "/t/none/sub", 0755), 0);
	put(dir, "t/ro/f", "x");
	put(dir, "t/none/f", "x");
	put(dir, "t/none/sub/f", "x");
	assert_int_equal(fchmodat(dir, "t/none/sub", 0, 0), 0);
	assert_int_equal(fchmodat(dir, "t/none", 0, 0), 0);
	assert_int_equal(fchmodat(dir, "t/ro/sub", 0555, 0), 0);
	assert_int_equal(fchmodat(dir, "t/ro", 0555, 0), 0);
	assert_int_equal(fchmodat(dir, "t", 0555, 0), 0);
	assert_int_equal(file_remove_tree(dir, "t"), 0);
	assert_false(file_exists_at(dir, "t"));
}

/* Deeper than descriptors, than PATH_MAX, and than a careless stack. */
static void deep_trees(void **state)
{
	autoclose int dir = make_dir();
	autoclose int at = fd_openat(dir, ".", O_RDONLY | O_DIRECTORY);
	uint64_t bytes, inodes;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		int next;

		assert_int_equal(mkdirat(at, "deeper", 0755), 0);
		next = fd_openat(at, "deeper", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		if (i % 100 == 0)
			put(next, "f", "12345");
		if (i % 100 == 50)
			assert_int_equal(mkdirat(next, "zside", 0755), 0);
		fd_close(&at);
		at = next;
	}
	assert_int_equal(file_tree_size(AT_FDCWD, DIR_NAME, &bytes, &inodes), 0);
	assert_int_equal(bytes, 30 * 5);
	assert_int_equal(inodes, 1 + 3000 + 30 + 30);
	assert_int_equal(file_remove_tree(dir, "deeper"), 0);
	assert_false(file_exists_at(dir, "deeper"));
}

static void wide_trees(void **state)
{
	autoclose int dir = make_dir();
	uint64_t bytes, inodes;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		char name[64];

		snprintf(name, sizeof(name), "a-file-with-a-rather-long-name-%d", i);
		close(fd_createat(dir, name, O_WRONLY, 0600));
	}
	assert_int_equal(linkat(dir, "a-file-with-a-rather-long-name-1", dir, "again", 0), 0);
	assert_int_equal(file_tree_size(AT_FDCWD, DIR_NAME, &bytes, &inodes), 0);
	assert_int_equal(inodes, 3001);
	assert_int_equal(file_remove_tree(AT_FDCWD, DIR_NAME), 0);
	assert_false(file_exists_at(AT_FDCWD, DIR_NAME));
}

static void counts_links_once(void **state)
{
	autoclose int dir = make_dir();
	uint64_t bytes, inodes;

	(void)state;
	assert_int_equal(mkdirat(dir, "d", 0755), 0);
	for (int i = 0; i < 200; i++) {
		char name[16], other[16];

		snprintf(name, sizeof(name), "%d", i);
		snprintf(other, sizeof(other), "d/%d", i);
		put(dir, name, "1234567890");
		assert_int_equal(linkat(dir, name, dir, other, 0), 0);
	}
	assert_int_equal(symlinkat("abc", dir, "l"), 0);
	assert_int_equal(file_tree_size(AT_FDCWD, DIR_NAME, &bytes, &inodes), 0);
	assert_int_equal(bytes, 2003);
	assert_int_equal(inodes, 1 + 1 + 200 + 1);
	assert_int_equal(file_tree_size(dir, "l", &bytes, &inodes), -ENOTDIR);
}

static void copies_data(void **state)
{
	static const size_t sizes[] = { 0, 1, 4096, 1000000 };
	autoclose int dir = make_dir();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		autofree char *data = xmalloc(sizes[i]), *back = NULL;
		autoclose int in = -1, out = -1;
		size_t len;

		for (size_t k = 0; k < sizes[i]; k++)
			data[k] = k * 7 + k / 256;
		assert_int_equal(file_write_at(dir, "in", data, sizes[i], 0600, 0), 0);
		in = fd_openat(dir, "in", O_RDONLY);
		out = fd_createat(dir, "out", O_WRONLY | O_TRUNC, 0600);
		assert_int_equal(file_copy_data(in, out), 0);
		assert_int_equal(file_read_at(dir, "out", &back, &len, 1 << 20), 0);
		assert_int_equal(len, sizes[i]);
		assert_memory_equal(back, data, len);
	}
}

static void copies_from_what_is_no_file(void **state)
{
	autoclose int dir = make_dir();
	autoclose int in = fd_open("/proc/self/cmdline", O_RDONLY);
	autoclose int out = fd_createat(dir, "out", O_WRONLY, 0600);
	autofree char *back = NULL;
	int p[2];
	size_t len;

	(void)state;
	assert_int_equal(file_copy_data(in, out), 0);
	assert_int_equal(file_read_at(dir, "out", &back, &len, 10000), 0);
	assert_true(len > 0);
	assert_int_equal(fd_pipe(p), 0);
	assert_int_equal(write(p[1], "abc", 3), 3);
	close(p[1]);
	fd_close(&out);
	out = fd_createat(dir, "out", O_WRONLY | O_TRUNC, 0600);
	assert_int_equal(file_copy_data(p[0], out), 0);
	assert_content(dir, "out", "abc");
	close(p[0]);
	assert_int_equal(file_remove_tree(AT_FDCWD, DIR_NAME), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_and_reads),
		cmocka_unit_test(writers_race),
		cmocka_unit_test(hides_temporary_files),
		cmocka_unit_test(makes_directories),
		cmocka_unit_test(reads_links),
		cmocka_unit_test(removes_without_following),
		cmocka_unit_test(removes_what_has_no_permissions),
		cmocka_unit_test(deep_trees),
		cmocka_unit_test(wide_trees),
		cmocka_unit_test(counts_links_once),
		cmocka_unit_test(copies_data),
		cmocka_unit_test(copies_from_what_is_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
