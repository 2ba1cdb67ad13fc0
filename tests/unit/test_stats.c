/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container/stats.h"

static void test_net(void **unused)
{
	uint64_t in = 0, out = 0;

	(void)unused;
	stats_parse_net("Inter-|   Receive                            |  Transmit\n"
			" face |bytes    packets errs drop fifo frame compressed multicast|bytes\n"
			"    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0\n"
			"  tap0:1000 10 0 0 0 0 0 0 300 2 0 0 0 0 0 0\n"
			"eth0.1: 24 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0\n", &in, &out);
	assert_int_equal(in, 1024);
	assert_int_equal(out, 307);
}

static void test_io(void **unused)
{
	uint64_t in = 0, out = 0;

	(void)unused;
	stats_parse_io("8:0 rbytes=100 wbytes=20 rios=3 wios=1 dbytes=5 dios=1\n"
		       "8:16 rbytes=1 wbytes=18446744073709551 rios=0 wios=0 dbytes=0 dios=0\n", &in,
		       &out);
	assert_int_equal(in, 101);
	assert_int_equal(out, UINT64_C(18446744073709571));
	stats_parse_io("", &in, &out);
	assert_int_equal(in, 101);
}

static void test_percent(void **unused)
{
	struct stats_one was = { .id = "a", .is_running = true, .started = 1000,
				 .cpu_ns = 1000000000 };
	struct stats_one is = was;
	struct stats before = { .v = &was, .n = 1, .taken = INT64_C(2000000000) + 1000 };
	struct stats now = { .v = &is, .n = 1, .taken = INT64_C(4000000000) + 1000 };

	(void)unused;
	is.cpu_ns = 4000000000;
	assert_float_equal(stats_cpu_percent(&now, 0, &before), 150.0, 1e-6);
	assert_float_equal(stats_cpu_average(&now, 0), 100.0, 1e-6);
	assert_float_equal(stats_cpu_percent(&now, 0, NULL), 100.0, 1e-6);
	/* Never backwards; another run of the container is no difference at all. */
	is.cpu_ns = 10;
	assert_float_equal(stats_cpu_percent(&now, 0, &before), 0.0, 1e-6);
	is.started = 2000000000;
	is.cpu_ns = 2000001000;
	assert_float_equal(stats_cpu_percent(&now, 0, &before), 100.0, 1e-4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net), cmocka_unit_test(test_io), cmocka_unit_test(test_percent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
