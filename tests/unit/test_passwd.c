/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/passwd.h"

#include "base/fd.h"
#include "base/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char passwd[] = "# comment\n"
			     "root:x:0:0:root:/root:/bin/sh\n"
			     "app:x:1000:1001::/home/app:/bin/sh\n"
			     "1000:x:0:0::/:/bin/sh\n"
			     "99999999999:x:0:0::/:/bin/sh\n"
			     "broken:x:abc:0::/\n"
			     "wrap:x:4294967296:0::/\n"
			     "short:x:7\n"
			     "relative:x:8:8::home:/bin/sh\n"
			     "last:x:9:9::/nine:/bin/sh";
static const char group[] = "root:x:0:\n"
			    "app:x:1001:\n"
			    "g1:x:1100:foo,app\n"
			    "g2:x:1200:applet,xapp\n"
			    "g3:x:1300:app\n";

static int root_fd = -1;
static char root_dir[] = "/tmp/test_passwd.XXXXXX";

static void put(const char *name, const char *text)
{
	assert_int_equal(file_write_at(root_fd, name, text, strlen(text), 0644, 0), 0);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(root_dir));
	root_fd = fd_opendir(root_dir);
	assert_int_equal(mkdirat(root_fd, "etc", 0755), 0);
	put("etc/passwd", passwd);
	put("etc/group", group);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fd_close(&root_fd);
	return file_remove_tree(AT_FDCWD, root_dir);
}

static int resolve(struct passwd_user *u, const char *text, const char *extra, struct err *e)
{
	auto_of(strv_clear) struct strv list = { 0 };

	if (extra)
		strv_split(&list, extra, ',');
	return passwd_resolve(u, root_fd, text, &list, e);
}

static void check(const char *text, const char *extra, uid_t uid, gid_t gid, const char *home,
		  const char *groups)
{
	auto_of(passwd_user_clear) struct passwd_user u = { 0 };
	char got[128] = "";
	struct err e;

	assert_int_equal(resolve(&u, text, extra, &e), 0);
	for (size_t i = 0; i < u.groups_n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u", i ? "," : "",
			 u.groups[i]);
	assert_int_equal(u.uid, uid);
	assert_int_equal(u.gid, gid);
	assert_string_equal(u.home, home);
	assert_string_equal(got, groups);
}

static void test_names(void **state)
{
	(void)state;
	check("root", NULL, 0, 0, "/root", "0");
	check("app", NULL, 1000, 1001, "/home/app", "1001,1100,1300");
	check("app:", NULL, 1000, 1001, "/home/app", "1001,1100,1300");
	check("last", NULL, 9, 9, "/nine", "9");
	check("relative", NULL, 8, 8, "/", "8");
}

static void test_numbers_are_never_names(void **state)
{
	(void)state;
	check("1000", NULL, 1000, 1001, "/home/app", "1001,1100,1300");
	check("4242", NULL, 4242, 0, "/", "0");
	check("4294967294", NULL, 4294967294, 0, "/", "0");
	check("0", NULL, 0, 0, "/root", "0");
}

static void test_groups(void **state)
{
	(void)state;
	check("app:g1", NULL, 1000, 1100, "/home/app", "1100");
	check("app:77", NULL, 1000, 77, "/home/app", "77");
	check("app", "g2,5,1100", 1000, 1001, "/home/app", "1001,1100,1300,1200,5");
	check("1000:0", NULL, 1000, 0, "/home/app", "0");
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		int code;
	} cases[] = {
		{ "::", EINVAL },	  { ":", EINVAL },	  { "-1", EINVAL },	    { "+0", EINVAL },
		{ " 0", EINVAL },	  { "0 ", EINVAL },	    { "1:2:3", EINVAL },
		{ "app: ", EINVAL },	  { ":x:0", EINVAL },	    { "1000x", ENOENT },
		{ "4294967295", ERANGE }, { "4294967296", ERANGE }, { "99999999999", ERANGE },
		{ "app:99999999999", ERANGE }, { "app:nogroup", ENOENT }, { "nobody", ENOENT },
		{ "broken", ENOENT },	  { "wrap", ENOENT },	    { "short", ENOENT },
		{ "a\nb", EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_of(passwd_user_clear) struct passwd_user u = { .uid = 5 };
		struct err e;

		print_message("# '%s'\n", cases[i].text);
		assert_int_equal(resolve(&u, cases[i].text, NULL, &e), -cases[i].code);
		assert_int_equal(u.uid, 5);
	}
}

/* As in podman: nobody named is root. */
static void test_no_name(void **state)
{
	auto_of(passwd_user_clear) struct passwd_user u = { .uid = 5 };
	struct err e;

	(void)state;
	assert_int_equal(resolve(&u, "", NULL, &e), 0);
	assert_int_equal(u.uid, 0);
	assert_int_equal(resolve(&u, ":7", NULL, &e), 0);
	assert_int_equal(u.uid, 0);
	assert_int_equal(u.gid, 7);
}

static void test_given_ids(void **state)
{
	auto_of(passwd_user_clear) struct passwd_user u = { .uid = 1000, .gid = 3 };
	struct err e;

	(void)state;
	assert_int_equal(resolve(&u, NULL, NULL, &e), 0);
	assert_int_equal(u.gid, 3);
	assert_string_equal(u.home, "/home/app");
}

static void test_hostile_files(void **state)
{
	auto_of(passwd_user_clear) struct passwd_user u = { 0 };
	autoclose int fd = -1;
	struct err e;

	(void)state;
	unlinkat(root_fd, "etc/passwd", 0);
	check("root", NULL, 0, 0, "/root", "0");
	assert_int_equal(resolve(&u, "app", NULL, &e), -ENOENT);

	assert_int_equal(mkfifoat(root_fd, "etc/passwd", 0644), 0);
	assert_int_equal(resolve(&u, "root", NULL, &e), -EINVAL);
	unlinkat(root_fd, "etc/passwd", 0);

	/* A link stays inside the root: the host's file is not found. */
	assert_int_equal(symlinkat("/etc/hostname", root_fd, "etc/passwd"), 0);
	assert_int_equal(resolve(&u, "app", NULL, &e), -ENOENT);
	unlinkat(root_fd, "etc/passwd", 0);
	assert_int_equal(symlinkat("/proc/self/exe", root_fd, "etc/passwd"), 0);
	assert_int_equal(resolve(&u, "app", NULL, &e), -ENOENT);
	unlinkat(root_fd, "etc/passwd", 0);

	fd = fd_createat(root_fd, "etc/passwd", O_WRONLY, 0644);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 1 << 30), 0);
	assert_int_equal(resolve(&u, "root", NULL, &e), -EFBIG);
	unlinkat(root_fd, "etc/passwd", 0);
	put("etc/passwd", passwd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_numbers_are_never_names),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_name),
		cmocka_unit_test(test_given_ids),
		cmocka_unit_test(test_hostile_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
