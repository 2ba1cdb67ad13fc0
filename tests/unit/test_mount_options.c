/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/mount_options.h"

#include "base/sys.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int parse(struct mount_options *o, const char *csv, bool is_bind)
{
	auto_of(strv_clear) struct strv list = { 0 };
	struct err e;

	strv_split(&list, csv, ',');
	return mount_options_parse(o, &list, is_bind, &e);
}

static void test_attributes(void **state)
{
	auto_of(mount_options_clear) struct mount_options o = { 0 };

	(void)state;
	assert_int_equal(parse(&o, "ro,nosuid,nodev,noexec", false), 0);
	assert_int_equal(o.attr_set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					     MOUNT_ATTR_NOEXEC);
	assert_int_equal(o.attr_clr, 0);
	assert_false(o.is_bind);
}

static void test_last_one_counts(void **state)
{
	auto_of(mount_options_clear) struct mount_options o = { 0 };

	(void)state;
	assert_int_equal(parse(&o, "ro,rw,rprivate,rshared", true), 0);
	assert_int_equal(o.attr_set, 0);
	assert_int_equal(o.attr_clr, MOUNT_ATTR_RDONLY);
	assert_int_equal(o.propagation, MS_SHARED);
	assert_true(o.is_propagation_recursive);
}

static void test_atime_is_a_field(void **state)
{
	auto_of(mount_options_clear) struct mount_options o = { 0 };

	(void)state;
	assert_int_equal(parse(&o, "noatime,strictatime", true), 0);
	assert_int_equal(o.attr_set, MOUNT_ATTR_STRICTATIME);
	assert_int_equal(o.attr_clr & MOUNT_ATTR__ATIME, MOUNT_ATTR__ATIME);
}

static void test_recursive_words(void **state)
{
	auto_of(mount_options_clear) struct mount_options o = { 0 };

	(void)state;
	assert_int_equal(parse(&o, "rbind,rro,rnosuid", false), 0);
	assert_true(o.is_bind);
	assert_true(o.is_recursive);
	assert_int_equal(o.tree_set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
	assert_int_equal(o.attr_set, 0);
}

static void test_data_and_idmap(void **state)
{
	auto_of(mount_options_clear) struct mount_options o = { 0 }, p = { 0 };

	(void)state;
	assert_int_equal(parse(&o, "size=64m,mode=1777,tmpcopyup,rw", false), 0);
	assert_int_equal(o.data.n, 2);
	assert_true(o.has_copy_up);
	assert_int_equal(parse(&p, "rbind,ridmap=uids=0-1-2;gids=3-4-5", true), 0);
	assert_true(p.has_idmap);
	assert_true(p.is_idmap_recursive);
	assert_string_equal(p.idmap, "uids=0-1-2;gids=3-4-5");
}

/* CVE-2024-9407: nothing that is not on the list gets to the kernel. */
static void test_refused(void **state)
{
	static const struct {
		const char *csv;
		bool is_bind;
	} cases[] = {
		{ "bogus", false },	   { "rbogus", true },	    { "size=1m", true },
		{ "rbind,size=1m", false }, { "source=/etc", false }, { "context=x", false },
		{ "privatex", true },	   { "idmapx", true },	    { "mode", false },
		{ "shared=1", true },	   { "ro=1", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_of(mount_options_clear) struct mount_options o = { 0 };

		print_message("# %s\n", cases[i].csv);
		assert_int_equal(parse(&o, cases[i].csv, cases[i].is_bind), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attributes),	cmocka_unit_test(test_last_one_counts),
		cmocka_unit_test(test_atime_is_a_field), cmocka_unit_test(test_recursive_words),
		cmocka_unit_test(test_data_and_idmap),	cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
