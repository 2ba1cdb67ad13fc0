/* SPDX-License-Identifier: Apache-2.0 */
#include "storage_fixture.h"

#include "storage/tar_out.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

static void raw_header(struct str *tar, char type, const char *name, uint64_t size)
{
	unsigned char b[TAR_BLOCK] = { 0 };
	unsigned int sum = 0;

	memcpy(b, name, strlen(name));
	snprintf((char *)b + 100, 8, "%07o", 0644);
	snprintf((char *)b + 108, 8, "%07o", geteuid());
	snprintf((char *)b + 116, 8, "%07o", getegid());
	snprintf((char *)b + 124, 12, "%011llo", (unsigned long long)size);
	snprintf((char *)b + 136, 12, "%011o", 0);
	b[156] = type;
	memcpy(b + 257, "ustar\00000", 8);
	memset(b + 148, ' ', 8);
	for (size_t i = 0; i < sizeof(b); i++)
		sum += b[i];
	snprintf((char *)b + 148, 8, "%06o", sum);
	str_addn(tar, b, sizeof(b));
}

static void padded(struct str *tar, const char *text, size_t len)
{
	static const char zeros[TAR_BLOCK];

	str_addn(tar, text, len);
	str_addn(tar, zeros, -len % TAR_BLOCK);
}

static void chmod_dir(int dirfd, const char *name, mode_t mode)
{
	assert_int_equal(fchmodat(dirfd, name, mode, 0), 0);
}

static void unpacks_all_kinds(void **state)
{
	/* Pieces of every awkward size: headers and data are split anywhere. */
	static const size_t steps[] = { 0, 1, 7, 511, 512, 513, 4096 };
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 };
	autofree char *link = NULL, *big = xmalloc(100001);
	struct stat st, other;
	struct err e = { 0 };

	memset(big, 'x', 100000);
	big[100000] = 0;
	fixture_add(&tar, '5', "etc", NULL, NULL);
	fixture_add(&tar, '0', "etc/hosts", NULL, "localhost\n");
	fixture_add(&tar, '0', "implied/dir/file", NULL, big);
	fixture_add(&tar, '0', "empty", NULL, NULL);
	fixture_add(&tar, '2', "etc/link", "../empty", NULL);
	fixture_add(&tar, '1', "hard", "etc/hosts", NULL);
	fixture_add(&tar, '6', "fifo", NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		assert_int_equal(fixture_unpack(f, &tar, steps[i], &e), 0);
		assert_int_equal(fstatat(f->out_dirfd, "etc", &st, 0), 0);
		assert_int_equal(st.st_mtim.tv_sec, 1000000000);
		assert_int_equal(st.st_mode & 07777, 0644);
		/* As its owner we could not look into it. */
		chmod_dir(f->out_dirfd, "etc", 0755);
		fixture_expect(f->out_dirfd, "etc/hosts", "localhost\n");
		fixture_expect(f->out_dirfd, "implied/dir/file", big);
		fixture_expect(f->out_dirfd, "empty", "");
		assert_int_equal(file_readlink_at(f->out_dirfd, "etc/link", &link), 0);
		assert_string_equal(link, "../empty");
		free(steal_ptr(&link));
		assert_int_equal(fstatat(f->out_dirfd, "hard", &st, 0), 0);
		assert_int_equal(fstatat(f->out_dirfd, "etc/hosts", &other, 0), 0);
		assert_int_equal(st.st_ino, other.st_ino);
		assert_int_equal(st.st_mtim.tv_sec, 1000000000);
	}
}

