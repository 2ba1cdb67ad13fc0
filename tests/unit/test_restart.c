/* SPDX-License-Identifier: Apache-2.0 */
#include "container/restart.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define S INT64_C(1000000000)

static void test_parse(void **state)
{
	struct restart r = { RESTART_ALWAYS, 7 };

	(void)state;
	assert_int_equal(restart_parse(&r, NULL), 0);
	assert_int_equal(r.kind, RESTART_NO);
	assert_int_equal(r.max, 0);
	assert_int_equal(restart_parse(&r, "on-failure:5"), 0);
	assert_int_equal(r.kind, RESTART_ON_FAILURE);
	assert_int_equal(r.max, 5);
	assert_int_equal(restart_parse(&r, "unless-stopped"), 0);
	assert_int_equal(r.kind, RESTART_UNLESS_STOPPED);
	assert_int_equal(restart_parse(&r, "on-failure:"), -EINVAL);
	assert_int_equal(restart_parse(&r, "on-failure:-1"), -EINVAL);
	assert_int_equal(restart_parse(&r, "always:3"), -EINVAL);
	assert_int_equal(restart_parse(&r, "Always"), -EINVAL);
	assert_int_equal(r.kind, RESTART_UNLESS_STOPPED);
}

static void test_is_due(void **state)
{
	const struct restart no = { RESTART_NO, 0 }, twice = { RESTART_ON_FAILURE, 2 };
	const struct restart failing = { RESTART_ON_FAILURE, 0 }, always = { RESTART_ALWAYS, 0 };

	(void)state;
	assert_false(restart_is_due(&no, 1, 0, false));
	assert_true(restart_is_due(&twice, 1, 1, false));
	assert_false(restart_is_due(&twice, 1, 2, false));
	assert_false(restart_is_due(&twice, 0, 0, false));
	assert_true(restart_is_due(&failing, 137, 100000, false));
	assert_true(restart_is_due(&always, 0, 100000, false));
	assert_false(restart_is_due(&always, 1, 0, true));
	assert_false(restart_is_due(&failing, 1, 0, true));
}

static void test_delay(void **state)
{
	int64_t d = 0;

	(void)state;
	d = restart_delay(d, 0);
	assert_int_equal(d, S / 10);
	d = restart_delay(d, 0);
	assert_int_equal(d, S / 5);
	for (int i = 0; i < 70; i++)
		d = restart_delay(d, S);
	assert_int_equal(d, 60 * S);
	assert_int_equal(restart_delay(d, 10 * S), S / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_is_due),
		cmocka_unit_test(test_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
