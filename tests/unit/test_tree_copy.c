/* SPDX-License-Identifier: Apache-2.0 */
#include "storage_fixture.h"

#include "storage/tree_copy.h"
#include "storage/whiteout.h"

static int make_dir(struct fixture *f, const char *name)
{
	int fd;

	assert_int_equal(mkdirat(f->out_dirfd, name, 0755), 0);
	fd = fd_openat(f->out_dirfd, name, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	return fd;
}

static void put(int dirfd, const char *name, const char *text)
{
	assert_int_equal(file_write_at(dirfd, name, text, strlen(text), 0640, 0), 0);
}

static void copy(int src, int dst, bool over)
{
	struct tree_copy_args args = { .src_dirfd = src, .dst_dirfd = dst, .is_layer_over = over };
	struct err e;

	assert_int_equal(tree_copy(&args, &e), 0);
}

static void copies_everything(void **state)
{
	struct fixture *f = *state;
	autoclose int src = make_dir(f, "src"), dst = make_dir(f, "dst");
	autofree char *link = NULL;
	struct stat a, b;

	assert_int_equal(mkdirat(src, "d", 0755), 0);
	put(src, "d/file", "text");
	assert_int_equal(fchmodat(src, "d/file", 04711, 0), 0);
	assert_int_equal(linkat(src, "d/file", src, "hard", 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", src, "link"), 0);
	assert_int_equal(whiteout_make(src, "gone"), 0);
	copy(src, dst, false);
	fixture_expect(dst, "d/file", "text");
	assert_int_equal(fstatat(dst, "d/file", &a, 0), 0);
	assert_int_equal(fstatat(dst, "hard", &b, 0), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(a.st_mode & 07777, 04711);
	assert_int_equal(file_readlink_at(dst, "link", &link), 0);
	assert_string_equal(link, "/etc/passwd");
	assert_int_equal(fstatat(dst, "gone", &b, 0), 0);
	assert_true(whiteout_is_node(&b));
}

/* Heads: the content is the source's own, the rest is there; an empty file needs no content. */
static void links_content(void **state)
{
	struct fixture *f = *state;
	autoclose int src = make_dir(f, "src"), dst = make_dir(f, "dst"), data = make_dir(f, "data");
	struct tree_copy_args args = { .src_dirfd = src, .dst_dirfd = dst, .data_prefix = "p.",
				       .data_dirfd = data };
	auto_of(strv_clear) struct strv names = { 0 };
	struct stat a, b, c;
	struct err e;

	assert_int_equal(mkdirat(src, "d", 0755), 0);
	put(src, "d/file", "text");
	put(src, "empty", "");
	assert_int_equal(linkat(src, "d/file", src, "hard", 0), 0);
	assert_int_equal(fchmodat(src, "d/file", 04711, 0), 0);
	assert_int_equal(tree_copy(&args, &e), 0);
	assert_int_equal(file_list_dir(data, ".", &names, true), 0);
	assert_int_equal(names.n, 1);
	assert_string_equal(names.v[0], "p.0");
	assert_int_equal(fstatat(src, "d/file", &a, 0), 0);
	assert_int_equal(fstatat(data, "p.0", &b, 0), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(fstatat(dst, "d/file", &b, 0), 0);
	assert_int_not_equal(a.st_ino, b.st_ino);
	assert_int_equal(b.st_size, 4);
	assert_int_equal(b.st_blocks, 0);
	assert_int_equal(b.st_mode & 07777, 04711);
	assert_int_equal(b.st_nlink, 2);
	assert_int_equal(fstatat(dst, "hard", &c, 0), 0);
	assert_int_equal(b.st_ino, c.st_ino);
	assert_int_equal(fstatat(dst, "empty", &c, 0), 0);
	assert_int_equal(c.st_size, 0);
}

static void merges_a_layer(void **state)
{
	struct fixture *f = *state;
	autoclose int low = make_dir(f, "low"), top = make_dir(f, "top"), dst = make_dir(f, "dst");
	autoclose int opaque = -1;
	autofree char *victim = xasprintf("%s/victim", f->dir);
	struct stat st;

	put(low, "kept", "low");
	put(low, "gone", "low");
	put(low, "gone2", "low");
	put(low, "changed", "low");
	assert_int_equal(mkdirat(low, "hidden", 0755), 0);
	put(low, "hidden/old", "low");
	/* A lower link must not be written through. */
	assert_int_equal(mkdir(victim, 0755), 0);
	assert_int_equal(symlinkat(victim, low, "link"), 0);
	assert_int_equal(whiteout_make(top, "gone"), 0);
	put(top, ".wh.gone2", "");
	put(top, "changed", "top");
	assert_int_equal(mkdirat(top, "hidden", 0755), 0);
	put(top, "hidden/new", "top");
	opaque = fd_openat(top, "hidden", O_RDONLY | O_DIRECTORY);
	assert_int_equal(whiteout_set_opaque(opaque), 0);
	assert_true(whiteout_is_opaque(opaque));
	assert_int_equal(mkdirat(top, "link", 0755), 0);
	put(top, "link/x", "top");
	copy(low, dst, true);
	copy(top, dst, true);
	fixture_expect(dst, "kept", "low");
	fixture_expect(dst, "changed", "top");
	fixture_expect(dst, "hidden/new", "top");
	fixture_expect(dst, "link/x", "top");
	assert_false(file_exists_at(dst, "hidden/old"));
	assert_int_equal(fstatat(dst, "gone", &st, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(fstatat(dst, "gone2", &st, AT_SYMLINK_NOFOLLOW), -1);
	assert_int_equal(fstatat(dst, ".wh.gone2", &st, AT_SYMLINK_NOFOLLOW), -1);
	autofree char *x = xasprintf("%s/x", victim);
	assert_int_not_equal(access(x, F_OK), 0);
}

static void maps_ids(void **state)
{
	struct idmap_line lines[] = { { 0, 1, 1000 }, { 1000, 0, 1 }, { 1001, 1001, 64000 } };
	struct idmap_line one[] = { { 5, 6, 1 } };
	const struct idmap m = { lines, ARRAY_SIZE(lines) }, narrow = { one, 1 }, none = { 0 };

	(void)state;
	assert_int_equal(tree_copy_map_id(&none, 7), 7);
	assert_int_equal(tree_copy_map_id(NULL, 7), 7);
	assert_int_equal(tree_copy_map_id(&m, 0), 1);
	assert_int_equal(tree_copy_map_id(&m, 999), 1000);
	assert_int_equal(tree_copy_map_id(&m, 1000), 0);
	assert_int_equal(tree_copy_map_id(&m, 1001), 1001);
	assert_int_equal(tree_copy_map_id(&m, 65000), 65000);
	/* Not in the map: as nobody, or as root where there is no nobody. */
	assert_int_equal(tree_copy_map_id(&m, 4000000000u), 1);
	assert_int_equal(tree_copy_map_id(&narrow, 4), 0);
}

static void names_of_whiteouts(void **state)
{
	(void)state;
	assert_null(whiteout_hides("file"));
	assert_string_equal(whiteout_hides(".wh.file"), "file");
	assert_string_equal(whiteout_hides(".wh..wh..opq"), "");
	assert_string_equal(whiteout_hides(".wh..opq"), "");
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(copies_everything),
		T(links_content),
		T(merges_a_layer),
		cmocka_unit_test(maps_ids),
		cmocka_unit_test(names_of_whiteouts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