static void modes_and_setuid(void **state)
{
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 };
	struct tar_writer w = { .write = fixture_append, .arg = &tar };
	struct tar_writer_entry n = { .type = '0', .path = "su", .mode = 06777, .uid = geteuid(),
				      .gid = getegid() };
	struct stat st;
	struct err e = { 0 };
	mode_t old = umask(077);

	assert_int_equal(tar_writer_add(&w, &n, &e), 0);
	n = (struct tar_writer_entry){ .type = '5', .path = "none", .mode = 0, .uid = geteuid(),
				       .gid = getegid() };
	assert_int_equal(tar_writer_add(&w, &n, &e), 0);
	n = (struct tar_writer_entry){ .type = '5', .path = "sticky", .mode = 03777,
				       .uid = geteuid(), .gid = getegid() };
	assert_int_equal(tar_writer_add(&w, &n, &e), 0);
	fixture_add(&tar, '0', "a/b/c", NULL, "x");
	tar_writer_clear(&w);
	assert_int_equal(fixture_unpack(f, &tar, 0, &e), 0);
	umask(old);
	assert_int_equal(fstatat(f->out_dirfd, "su", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 06777);
	assert_int_equal(fstatat(f->out_dirfd, "none", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0);
	assert_int_equal(fstatat(f->out_dirfd, "sticky", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 03777);
	/* Not in the archive, so not the umask's business. */
	assert_int_equal(fstatat(f->out_dirfd, "a/b", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void whiteouts(void **state)
{
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 };
	struct stat st;
	struct err e = { 0 };
	char value[4];

	fixture_add(&tar, '0', "etc/.wh.gone", NULL, NULL);
	fixture_add(&tar, '0', "opq/.wh..wh..opq", NULL, NULL);
	fixture_add(&tar, '0', ".wh..wh.plnk", NULL, "aufs");
	/* A directory that replaces one below hides it, in either order. */
	fixture_add(&tar, '0', ".wh.a", NULL, NULL);
	fixture_add(&tar, '5', "a", NULL, NULL);
	fixture_add(&tar, '5', "b", NULL, NULL);
	fixture_add(&tar, '0', ".wh.b", NULL, NULL);
	fixture_add(&tar, '0', ".wh.c", NULL, NULL);
	fixture_add(&tar, '0', "c", NULL, "new");
	assert_int_equal(fixture_unpack(f, &tar, 0, &e), 0);
	assert_int_equal(fstatat(f->out_dirfd, "etc/gone", &st, 0), 0);
	assert_true(S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0));
	assert_false(file_exists_at(f->out_dirfd, ".wh..wh.plnk"));
	assert_false(file_exists_at(f->out_dirfd, "opq/.wh..wh..opq"));
	fixture_expect(f->out_dirfd, "c", "new");
	for (const char *const *p = (const char *const[]){ "opq", "a", "b", NULL }; *p; p++) {
		autoclose int fd = fd_openat(f->out_dirfd, *p, O_RDONLY | O_DIRECTORY);

		assert_int_equal(fgetxattr(fd, "user.overlay.opaque", value, sizeof(value)), 1);
		assert_int_equal(value[0], 'y');
	}
}

static void refuses(struct fixture *f, const struct str *tar, int code)
{
	struct err e = { 0 };
	int r = fixture_unpack(f, tar, 0, &e);

	assert_int_equal(r, -code);
	assert_int_equal(e.code, code);
	assert_true(e.msg[0]);
}

static void refuses_hostile_names(void **state)
{
	static const char *const names[] = { "../x", "a/../x", "/etc/x", "..", "a/b/..", "//x",
					     ".wh.", ".wh..", ".wh...", "a/.wh.b/c" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		auto_of(str_clear) struct str tar = { 0 };

		raw_header(&tar, '0', names[i], 0);
		refuses(f, &tar, EINVAL);
	}
	autofree char *outside = xasprintf("%s/x", f->dir);
	assert_int_not_equal(access(outside, F_OK), 0);
}

static void refuses_hostile_links(void **state)
{
	static const char *const targets[] = { "../../etc/passwd", "/etc/passwd", "a/../../x" };
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 };
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		auto_of(str_clear) struct str one = { 0 };

		fixture_add(&one, '1', "x", targets[i], NULL);
		refuses(f, &one, EINVAL);
	}
	/* A hard link to a symbolic link is one more name of the link. */
	fixture_add(&tar, '2', "s", "/etc/passwd", NULL);
	fixture_add(&tar, '1', "h", "s", NULL);
	struct err e = { 0 };
	assert_int_equal(fixture_unpack(f, &tar, 0, &e), 0);
	assert_int_equal(fstatat(f->out_dirfd, "h", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void never_writes_through_a_link(void **state)
{
	struct fixture *f = *state;
	autofree char *victim = xasprintf("%s/victim", f->dir);
	auto_of(str_clear) struct str tar = { 0 }, over = { 0 };
	struct err e = { 0 };

	assert_int_equal(mkdir(victim, 0755), 0);
	fixture_add(&tar, '2', "out", victim, NULL);
	fixture_add(&tar, '0', "out/x", NULL, "bad");
	(void)fixture_unpack(f, &tar, 0, &e);
	autofree char *x = xasprintf("%s/x", victim);
	assert_int_not_equal(access(x, F_OK), 0);
	/* The last component: the link itself is replaced. */
	autofree char *file = xasprintf("%s/file", f->dir);
	assert_int_equal(file_write_at(AT_FDCWD, file, "good", 4, 0644, 0), 0);
	fixture_add(&over, '2', "f", file, NULL);
	fixture_add(&over, '0', "f", NULL, "bad");
	fixture_add(&over, '2', "d", victim, NULL);
	fixture_add(&over, '5', "d", NULL, NULL);
	assert_int_equal(fixture_unpack(f, &over, 0, &e), 0);
	fixture_expect(AT_FDCWD, file, "good");
	fixture_expect(f->out_dirfd, "f", "bad");
	struct stat st;
	assert_int_equal(fstatat(f->out_dirfd, "d", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISDIR(st.st_mode));
	/* Modes of directories are set at the end: a link in its place must not be followed. */
	auto_of(str_clear) struct str swap = { 0 };
	fixture_add(&swap, '5', "e", NULL, NULL);
	fixture_add(&swap, '2', "e", victim, NULL);
	assert_int_equal(fixture_unpack(f, &swap, 0, &e), 0);
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

static void stays_inside_where_links_are_followed(void **state)
{
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 };
	struct err e = { 0 };

	fixture_add(&tar, '5', "usr/lib", NULL, NULL);
	fixture_add(&tar, '2', "lib", "usr/lib", NULL);
	fixture_add(&tar, '0', "lib/x", NULL, "in usr");
	assert_int_equal(fixture_unpack(f, &tar, 0, &e), 0);
	chmod_dir(f->out_dirfd, "usr/lib", 0755);
	fixture_expect(f->out_dirfd, "usr/lib/x", "in usr");
}

static void refuses_what_is_cut_or_damaged(void **state)
{
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 };

	fixture_add(&tar, '0', "file", NULL, "some text that is longer than nothing");
	str_cut(&tar, TAR_BLOCK + 5);
	refuses(f, &tar, EBADMSG);
	str_cut(&tar, 100);
	refuses(f, &tar, EBADMSG);
	str_clear(&tar);
	raw_header(&tar, '0', "file", 0);
	tar.p[20] = 'X';
	refuses(f, &tar, EBADMSG);
	str_clear(&tar);
	raw_header(&tar, 'M', "volumes", 0);
	refuses(f, &tar, ENOTSUP);
}

static void refuses_bombs(void **state)
{
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 }, deep = { 0 }, meta = { 0 };
	struct err e = { 0 };

	for (int i = 0; i < 300; i++)
		str_add(&deep, "d/");
	str_add(&deep, "x");
	fixture_add(&tar, '0', deep.p, NULL, "x");
	refuses(f, &tar, EINVAL);
	raw_header(&meta, 'L', "x", UINT64_C(1) << 30);
	refuses(f, &meta, E2BIG);
	str_clear(&meta);
	struct tar_extract_args args = { .dirfd = f->out_dirfd, .max_bytes = 10, .max_entries = 2 };
	auto_of(tar_extract_free) struct tar_extract *x = NULL;
	fixture_add(&meta, '0', "a", NULL, "12345");
	fixture_add(&meta, '0', "b", NULL, "123456");
	assert_int_equal(tar_extract_new(&x, &args, &e), 0);
	assert_int_equal(tar_extract_write(x, meta.p, meta.len, &e), -ENOSPC);
	tar_extract_free(steal_ptr(&x));
	str_clear(&meta);
	for (int i = 0; i < 3; i++)
		fixture_add(&meta, '0', "a", NULL, "1");
	assert_int_equal(tar_extract_new(&x, &args, &e), 0);
	assert_int_equal(tar_extract_write(x, meta.p, meta.len, &e), -E2BIG);
}

static void long_names(void **state)
{
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 }, name = { 0 };
	struct err e = { 0 };

	for (int i = 0; i < 20; i++)
		str_add(&name, "a-directory-name-of-some-length/");
	str_add(&name, "file");
	fixture_add(&tar, '0', name.p, NULL, "pax");
	fixture_add(&tar, '2', "link", name.p, NULL);
	assert_int_equal(fixture_unpack(f, &tar, 1, &e), 0);
	fixture_expect(f->out_dirfd, name.p, "pax");
	fixture_expect(f->out_dirfd, "link", "pax");
	/* The same in GNU's way. */
	str_clear(&tar);
	str_add(&name, "-gnu");
	raw_header(&tar, 'L', "././@LongLink", name.len + 1);
	padded(&tar, name.p, name.len + 1);
	raw_header(&tar, '0', "cut-short", 3);
	padded(&tar, "gnu", 3);
	assert_int_equal(fixture_unpack(f, &tar, 100, &e), 0);
	fixture_expect(f->out_dirfd, name.p, "gnu");
}

static void sparse_files(void **state)
{
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 };
	static const char v01[] = "22 GNU.sparse.major=0\n" "22 GNU.sparse.minor=1\n"
				  "24 GNU.sparse.name=sp01\n" "24 GNU.sparse.size=1000\n"
				  "28 GNU.sparse.map=0,2,998,2\n";
	static const char v10[] = "22 GNU.sparse.major=1\n" "22 GNU.sparse.minor=0\n"
				  "24 GNU.sparse.name=sp10\n" "28 GNU.sparse.realsize=1000\n";
	char body[TAR_BLOCK + 4] = "2\n0\n2\n998\n2\n";
	autofree char *have = NULL;
	struct err e = { 0 };
	size_t len;

	raw_header(&tar, 'x', "x", sizeof(v01) - 1);
	padded(&tar, v01, sizeof(v01) - 1);
	raw_header(&tar, '0', "GNUSparseFile.0/sp01", 4);
	padded(&tar, "abyz", 4);
	raw_header(&tar, 'x', "x", sizeof(v10) - 1);
	padded(&tar, v10, sizeof(v10) - 1);
	memcpy(body + TAR_BLOCK, "abyz", 4);
	raw_header(&tar, '0', "GNUSparseFile.0/sp10", sizeof(body));
	padded(&tar, body, sizeof(body));
	fixture_add(&tar, '0', "after", NULL, "ok");
	for (size_t step = 0; step < 3; step++) {
		assert_int_equal(fixture_unpack(f, &tar, step * 100, &e), 0);
		for (int i = 0; i < 2; i++) {
			assert_int_equal(file_read_at(f->out_dirfd, i ? "sp10" : "sp01", &have,
						      &len, 4096), 0);
			assert_int_equal(len, 1000);
			assert_memory_equal(have, "ab\0", 3);
			assert_memory_equal(have + 997, "\0yz", 3);
			free(steal_ptr(&have));
		}
		fixture_expect(f->out_dirfd, "after", "ok");
	}
}

static void keeps_attributes_but_not_orders(void **state)
{
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 };
	struct tar_xattr xattrs[] = { { (char *)"user.good", (void *)"v", 1 },
				      { (char *)"user.overlay.redirect", (void *)"/etc", 4 },
				      { (char *)"user.rootlet.owner", (void *)"0:0", 3 },
				      { (char *)"trusted.overlay.opaque", (void *)"y", 1 } };
	struct tar_writer_entry n = { .type = '0', .path = "f", .mode = 0644, .xattrs = xattrs,
				      .xattr_n = ARRAY_SIZE(xattrs), .uid = geteuid(),
				      .gid = getegid() };
	struct tar_writer w = { .write = fixture_append, .arg = &tar };
	autoclose int fd = -1;
	struct err e = { 0 };
	char list[512];
	ssize_t len;

	assert_int_equal(tar_writer_add(&w, &n, &e), 0);
	tar_writer_clear(&w);
	assert_int_equal(fixture_unpack(f, &tar, 0, &e), 0);
	fd = fd_openat(f->out_dirfd, "f", O_RDONLY);
	assert_true(fd >= 0);
	len = flistxattr(fd, list, sizeof(list));
	assert_int_equal(len, sizeof("user.good"));
	assert_string_equal(list, "user.good");
}

