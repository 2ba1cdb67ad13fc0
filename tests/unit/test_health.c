/* SPDX-License-Identifier: Apache-2.0 */
#include "container/health.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define S INT64_C(1000000000)

static void note(struct json *h, const struct health_plan *p, int code, const char *output, bool is_early,
		 enum health_change want)
{
	struct health_result *r = xcalloc(1, sizeof(*r));

	r->exit_code = code;
	r->n = strlen(output);
	memcpy(r->output, output, r->n);
	assert_int_equal(health_note(h, p, r, is_early), want);
	free(r);
}

static void test_streak_makes_unhealthy(void **state)
{
	const struct health_plan p = { .retries = 3, .log_count = 2, .output_max = 4 };
	auto_of(json_free) struct json *h = health_new(NULL);

	(void)state;
	assert_string_equal(json_get_str(h, "Status"), "starting");
	note(h, &p, 1, "a", false, HEALTH_SAME);
	note(h, &p, 1, "b", false, HEALTH_SAME);
	assert_string_equal(json_get_str(h, "Status"), "starting");
	note(h, &p, -1, "c", false, HEALTH_TURNED_UNHEALTHY);
	assert_string_equal(json_get_str(h, "Status"), "unhealthy");
	assert_int_equal(json_get_int(h, "FailingStreak", 0), 3);
	note(h, &p, 1, "d", false, HEALTH_SAME);
	note(h, &p, 0, "e", false, HEALTH_TURNED_HEALTHY);
	assert_int_equal(json_get_int(h, "FailingStreak", -1), 0);
	note(h, &p, 0, "long\xff text", false, HEALTH_SAME);
	assert_int_equal(json_len(json_get(h, "Log")), 2);
	assert_string_equal(json_get_str(json_at(json_get(h, "Log"), 0), "Output"), "e");
	assert_string_equal(json_get_str(json_at(json_get(h, "Log"), 1), "Output"), "long");
	assert_int_equal(json_get_int(json_at(json_get(h, "Log"), 1), "ExitCode", -9), 0);
}

static void test_output_stays_readable(void **state)
{
	const struct health_plan p = { .retries = 1, .log_count = 5, .output_max = 100 };
	auto_of(json_free) struct json *h = health_new(NULL), *back = NULL;
	auto_of(str_clear) struct str text = { 0 };
	struct err e;

	(void)state;
	note(h, &p, 0, "\xff\xc3(\"\n", false, HEALTH_TURNED_HEALTHY);
	json_write(&text, h, 0);
	assert_int_equal(json_parse(&back, text.p, text.len, &e), 0);
	assert_string_equal(json_get_str(json_at(json_get(back, "Log"), 0), "Output"), "?" "?(\"\n");
}

static void test_start_period_forgives_until_the_first_success(void **state)
{
	const struct health_plan p = { .retries = 1, .log_count = 5, .output_max = 100 };
	auto_of(json_free) struct json *h = health_new(NULL);

	(void)state;
	note(h, &p, 1, "", true, HEALTH_SAME);
	assert_int_equal(json_get_int(h, "FailingStreak", -1), 0);
	note(h, &p, 0, "", true, HEALTH_TURNED_HEALTHY);
	note(h, &p, 1, "", true, HEALTH_TURNED_UNHEALTHY);
}

static void test_startup(void **state)
{
	const struct health_plan p = { .startup_retries = 2, .startup_success = 2 };
	struct health_startup s = { 0 };

	(void)state;
	assert_int_equal(health_startup_note(&s, &p, false), HEALTH_STARTUP_GOES_ON);
	assert_int_equal(health_startup_note(&s, &p, true), HEALTH_STARTUP_GOES_ON);
	assert_int_equal(health_startup_note(&s, &p, false), HEALTH_STARTUP_GOES_ON);
	assert_int_equal(health_startup_note(&s, &p, true), HEALTH_STARTUP_GOES_ON);
	assert_int_equal(health_startup_note(&s, &p, true), HEALTH_STARTUP_DONE);
	s = (struct health_startup){ 0 };
	assert_int_equal(health_startup_note(&s, &p, false), HEALTH_STARTUP_GOES_ON);
	assert_int_equal(health_startup_note(&s, &p, false), HEALTH_STARTUP_FAILED);
}

static void test_plan(void **state)
{
	auto_of(config_clear) struct container_config c;
	auto_of(health_plan_clear) struct health_plan p = { 0 };
	static const char image[] = "{\"Test\":[\"CMD\",\"probe\",\"-q\"],\"Interval\":5000000000,\"Retries\":7}";
	struct err e;

	(void)state;
	config_init(&c);
	assert_int_equal(health_plan_load(&p, &c, &e), 0);
	assert_int_equal(p.command.n, 0);
	health_plan_clear(&p);
	assert_int_equal(json_parse(&c.health_image, image, strlen(image), &e), 0);
	assert_int_equal(health_plan_load(&p, &c, &e), 0);
	assert_int_equal(p.command.n, 2);
	assert_string_equal(p.command.v[0], "probe");
	assert_int_equal(p.interval, 5 * S);
	assert_int_equal(p.timeout, 30 * S);
	assert_int_equal(p.retries, 7);
	health_plan_clear(&p);
	c.health_cmd = xstrdup("[\"CMD\", \"a\", \"b c\"]");
	c.health_interval = xstrdup("disable");
	c.health_retries = 3;
	assert_int_equal(health_plan_load(&p, &c, &e), 0);
	assert_string_equal(p.command.v[1], "b c");
	assert_int_equal(p.interval, 0);
	assert_int_equal(p.retries, 3);
	health_plan_clear(&p);
	xreplace(&c.health_cmd, "none");
	assert_int_equal(health_plan_load(&p, &c, &e), 0);
	assert_int_equal(p.command.n, 0);
}

static void test_wrong_values(void **state)
{
	auto_of(config_clear) struct container_config c;
	struct health_plan p;
	struct err e;

	(void)state;
	config_init(&c);
	c.health_cmd = xstrdup("[1]");
	assert_int_equal(health_plan_load(&p, &c, &e), -ERR_USAGE);
	xreplace(&c.health_cmd, "true");
	c.health_timeout = xstrdup("0s");
	assert_int_equal(health_plan_load(&p, &c, &e), -ERR_USAGE);
	assert_non_null(strstr(e.msg, "health-timeout"));
	xreplace(&c.health_timeout, "1s");
	c.health_on_failure = xstrdup("explode");
	assert_int_equal(health_plan_load(&p, &c, &e), -ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streak_makes_unhealthy),
		cmocka_unit_test(test_output_stays_readable),
		cmocka_unit_test(test_start_period_forgives_until_the_first_success),
		cmocka_unit_test(test_startup),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_wrong_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
