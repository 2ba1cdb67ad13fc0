/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/idmap.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static const char full[] = "         0          0 4294967295\n";

static void plan_is(const char *visible_text, uint32_t own, const struct subid_range *v, size_t n,
		    const char *expected)
{
	auto_of(idmap_clear) struct idmap visible = { 0 };
	auto_of(idmap_clear) struct idmap m = { 0 };
	const struct subid_ranges ranges = { .v = (struct subid_range *)v, .n = n };
	autofree char *text = NULL;

	assert_int_equal(idmap_parse(&visible, visible_text), 0);
	idmap_plan(&m, own, &ranges, &visible);
	text = idmap_format(&m);
	assert_string_equal(text, expected);
	assert_int_equal(idmap_check(&m), 0);
}

static void parses_kernel_text(void **state)
{
	auto_of(idmap_clear) struct idmap m = { 0 };

	(void)state;
	assert_int_equal(idmap_parse(&m, "         0       1001          1\n"
					 "         1     100000      65536\n"), 0);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.v[1].inside, 1);
	assert_int_equal(m.v[1].outside, 100000);
	assert_int_equal(m.v[1].count, 65536);
	assert_int_equal(idmap_count(&m), 65537);
	assert_false(idmap_is_full(&m));
	assert_int_equal(idmap_parse(&m, full), 0);
	assert_true(idmap_is_full(&m));
	assert_int_equal(idmap_parse(&m, ""), 0);
	assert_int_equal(m.n, 0);
}

static void refuses_bad_maps(void **state)
{
	static const char *const bad[] = {
		"0", "0 1\n", "0 1 2 3\n", "a b c\n", "0 1 -1\n", "0 1 0\n", "0 4294967296 1\n",
		"0 4294967295 1\n", "0 1000 5\n4 2000 1\n", "0 1000 5\n5 1004 1\n",
	};
	auto_of(idmap_clear) struct idmap m = { 0 };

	(void)state;
	idmap_add(&m, 0, 7, 1);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(idmap_parse(&m, bad[i]), -EINVAL);
	/* Out-parameters are written on success only. */
	assert_int_equal(m.n, 1);
	assert_int_equal(m.v[0].outside, 7);
}

static void refuses_too_many_lines(void **state)
{
	auto_of(idmap_clear) struct idmap m = { 0 };
	auto_of(str_clear) struct str s = { 0 };

	(void)state;
	for (int i = 0; i < IDMAP_MAX; i++)
		str_addf(&s, "%d %d 1\n", i, 1000 + i);
	assert_int_equal(idmap_parse(&m, s.p), 0);
	str_addf(&s, "%d %d 1\n", IDMAP_MAX, 1000 + IDMAP_MAX);
	assert_int_equal(idmap_parse(&m, s.p), -EINVAL);
}

static void plans_own_id_first(void **state)
{
	static const struct subid_range one[] = { { 100000, 65536 } };
	static const struct subid_range two[] = { { 100000, 100 }, { 300000, 50 } };

	(void)state;
	plan_is(full, 1001, NULL, 0, "0 1001 1\n");
	plan_is(full, 1001, one, 1, "0 1001 1\n1 100000 65536\n");
	plan_is(full, 1001, two, 2, "0 1001 1\n1 100000 100\n101 300000 50\n");
}

static void leaves_overlaps_out(void **state)
{
	static const struct subid_range twice[] = { { 100000, 100 }, { 100000, 100 } };
	static const struct subid_range over[] = { { 100000, 100 }, { 99950, 200 } };
	static const struct subid_range own[] = { { 1000, 10 } };

	(void)state;
	plan_is(full, 1001, twice, 2, "0 1001 1\n1 100000 100\n");
	plan_is(full, 1001, over, 2, "0 1001 1\n1 100000 100\n101 99950 50\n151 100100 50\n");
	plan_is(full, 1001, own, 1, "0 1001 1\n1 1000 1\n2 1002 8\n");
}

static void keeps_to_visible_ids(void **state)
{
	static const struct subid_range high[] = { { 100000, 65536 }, { 60000, 10000 } };

	(void)state;
	/* A container with 65537 ids: what its subuid file says beyond does not exist. */
	plan_is("0 1001 1\n1 100000 65536\n", 1000, high, 2, "0 1000 1\n1 60000 5537\n");
	plan_is("0 1001 1\n", 0, high, 2, "0 0 1\n");
}

static void plans_all_visible_ids(void **state)
{
	auto_of(idmap_clear) struct idmap visible = { 0 };
	auto_of(idmap_clear) struct idmap m = { 0 };
	autofree char *text = NULL;

	(void)state;
	assert_int_equal(idmap_parse(&visible, "0 1001 1\n1 100000 65536\n"), 0);
	idmap_plan_visible(&m, 0, &visible);
	text = idmap_format(&m);
	assert_string_equal(text, "0 0 1\n1 1 65536\n");
}

static void compares(void **state)
{
	auto_of(idmap_clear) struct idmap a = { 0 };
	auto_of(idmap_clear) struct idmap b = { 0 };

	(void)state;
	idmap_add(&a, 0, 1001, 1);
	idmap_copy(&b, &a);
	assert_true(idmap_equal(&a, &b));
	idmap_add(&b, 1, 100000, 10);
	assert_false(idmap_equal(&a, &b));
	idmap_add(&a, 1, 100000, 11);
	assert_false(idmap_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_kernel_text),
		cmocka_unit_test(refuses_bad_maps),
		cmocka_unit_test(refuses_too_many_lines),
		cmocka_unit_test(plans_own_id_first),
		cmocka_unit_test(leaves_overlaps_out),
		cmocka_unit_test(keeps_to_visible_ids),
		cmocka_unit_test(plans_all_visible_ids),
		cmocka_unit_test(compares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
