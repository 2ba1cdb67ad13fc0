/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ident.h"

#include "base/mem.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void random_ids(void **state)
{
	struct ident last = { "" };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct ident id = ident_random();

		assert_true(ident_is_id(id.s));
		assert_true(strspn(id.s, "0123456789") < 12);
		assert_string_not_equal(id.s, last.s);
		last = id;
	}
}

static void random_hex_of_any_length(void **state)
{
	bool seen[16] = { false };

	(void)state;
	for (size_t n = 0; n < 200; n++) {
		char buf[201];

		memset(buf, 'z', sizeof(buf));
		ident_random_hex(buf, n);
		assert_int_equal(strlen(buf), n);
		assert_int_equal(strspn(buf, "0123456789abcdef"), n);
		for (size_t i = 0; i < n; i++)
			seen[strchr("0123456789abcdef", buf[i]) - "0123456789abcdef"] = true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(seen); i++)
		assert_true(seen[i]);
}

static void random_names(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		autofree char *name = ident_random_name();

		assert_non_null(strchr(name, '_'));
		assert_int_equal(ident_check_name(name), 0);
		assert_true(strlen(name) < 32);
	}
}

static void checks(void **state)
{
	char name[257];

	(void)state;
	memset(name, 'a', 256);
	name[256] = 0;
	assert_int_equal(ident_check_name(name), -EINVAL);
	assert_int_equal(ident_check_name(name + 1), 0);
	assert_int_equal(ident_check_name("a"), 0);
	assert_int_equal(ident_check_name("Web-1.2_x"), 0);
	assert_int_equal(ident_check_name(""), -EINVAL);
	assert_int_equal(ident_check_name("."), -EINVAL);
	assert_int_equal(ident_check_name("-a"), -EINVAL);
	assert_int_equal(ident_check_name("_a"), -EINVAL);
	assert_int_equal(ident_check_name("a/b"), -EINVAL);
	assert_int_equal(ident_check_name("a b"), -EINVAL);
	assert_int_equal(ident_check_name("\xc3\xa9"), -EINVAL);
	assert_false(ident_is_hex(""));
	assert_false(ident_is_hex("ABC"));
	assert_true(ident_is_hex("0af"));
	assert_false(ident_is_id("0af"));
}

static void encodes(void **state)
{
	static const char *const pairs[][2] = {
		{ "a", "a" },
		{ "docker.io/library/a:1", "docker.io%2Flibrary%2Fa%3A1" },
		{ ".", "%2E" },
		{ "..", "%2E." },
		{ ".a.b", "%2Ea.b" },
		{ "100%", "100%25" },
		{ "\xc3\xa9\n", "%C3%A9%0A" },
	};
	char text[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		autofree char *name = ident_encode(pairs[i][0]), *back = NULL;

		assert_string_equal(name, pairs[i][1]);
		back = ident_decode(name);
		assert_string_equal(back, pairs[i][0]);
	}
	assert_null(ident_encode(""));
	memset(text, 'a', sizeof(text));
	text[256] = 0;
	assert_null(ident_encode(text));
	assert_null(ident_decode("%"));
	assert_null(ident_decode("%2"));
	assert_null(ident_decode("%2f"));
	assert_null(ident_decode("%00"));
	assert_null(ident_decode("a%zz"));
}

static void any_text_goes_round(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[80];
		size_t n = 1 + random() % 79;
		autofree char *name = NULL, *back = NULL;

		for (size_t k = 0; k < n; k++)
			text[k] = 1 + random() % 255;
		text[n - (n > 1)] = 0;
		if (n == 1)
			text[1] = 0;
		name = ident_encode(text);
		assert_non_null(name);
		assert_null(strchr(name, '/'));
		assert_int_not_equal(name[0], '.');
		back = ident_decode(name);
		assert_string_equal(back, text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_ids),	cmocka_unit_test(random_hex_of_any_length),
		cmocka_unit_test(random_names), cmocka_unit_test(checks),
		cmocka_unit_test(encodes),	cmocka_unit_test(any_text_goes_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