static void leaves_devices_out(void **state)
{
	struct fixture *f = *state;
	struct tar_extract_args args = { .dirfd = f->out_dirfd, .is_layer = true };
	auto_of(tar_extract_free) struct tar_extract *x = NULL;
	auto_of(str_clear) struct str tar = { 0 };
	struct err e = { 0 };

	fixture_add(&tar, '3', "dev/null", NULL, NULL);
	fixture_add(&tar, '1', "dev/null2", "dev/null", NULL);
	fixture_add(&tar, '0', "after", NULL, "ok");
	assert_int_equal(tar_extract_new(&x, &args, &e), 0);
	assert_int_equal(tar_extract_write(x, tar.p, tar.len, &e), 0);
	assert_int_equal(tar_extract_finish(x, &e), 0);
	assert_int_equal(tar_extract_stats(x)->devices_skipped, 2);
	assert_string_equal(tar_extract_stats(x)->device_names.v[0], "dev/null");
	assert_false(file_exists_at(f->out_dirfd, "dev/null"));
	fixture_expect(f->out_dirfd, "after", "ok");
}

static void packs_what_it_unpacked(void **state)
{
	struct fixture *f = *state;
	auto_of(str_clear) struct str tar = { 0 }, again = { 0 };
	struct tar_writer w = { .write = fixture_append, .arg = &again };
	struct tar_out_args args = { .has_whiteouts = true };
	autoclose int dirfd = -1;
	struct err e = { 0 };

	fixture_add(&tar, '5', "d", NULL, NULL);
	fixture_add(&tar, '0', "d/.wh..wh..opq", NULL, NULL);
	fixture_add(&tar, '0', "d/.wh.gone", NULL, NULL);
	fixture_add(&tar, '0', "d/a", NULL, "text");
	fixture_add(&tar, '1', "d/b", "d/a", NULL);
	fixture_add(&tar, '2', "d/c", "a", NULL);
	assert_int_equal(fixture_unpack(f, &tar, 0, &e), 0);
	args.dirfd = f->out_dirfd;
	args.name = "d";
	chmod_dir(f->out_dirfd, "d", 0755);
	assert_int_equal(tar_out(&w, &args, &e), 0);
	tar_writer_clear(&w);
	/* Unpacked into a second place it is the same tree. */
	assert_int_equal(mkdirat(f->out_dirfd, "second", 0755), 0);
	dirfd = fd_openat(f->out_dirfd, "second", O_RDONLY | O_DIRECTORY);
	int first = f->out_dirfd;
	f->out_dirfd = dirfd;
	assert_int_equal(fixture_unpack(f, &again, 0, &e), 0);
	f->out_dirfd = first;
	fixture_expect(dirfd, "d/b", "text");
	struct stat a, b;
	assert_int_equal(fstatat(dirfd, "d/a", &a, 0), 0);
	assert_int_equal(fstatat(dirfd, "d/b", &b, 0), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(fstatat(dirfd, "d/gone", &a, 0), 0);
	assert_true(S_ISCHR(a.st_mode));
	assert_int_equal(fstatat(dirfd, "d/c", &a, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(a.st_mtim.tv_sec, 1000000000);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(unpacks_all_kinds),
		T(modes_and_setuid),
		T(whiteouts),
		T(refuses_hostile_names),
		T(refuses_hostile_links),
		T(never_writes_through_a_link),
		T(stays_inside_where_links_are_followed),
		T(refuses_what_is_cut_or_damaged),
		T(refuses_bombs),
		T(long_names),
		T(sparse_files),
		T(keeps_attributes_but_not_orders),
		T(leaves_devices_out),
		T(packs_what_it_unpacked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
