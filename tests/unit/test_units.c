/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"

#include "base/mem.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void bytes(void **state)
{
	static const struct {
		const char *text;
		int64_t n;
	} good[] = {
		{ "0", 0 },
		{ "32", 32 },
		{ "32b", 32 },
		{ "32B", 32 },
		{ "32k", 32768 },
		{ "32K", 32768 },
		{ "32kb", 32768 },
		{ "32Kib", 32768 },
		{ "32 kB", 32768 },
		{ "32m", 33554432 },
		{ "1.5GiB", 1610612736 },
		{ "2t", 2199023255552 },
		{ "1p", 1125899906842624 },
		{ "-1", -1 },
		{ "9223372036854775807", INT64_MAX },
		{ "0.5k", 512 },
	};
	static const char *const bad[] = {
		"",	 "k",  "x",    "-2",  "1x",   "1kx", "1ib",
		"1.2.3", " 1", "1 k ", "1bb", "0x10", "1e3", ".",
	};
	int64_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(units_parse_bytes(good[i].text, &n), 0);
		assert_true(n == good[i].n);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (units_parse_bytes(bad[i], &n) != -EINVAL)
			fail_msg("accepted: '%s'", bad[i]);
	assert_int_equal(units_parse_bytes("9223372036854775808", &n), -ERANGE);
	assert_int_equal(units_parse_bytes("9000p", &n), -ERANGE);
}

static void integers(void **state)
{
	int64_t n;
	uint64_t u;

	(void)state;
	assert_int_equal(units_parse_int("-9223372036854775808", &n), 0);
	assert_true(n == INT64_MIN);
	assert_int_equal(units_parse_int("9223372036854775808", &n), -ERANGE);
	assert_int_equal(units_parse_int("+7", &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(units_parse_int("", &n), -EINVAL);
	assert_int_equal(units_parse_int("-", &n), -EINVAL);
	assert_int_equal(units_parse_int("1 ", &n), -EINVAL);
	assert_int_equal(units_parse_int("--1", &n), -EINVAL);
	assert_int_equal(units_parse_uint("18446744073709551615", &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(units_parse_uint("18446744073709551616", &u), -ERANGE);
	assert_int_equal(units_parse_uint("-1", &u), -EINVAL);
}

static void doubles(void **state)
{
	static const char *const bad[] = { "", "x", "1,5", "inf", "nan", "0x1", " 1", "1e", "." };
	double d;

	(void)state;
	assert_int_equal(units_parse_double("1.5", &d), 0);
	assert_true(d == 1.5);
	assert_int_equal(units_parse_double("-2e-3", &d), 0);
	assert_true(d == -2e-3);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(units_parse_double(bad[i], &d), -EINVAL);
	assert_int_equal(units_parse_double("1e999", &d), -ERANGE);
}

static void booleans(void **state)
{
	int b = 7;

	(void)state;
	assert_int_equal(units_parse_bool("True", &b), 0);
	assert_int_equal(b, 1);
	assert_int_equal(units_parse_bool("f", &b), 0);
	assert_int_equal(b, 0);
	assert_int_equal(units_parse_bool("yes", &b), -EINVAL);
	assert_int_equal(units_parse_bool("", &b), -EINVAL);
}

static void sizes(void **state)
{
	char buf[32];

	(void)state;
	assert_string_equal(units_human_size(buf, 0), "0B");
	assert_string_equal(units_human_size(buf, 999), "999B");
	assert_string_equal(units_human_size(buf, 1000), "1kB");
	assert_string_equal(units_human_size(buf, 5850000), "5.85MB");
	assert_string_equal(units_human_size(buf, 1234567), "1.235MB");
	assert_string_equal(units_human_size_spaced(buf, 1234567), "1.23 MB");
	assert_string_equal(units_bytes_size(buf, 1572864), "1.5MiB");
	assert_string_equal(units_bytes_size(buf, 1023), "1023B");
	assert_string_equal(units_bytes_size(buf, 1e30), "8.272e+05YiB");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes),    cmocka_unit_test(integers), cmocka_unit_test(doubles),
		cmocka_unit_test(booleans), cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
