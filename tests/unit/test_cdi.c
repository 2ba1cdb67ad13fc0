/* SPDX-License-Identifier: Apache-2.0 */
#include "container/cdi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void names(void **state)
{
	(void)state;
	assert_true(cdi_is_name("nvidia.com/gpu=all"));
	assert_false(cdi_is_name("/dev/fuse"));
	assert_false(cdi_is_name("/dev/a/b=c"));
	assert_false(cdi_is_name("a=b/c"));
	assert_false(cdi_is_name("fuse"));
}

static void check(const char *csv, bool is_docker, const char *want)
{
	auto_of(strv_clear) struct strv gpus = { 0 }, got = { 0 };
	autofree char *joined = NULL;
	struct err e = { 0 };

	strv_split(&gpus, csv, ';');
	assert_int_equal(cdi_gpus(&got, &gpus, is_docker, &e), 0);
	joined = strv_join(&got, " ");
	assert_string_equal(joined, want);
}

static void gpus(void **state)
{
	(void)state;
	check("all", false, "nvidia.com/gpu=all");
	check("all", true, "nvidia.com/gpu=all");
	check("1", false, "nvidia.com/gpu=1");
	check("2", true, "nvidia.com/gpu=0 nvidia.com/gpu=1");
	check("device=0,GPU-a:1", false, "nvidia.com/gpu=0 nvidia.com/gpu=GPU-a:1");
	check("device=0;3", true, "nvidia.com/gpu=0 nvidia.com/gpu=3");
	check("count=1;driver=nvidia", true, "nvidia.com/gpu=0");
}

static void wrong(void **state)
{
	static const char *const cases[] = { "capabilities=video", "count=many", "device=a b", "device=" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_of(strv_clear) struct strv list = { 0 }, got = { 0 };
		struct err e = { 0 };

		strv_add(&list, cases[i]);
		assert_int_equal(cdi_gpus(&got, &list, false, &e), -ERR_USAGE);
		assert_true(e.msg[0] != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(gpus),
		cmocka_unit_test(wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
