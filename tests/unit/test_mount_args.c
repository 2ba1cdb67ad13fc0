/* SPDX-License-Identifier: Apache-2.0 */
#include "container/mount_args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef int parse_fn(struct mount_args *out, const char *text, struct err *e);

static void assert_refused(parse_fn *parse, const char *text, const char *part)
{
	auto_of(mount_args_clear) struct mount_args a = { 0 };
	struct err e = { 0 };

	assert_int_equal(parse(&a, text, &e), -ERR_USAGE);
	assert_non_null(strstr(e.msg, text));
	assert_non_null(strstr(e.msg, part));
}

static void volumes(void **state)
{
	auto_of(mount_args_clear) struct mount_args a = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(mount_args_volume(&a, "/src:/dst/../to/:ro,rslave,U", &e), 0);
	assert_int_equal(a.v[0].type, MOUNT_ARG_BIND);
	assert_string_equal(a.v[0].source, "/src");
	assert_string_equal(a.v[0].target, "/to");
	assert_true(a.v[0].is_readonly);
	assert_true(a.v[0].is_chowned);
	assert_true(strv_has(&a.v[0].options, "rslave"));
	assert_int_equal(mount_args_volume(&a, "data:/d:nocopy", &e), 0);
	assert_int_equal(a.v[1].type, MOUNT_ARG_VOLUME);
	assert_string_equal(a.v[1].source, "data");
	assert_true(a.v[1].is_nocopy);
	assert_int_equal(mount_args_volume(&a, "/anonymous", &e), 0);
	assert_int_equal(a.v[2].type, MOUNT_ARG_VOLUME);
	assert_null(a.v[2].source);
	assert_ptr_equal(mount_args_at(&a, "/d"), &a.v[1]);
	assert_null(mount_args_at(&a, "/nowhere"));
}

static void relative_sources_become_absolute(void **state)
{
	auto_of(mount_args_clear) struct mount_args a = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(mount_args_volume(&a, "./x/../y:/d", &e), 0);
	assert_int_equal(a.v[0].source[0], '/');
	assert_string_equal(strrchr(a.v[0].source, '/'), "/y");
}

static void wrong_volumes(void **state)
{
	(void)state;
	assert_refused(mount_args_volume, "a:b:c:d", "incorrect volume format");
	assert_refused(mount_args_volume, "data:relative", "must be an absolute path");
	assert_refused(mount_args_volume, "/x:/", "cannot be '/'");
	assert_refused(mount_args_volume, "/x:/a/..", "cannot be '/'");
	assert_refused(mount_args_volume, "/x:/y:bogus", "bogus");
	assert_refused(mount_args_volume, "-bad:/y", "volume name");
	assert_refused(mount_args_volume, ":/y", "empty");
}

static void mounts(void **state)
{
	auto_of(mount_args_clear) struct mount_args a = { 0 };
	struct err e = { 0 };

	(void)state;
	/* The type counts wherever it stands, and the last of two keys. */
	assert_int_equal(mount_args_mount(&a, "source=/a,dst=/d,type=bind,ro=true,src=/b", &e), 0);
	assert_int_equal(a.v[0].type, MOUNT_ARG_BIND);
	assert_string_equal(a.v[0].source, "/b");
	assert_true(a.v[0].is_readonly);
	assert_int_equal(mount_args_mount(&a, "type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=700", &e), 0);
	assert_true(strv_has(&a.v[1].options, "size=1m"));
	assert_true(strv_has(&a.v[1].options, "mode=700"));
	assert_int_equal(mount_args_mount(&a, "target=/v,source=vol,subpath=in/it,readonly=false", &e), 0);
	assert_int_equal(a.v[2].type, MOUNT_ARG_VOLUME);
	assert_string_equal(a.v[2].subpath, "in/it");
	assert_false(a.v[2].is_readonly);
}

static void wrong_mounts(void **state)
{
	(void)state;
	assert_refused(mount_args_mount, "type=nfs,target=/x", "nfs");
	assert_refused(mount_args_mount, "type=bind,target=/x", "source=");
	assert_refused(mount_args_mount, "type=bind,source=/x", "target=");
	assert_refused(mount_args_mount, "type=bind,source=/x,target=/y,ro=maybe", "true or false");
	assert_refused(mount_args_mount, "type=bind,source=/x,target=/y,colour=red", "colour=red");
	assert_refused(mount_args_mount, "type=volume,source=/x,target=/y", "type=bind");
}

static void tmpfs(void **state)
{
	auto_of(mount_args_clear) struct mount_args a = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(mount_args_tmpfs(&a, "/t:size=64m,ro,noexec", &e), 0);
	assert_string_equal(a.v[0].target, "/t");
	assert_true(a.v[0].is_readonly);
	assert_true(strv_has(&a.v[0].options, "noexec"));
	mount_args_remove(&a, 0);
	assert_int_equal(a.n, 0);
	assert_refused(mount_args_tmpfs, "/t:volume", "volume");
	assert_refused(mount_args_tmpfs, "t", "must be an absolute path");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(volumes),
		cmocka_unit_test(relative_sources_become_absolute),
		cmocka_unit_test(wrong_volumes),
		cmocka_unit_test(mounts),
		cmocka_unit_test(wrong_mounts),
		cmocka_unit_test(tmpfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
