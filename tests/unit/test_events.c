/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "container/events.h"
#include "storage/event_log.h"

static void test_line(void **unused)
{
	char line[EVENT_LOG_LINE];
	auto_of(strv_clear) struct strv labels = { 0 };
	struct event_log_entry x = { .type = "container", .status = "died", .name = "a\"b\n\\",
				     .has_code = true, .code = 3, .key = "execID", .value = "x",
				     .labels = &labels };
	size_t n;

	(void)unused;
	strv_add(&labels, "k=v=w");
	strv_add(&labels, "bare");
	n = event_log_line(line, 5, &x);
	line[n] = 0;
	assert_string_equal(line, "{\"time\":5,\"type\":\"container\",\"status\":\"died\","
				  "\"name\":\"a\\\"b\\u000a\\\\\",\"code\":3,\"attributes\":{"
				  "\"execID\":\"x\",\"k\":\"v=w\",\"bare\":\"\"}}\n");
}

/* Labels that do not fit are left out one by one; what is written stays JSON of one line. */
static void test_long(void **unused)
{
	char line[EVENT_LOG_LINE];
	auto_of(strv_clear) struct strv labels = { 0 };
	struct event_log_entry x = { .type = "container", .status = "create", .id = "i",
				     .labels = &labels };
	struct err e = { 0 };

	(void)unused;
	for (int size = 3900; size < 4200; size++) {
		auto_of(json_free) struct json *j = NULL;
		autofree char *value = xmalloc(size + 1);
		size_t n;

		memset(value, 'x', size);
		value[size] = 0;
		strv_clear(&labels);
		strv_addf(&labels, "long=%s", value);
		strv_add(&labels, "short=1");
		n = event_log_line(line, 1, &x);
		assert_true(n > 0 && n <= EVENT_LOG_LINE);
		assert_int_equal(line[n - 1], '\n');
		assert_int_equal(json_parse(&j, line, n, &e), 0);
		assert_string_equal(json_get_str(j, "status"), "create");
		if (size > 4100)
			assert_string_equal(json_path(j, "attributes.short") ?
					    json_str(json_path(j, "attributes.short")) : "", "1");
	}
}

static bool accepts(const char *filters, const char *event)
{
	auto_of(strv_clear) struct strv list = { 0 };
	auto_of(json_free) struct json *j = NULL;
	struct err e = { 0 };

	strv_split(&list, filters, ' ');
	assert_int_equal(json_parse(&j, event, strlen(event), &e), 0);
	assert_int_equal(events_check_filters(&list, &e), 0);
	return events_accepts(&list, j);
}

static void test_filters(void **unused)
{
	static const char died[] = "{\"type\":\"container\",\"status\":\"died\",\"id\":\"abcdef\","
				   "\"name\":\"web\",\"image\":\"i:1\",\"attributes\":{\"a\":\"b\"}}";
	auto_of(strv_clear) struct strv bad = { 0 };
	struct err e = { 0 };

	(void)unused;
	assert_true(accepts("", died));
	assert_true(accepts("container=web", died));
	assert_true(accepts("container=abc", died));
	assert_false(accepts("container=we", died));
	assert_true(accepts("event=die", died));
	assert_true(accepts("event=start event=died", died));
	assert_false(accepts("event=died type=image", died));
	assert_true(accepts("label=a label=a=b image=i:1", died));
	assert_false(accepts("label=a=b label=c", died));
	assert_false(accepts("volume=web", died));
	strv_add(&bad, "containers=x");
	assert_int_equal(events_check_filters(&bad, &e), -ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line), cmocka_unit_test(test_long),
		cmocka_unit_test(test_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
