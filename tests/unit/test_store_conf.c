/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/store_conf.h"

#include "base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int parse(struct store_conf *c, const char *text, struct err *e)
{
	return store_conf_parse(c, "storage.conf", text, strlen(text), e);
}

static void reads_what_counts(void **state)
{
	auto_of(store_conf_clear) struct store_conf c = { 0 };
	struct err e;

	(void)state;
	setenv("HOME", "/home/ann", 1);
	setenv("USER", "ann", 1);
	assert_int_equal(parse(&c, "[storage]\ndriver = \"overlay\"\n"
			       "runroot = \"/run/x\"\n"
			       "rootless_storage_path = \"/local/$USER/$HOME/s\"\n"
			       "[storage.options]\n[storage.options.overlay]\n"
			       "mount_program = \"/usr/bin/fuse-overlayfs\"\n"
			       "ignore_chown_errors = \"true\"\n", &e), 0);
	assert_string_equal(c.driver, "overlay");
	assert_string_equal(c.root, "/local/ann//home/ann/s");
	assert_true(strv_has(&c.opts, "overlay.mount_program=/usr/bin/fuse-overlayfs"));
	assert_true(strv_has(&c.opts, "overlay.ignore_chown_errors=true"));
}

static void comments_are_nothing(void **state)
{
	auto_of(store_conf_clear) struct store_conf c = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(parse(&c, "# driver = \"vfs\"\n[storage]\n#driver=\"vfs\"\n", &e), 0);
	assert_null(c.driver);
	assert_null(c.root);
	assert_int_equal(parse(&c, "[storage]\n  driver = \"\"\n", &e), 0);
	assert_null(c.driver);
}

static void names_the_file_of_a_mistake(void **state)
{
	auto_of(store_conf_clear) struct store_conf c = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(parse(&c, "[storage]\ndriver = overlay\n", &e), -EINVAL);
	assert_non_null(strstr(e.msg, "storage.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_counts),
		cmocka_unit_test(comments_are_nothing),
		cmocka_unit_test(names_the_file_of_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
