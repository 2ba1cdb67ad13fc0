/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/session_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char full[] = "         0          0 4294967295\n";

static void plan_is(const char *visible_text, uint32_t own, const struct subid_range *v, size_t n,
		    const char *expected)
{
	auto_of(idmap_clear) struct idmap visible = { 0 };
	auto_of(idmap_clear) struct idmap m = { 0 };
	const struct subid_ranges ranges = { .v = (struct subid_range *)v, .n = n };
	autofree char *text = NULL;

	assert_int_equal(idmap_parse(&visible, visible_text), 0);
	session_map_plan(&m, own, &ranges, &visible);
	text = idmap_format(&m);
	assert_string_equal(text, expected);
	assert_int_equal(idmap_check(&m), 0);
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
	session_map_plan_visible(&m, 0, &visible);
	text = idmap_format(&m);
	assert_string_equal(text, "0 0 1\n1 1 65536\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans_own_id_first),
		cmocka_unit_test(leaves_overlaps_out),
		cmocka_unit_test(keeps_to_visible_ids),
		cmocka_unit_test(plans_all_visible_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
