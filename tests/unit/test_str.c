/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void grows(void **state)
{
	auto_of(str_clear) struct str s = { 0 };
	autofree char *all = NULL;

	(void)state;
	assert_string_equal(str_peek(&s), "");
	str_add(&s, "");
	assert_string_equal(s.p, "");
	for (int i = 0; i < 10000; i++)
		str_addf(&s, "%d,", i % 10);
	str_addc(&s, 'x');
	str_addn(&s, "a\0b", 3);
	assert_int_equal(s.len, 20004);
	assert_memory_equal(s.p + 19996, "8,9,xa\0b", 9);
	str_cut(&s, 30000);
	assert_int_equal(s.len, 20004);
	str_cut(&s, 3);
	assert_string_equal(s.p, "0,1");
	all = str_steal(&s);
	assert_string_equal(all, "0,1");
	assert_null(s.p);
	free(all);
	all = str_steal(&s);
	assert_string_equal(all, "");
}

static void compares(void **state)
{
	(void)state;
	assert_true(str_has_prefix("abc", "ab"));
	assert_true(str_has_prefix("abc", ""));
	assert_false(str_has_prefix("a", "ab"));
	assert_true(str_has_suffix("abc", "bc"));
	assert_false(str_has_suffix("c", "bc"));
	assert_string_equal(str_after("a=b", "a="), "b");
	assert_null(str_after("a", "b"));
	assert_true(str_eq(NULL, NULL));
	assert_false(str_eq(NULL, ""));
	assert_false(str_eq("a", NULL));
	assert_true(str_eq("a", "a"));
	assert_true(str_empty(NULL) && str_empty("") && !str_empty("x"));
}

static void utf8(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
		{ "", 0 },
		{ "a", 1 },
		{ "\x7f", 1 },
		{ "\xc3\xa9", 2 },
		{ "\xe2\x82\xac", 3 },
		{ "\xf0\x9f\x90\xb3", 4 },
		{ "\xf4\x8f\xbf\xbf", 4 },
		{ "\x80", 0 },
		{ "\xc3", 0 },
		{ "\xc0\xaf", 0 },
		{ "\xc1\xbf", 0 },
		{ "\xe0\x80\xaf", 0 },
		{ "\xe2\x82", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xf0\x80\x80\xaf", 0 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xf5\x80\x80\x80", 0 },
		{ "\xff", 0 },
		{ "\xe2\x82x", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(str_utf8_len(cases[i].text), cases[i].len);
	for (unsigned int code = 1; code <= 0x10ffff; code++) {
		auto_of(str_clear) struct str s = { 0 };

		if (code >= 0xd800 && code < 0xe000)
			continue;
		str_add_utf8(&s, code);
		if (str_utf8_len(s.p) != s.len)
			fail_msg("U+%X", code);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows),
		cmocka_unit_test(compares),
		cmocka_unit_test(utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
