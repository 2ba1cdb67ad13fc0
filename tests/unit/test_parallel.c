/* SPDX-License-Identifier: Apache-2.0 */
#include "base/parallel.h"

#include <sys/resource.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 1000

static void count(void *arg, size_t i)
{
	((unsigned char *)arg)[i]++;
}

static void check(size_t n)
{
	unsigned char done[MANY + 1] = { 0 };

	parallel_for(n, count, done);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(done[i], 1);
	assert_int_equal(done[n], 0);
}

static void test_each_once(void **state)
{
	(void)state;
	check(0);
	check(1);
	check(65);
	check(MANY);
}

/* A user at the limit of processes has no other thread, and all is done all the same. */
static void test_no_thread_to_be_had(void **state)
{
	struct rlimit old, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NPROC, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NPROC, &none), 0);
	check(MANY);
	assert_int_equal(setrlimit(RLIMIT_NPROC, &old), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_no_thread_to_be_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
