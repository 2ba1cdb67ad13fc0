/* SPDX-License-Identifier: Apache-2.0 */
#include "base/timefmt.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)

static void assert_parses(const char *text, int64_t wanted)
{
	int64_t ns = 0;

	if (time_parse(text, &ns) < 0)
		fail_msg("refused: '%s'", text);
	if (ns != wanted)
		fail_msg("'%s' is %lld, not %lld", text, (long long)ns, (long long)wanted);
}

static void parses_points(void **state)
{
	const int64_t t = INT64_C(1136073845) * SECOND; /* 2006-01-01 00:04:05 UTC */

	(void)state;
	assert_parses("2006-01-01T00:04:05Z", t);
	assert_parses("2006-01-01T00:04:05.5Z", t + SECOND / 2);
	assert_parses("2006-01-01T00:04:05.123456789Z", t + 123456789);
	assert_parses("2006-01-01T00:04:05.1234567891Z", t + 123456789);
	assert_parses("2006-01-01T02:04:05+02:00", t);
	assert_parses("2005-12-31T19:34:05-0430", t);
	assert_parses("2006-01-01 00:04:05.5 +0000 UTC", t + SECOND / 2);
	/* Without a zone: local time, which main() sets to UTC+1. */
	assert_parses("2006-01-01T01:04:05", t);
	assert_parses("2006-01-01T01:04", t - 5 * SECOND);
	assert_parses("2006-01-01", t - 3845 * SECOND);
	assert_parses("1136073845", t);
	assert_parses("1136073845.000000001", t + 1);
	assert_parses("0", 0);
	assert_parses("2024-02-29T00:00:00Z", INT64_C(1709164800) * SECOND);
}

static void parses_ages(void **state)
{
	int64_t ns, now = time_now();

	(void)state;
	assert_int_equal(time_parse("1h30m", &ns), 0);
	assert_true(ns >= now - 5400 * SECOND && ns < now - 5399 * SECOND);
	assert_int_equal(time_parse("-10m", &ns), 0);
	assert_true(ns >= now + 600 * SECOND);
}

static void refuses_no_times(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"2006",
		"2006-13-01",
		"2006-00-01",
		"2006-02-30",
		"2023-02-29T00:00:00Z",
		"2006-01-01T",
		"2006-01-01T24:00:00Z",
		"2006-01-01T00:60:00Z",
		"2006-01-01T00:00:00X",
		"2006-01-01T00:00:00+25:00",
		"2006-1-1",
		"1e9",
		"10 m",
		"99999999999999999999",
		"9223372036854775807",
		"5x",
		"--5s",
		"2006-01-01T00:00:00Z ",
	};
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int r = time_parse(bad[i], &ns);

		/* "2006" is a unix time. */
		if (i != 2 && r != -EINVAL)
			fail_msg("accepted: '%s'", bad[i]);
	}
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
		const char *back;
	} good[] = {
		{ "0", 0, "0s" },
		{ "0s", 0, "0s" },
		{ "5ns", 5, "5ns" },
		{ "1us", 1000, "1\xc2\xb5s" },
		{ "1\xc2\xb5s", 1000, "1\xc2\xb5s" },
		{ "1\xce\xbcs", 1000, "1\xc2\xb5s" },
		{ "1.5ms", 1500000, "1.5ms" },
		{ "1100us", 1100000, "1.1ms" },
		{ "90s", 90 * SECOND, "1m30s" },
		{ "1h", 3600 * SECOND, "1h0m0s" },
		{ "1h2m3.5s", 3723 * SECOND + SECOND / 2, "1h2m3.5s" },
		{ ".5s", SECOND / 2, "500ms" },
		{ "1.s", SECOND, "1s" },
		{ "-1.5h", -5400 * SECOND, "-1h30m0s" },
		{ "+2s", 2 * SECOND, "2s" },
		{ "2562047h47m16.854775807s", INT64_MAX, "2562047h47m16.854775807s" },
	};
	static const char *const bad[] = {
		"", "-", "s", "5", "1h5", "1x", "1 s", ".s", "3000000h", "1m-5s", "00",
	};
	char buf[40];
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (time_duration_parse(good[i].text, false, &ns) < 0 || ns != good[i].ns)
			fail_msg("wrong: '%s'", good[i].text);
		assert_string_equal(time_duration_string(buf, ns), good[i].back);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (time_duration_parse(bad[i], false, &ns) != -EINVAL)
			fail_msg("accepted: '%s'", bad[i]);
	assert_int_equal(time_duration_parse("30", true, &ns), 0);
	assert_true(ns == 30 * SECOND);
	assert_int_equal(time_duration_parse("1m30", true, &ns), -EINVAL);
}

static void durations_go_round(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		int64_t ns = (int64_t)random() << (random() % 30), back;
		char buf[40];

		if (i & 1)
			ns = -ns;
		assert_int_equal(time_duration_parse(time_duration_string(buf, ns), false, &back), 0);
		if (back != ns)
			fail_msg("%lld became %s", (long long)ns, buf);
	}
}

static void points_go_round(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		int64_t ns = (int64_t)random() * random(), back;
		char buf[64];

		assert_int_equal(time_parse(time_rfc3339(buf, ns, true), &back), 0);
		assert_true(back == ns);
		assert_int_equal(time_parse(time_rfc3339(buf, ns, false), &back), 0);
		assert_true(back == ns);
		assert_int_equal(time_parse(time_go_string(buf, ns, true), &back), 0);
		assert_true(back == ns);
	}
}

static void prints(void **state)
{
	char buf[64];

	(void)state;
	assert_string_equal(time_rfc3339(buf, INT64_C(1136073845123456789), true),
			    "2006-01-01T00:04:05.123456789Z");
	assert_string_equal(time_rfc3339(buf, INT64_C(1136073845120000000), true),
			    "2006-01-01T00:04:05.12Z");
	assert_string_equal(time_rfc3339(buf, INT64_C(1136073845000000000), false),
			    "2006-01-01T01:04:05+01:00");
	assert_string_equal(time_rfc3339(buf, -1, true), "1969-12-31T23:59:59.999999999Z");
	assert_string_equal(time_go_string(buf, INT64_C(1136073845123456789), true),
			    "2006-01-01 00:04:05.123456789 +0000 UTC");
	assert_string_equal(time_format(buf, sizeof(buf), "%H:%M", INT64_C(1136073845000000000)),
			    "01:04");
	assert_string_equal(time_format(buf, 4, "%Y-%m-%d", 0), "");
}

static void human(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} steps[] = {
		{ 0, "Less than a second" },	{ 1, "1 second" },
		{ 45, "45 seconds" },		{ 60, "About a minute" },
		{ 150, "2 minutes" },		{ 3540, "59 minutes" },
		{ 3600, "About an hour" },	{ 3 * 3600, "3 hours" },
		{ 47 * 3600, "47 hours" },	{ 48 * 3600, "2 days" },
		{ 13 * 86400, "13 days" },	{ 14 * 86400, "2 weeks" },
		{ 60 * 86400, "2 months" },	{ 730 * 86400, "2 years" },
		{ 7300 * 86400LL, "20 years" },
	};
	char buf[40];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		assert_string_equal(time_human(buf, steps[i].seconds * SECOND), steps[i].text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_points),
		cmocka_unit_test(parses_ages),
		cmocka_unit_test(refuses_no_times),
		cmocka_unit_test(durations),
		cmocka_unit_test(durations_go_round),
		cmocka_unit_test(points_go_round),
		cmocka_unit_test(prints),
		cmocka_unit_test(human),
	};

	setenv("TZ", "XYZ-1", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
