/* SPDX-License-Identifier: Apache-2.0 */
#include "base/idmap.h"

#include "base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static const char full[] = "         0          0 4294967295\n";

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

static void looks_up_outside_ids(void **state)
{
	auto_of(idmap_clear) struct idmap m = { 0 };

	(void)state;
	assert_int_equal(idmap_outside(&m, 0), IDMAP_NONE);
	assert_int_equal(idmap_parse(&m, "0 1001 1\n5 100000 10\n"), 0);
	assert_int_equal(idmap_outside(&m, 0), 1001);
	assert_int_equal(idmap_outside(&m, 1), IDMAP_NONE);
	assert_int_equal(idmap_outside(&m, 5), 100000);
	assert_int_equal(idmap_outside(&m, 14), 100009);
	assert_int_equal(idmap_outside(&m, 15), IDMAP_NONE);
	/* A range of no ids is none. */
	idmap_add(&m, 20, 20, 0);
	assert_int_equal(m.n, 2);
}

static void owners_go_back_through_a_map(void **state)
{
	auto_of(idmap_clear) struct idmap m = { 0 }, back = { 0 };

	(void)state;
	assert_int_equal(idmap_parse(&m, "0 1 1000\n1000 0 1\n1001 1001 64536\n"), 0);
	assert_int_equal(idmap_inside(&m, 0), 1000);
	assert_int_equal(idmap_inside(&m, 1), 0);
	assert_int_equal(idmap_inside(&m, 70000), 70000);
	assert_int_equal(idmap_inside(NULL, 7), 7);
	idmap_invert(&back, &m);
	for (uint32_t id = 0; id < 1010; id++)
		assert_int_equal(idmap_outside(&back, idmap_outside(&m, id)), id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_kernel_text),
		cmocka_unit_test(refuses_bad_maps),
		cmocka_unit_test(refuses_too_many_lines),
		cmocka_unit_test(compares),
		cmocka_unit_test(looks_up_outside_ids),
		cmocka_unit_test(owners_go_back_through_a_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
