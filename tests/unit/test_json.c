/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct json *parse(const char *text)
{
	struct json *j = NULL;
	struct err e;

	if (json_parse(&j, text, strlen(text), &e) < 0)
		fail_msg("%s: %s", text, e.msg);
	return j;
}

static void assert_writes(const char *text, const char *wanted)
{
	auto_of(json_free) struct json *j = parse(text);
	auto_of(str_clear) struct str s = { 0 };

	json_write(&s, j, 0);
	assert_string_equal(str_peek(&s), wanted);
}

static void round_trips(void **state)
{
	static const char *const texts[] = {
		"null",
		"true",
		"false",
		"0",
		"-1",
		"9223372036854775807",
		"18446744073709551615",
		"9007199254740993",
		"1.25e-7",
		"\"\"",
		"\"a\\n\\\"\\\\b\"",
		"[]",
		"{}",
		"[1,[2,[]],{\"a\":{}}]",
		"{\"b\":1,\"a\":[null,true]}",
		"\"\xc3\xa9\xf0\x9f\x90\xb3\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_writes(texts[i], texts[i]);
	assert_writes(" { \"a\" : [ 1 , 2 ] } \n", "{\"a\":[1,2]}");
	assert_writes("\"\\u0041\\u00e9\\u0001\\/\"", "\"A\xc3\xa9\\u0001/\"");
}

static void refuses_what_is_no_json(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"{",
		"[1,]",
		"{\"a\":1,}",
		"[1] 2",
		"nul",
		"01",
		"'a'",
		"{a:1}",
		"\"\x01\"",
		"\"\xff\"",
		"\"\xc0\x80\"",
		"\"\\u0000\"",
		"{\"a\\u0000b\":1}",
		"\"abc",
		"// x\n1",
		"[1 2]",
		"{\"a\" 1}",
		"]",
		"+1",
		"1.",
		".5",
		"NaN",
	};
	struct json *j = NULL;
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (json_parse(&j, texts[i], strlen(texts[i]), &e) != -EINVAL)
			fail_msg("accepted: %s", texts[i]);
		assert_null(j);
		assert_int_equal(e.code, EINVAL);
	}
	assert_int_equal(json_parse(&j, "[\n1,\n}", 6, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "line 3"));
	/* A NUL that stands in the text itself. */
	assert_int_equal(json_parse(&j, "\"a\0b\"", 5, &e), -EINVAL);
}

static void limits_depth(void **state)
{
	char text[512];
	struct json *j = NULL;
	struct err e;

	(void)state;
	memset(text, '[', 256);
	memset(text + 128, ']', 128);
	assert_int_equal(json_parse(&j, text, 256, &e), 0);
	json_free(j);
	memset(text, '[', 256);
	memset(text + 129, ']', 129);
	assert_int_equal(json_parse(&j, text, 258, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "128"));
}

static void last_duplicate_counts(void **state)
{
	auto_of(str_clear) struct str big = { 0 };
	auto_of(json_free) struct json *j = NULL;

	(void)state;
	assert_writes("{\"a\":1,\"b\":2,\"a\":3,\"a\":{\"x\":4}}", "{\"a\":{\"x\":4},\"b\":2}");
	/* Many members take the sorting path. */
	str_addc(&big, '{');
	for (int i = 0; i < 5000; i++)
		str_addf(&big, "%s\"k%d\":%d", i ? "," : "", i % 2500, i);
	str_addc(&big, '}');
	j = parse(big.p);
	assert_int_equal(json_len(j), 2500);
	for (int i = 0; i < 2500; i++) {
		char key[16];

		snprintf(key, sizeof(key), "k%d", i);
		assert_string_equal(json_key_at(j, i), key);
		assert_int_equal(json_get_int(j, key, -1), 2500 + i);
	}
}

static void reads_numbers(void **state)
{
	auto_of(json_free) struct json *j =
		parse("[5, -9223372036854775808, 9223372036854775808, 1e3, 2.5, 2.0, \"7\"]");

	(void)state;
	assert_int_equal(json_int(json_at(j, 0), -1), 5);
	assert_true(json_int(json_at(j, 1), -1) == INT64_MIN);
	assert_int_equal(json_int(json_at(j, 2), -1), -1);
	assert_true(json_uint(json_at(j, 2), 0) == (uint64_t)INT64_MAX + 1);
	assert_int_equal(json_int(json_at(j, 3), -1), 1000);
	assert_int_equal(json_int(json_at(j, 4), -1), -1);
	assert_true(json_double(json_at(j, 4), 0) == 2.5);
	assert_int_equal(json_int(json_at(j, 5), -1), 2);
	assert_int_equal(json_int(json_at(j, 6), -1), -1);
	assert_int_equal(json_uint(json_at(j, 1), 3), 3);
	assert_true(json_is_integer(json_at(j, 0)));
	assert_false(json_is_integer(json_at(j, 2)));
	assert_false(json_is_integer(json_at(j, 4)));
	assert_false(json_is_integer(json_at(j, 6)));
}

static void reading_takes_anything(void **state)
{
	auto_of(json_free) struct json *j = parse("{\"a\":{\"b\":[1,\"x\",2,\"y\"]},\"t\":true}");
	auto_of(strv_clear) struct strv l = { 0 };

	(void)state;
	assert_null(json_get(NULL, "a"));
	assert_null(json_get(json_get(j, "t"), "a"));
	assert_null(json_str(j));
	assert_null(json_key_at(json_path(j, "a.b"), 0));
	assert_null(json_at(j, 2));
	assert_int_equal(json_len(NULL), 0);
	assert_int_equal(json_type(NULL), JSON_NULL);
	assert_false(json_is(NULL, JSON_NULL));
	assert_true(json_get_bool(j, "t", false));
	assert_true(json_get_bool(j, "nope", true));
	assert_int_equal(json_get_int(j, "t", 9), 9);
	assert_null(json_path(j, "a.x.y"));
	assert_int_equal(json_len(json_path(j, "a.b")), 4);
	json_get_strv(json_get(j, "a"), "b", &l);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[1], "y");
}

static void builds_and_changes(void **state)
{
	auto_of(json_free) struct json *j = json_new_object();
	auto_of(json_free) struct json *copy = NULL;
	auto_of(str_clear) struct str s = { 0 };
	struct json *l = json_new_array();

	(void)state;
	json_add(l, json_new_int(INT64_MIN));
	json_add(l, json_new_uint(UINT64_MAX));
	json_add(l, json_new_double(0.1));
	json_add(l, json_new_double(1e300 * 1e300));
	json_add_str(l, NULL);
	json_set(j, "l", l);
	json_set_str(j, "s", "x");
	json_set_int(j, "i", 1);
	json_set_bool(j, "s", true);
	json_remove(j, "i");
	json_remove(j, "absent");
	json_write(&s, j, 0);
	assert_string_equal(s.p, "{\"l\":[-9223372036854775808,18446744073709551615,0.1,null,null],"
				 "\"s\":true}");
	copy = json_copy(j);
	assert_true(json_equal(j, copy));
	json_set_int(copy, "z", 1);
	assert_false(json_equal(j, copy));
	json_reorder(l, (const size_t[]){ 2, 0, 1, 4, 3 });
	assert_true(json_double(json_at(l, 0), 0) == 0.1);
	assert_true(json_int(json_at(l, 1), 0) == INT64_MIN);
}

static void equality_ignores_spelling(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} pairs[] = {
		{ "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true },
		{ "[1,2]", "[2,1]", false },
		{ "1.0", "1", true },
		{ "9007199254740993", "9007199254740992", false },
		{ "\"1\"", "1", false },
		{ "null", "false", false },
		{ "{\"a\":null}", "{}", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		auto_of(json_free) struct json *a = parse(pairs[i].a), *b = parse(pairs[i].b);

		assert_int_equal(json_equal(a, b), pairs[i].equal);
	}
}

static void writes_valid_text_always(void **state)
{
	auto_of(str_clear) struct str s = { 0 };

	(void)state;
	json_write_string(&s, "a\xff\xc3(\xed\xa0\x80\x7f\t");
	assert_string_equal(s.p, "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
				 "\\u007f\\t\"");
}

static void indents(void **state)
{
	auto_of(json_free) struct json *j = parse("{\"a\":[1,{}],\"b\":[]}");
	auto_of(str_clear) struct str s = { 0 };

	(void)state;
	json_write(&s, j, 2);
	assert_string_equal(s.p, "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

static void load_names_the_file(void **state)
{
	struct json *j = NULL;
	struct err e;

	(void)state;
	assert_int_equal(json_load_at(&j, AT_FDCWD, "no-such.json", &e), -ENOENT);
	assert_non_null(strstr(e.msg, "no-such.json"));
	assert_int_equal(file_write_at(AT_FDCWD, "bad.json", "{\n\n!", 4, 0600, 0), 0);
	assert_int_equal(json_load_at(&j, AT_FDCWD, "bad.json", &e), -EINVAL);
	assert_non_null(strstr(e.msg, "bad.json: line 3"));
	unlink("bad.json");
}

static void write_record(const char *text)
{
	assert_int_equal(file_write_at(AT_FDCWD, "record.json", text, strlen(text), 0600, 0), 0);
}

static char *read_record(const char *const *only)
{
	auto_of(json_free) struct json *j = NULL;
	struct str s = { 0 };
	struct err e;

	if (json_load_record_at(&j, AT_FDCWD, "record.json", only, &e) < 0)
		return xasprintf("%d", e.code);
	json_write(&s, j, 0);
	return str_steal(&s);
}

static void expect_record(const char *const *only, const char *wanted)
{
	autofree char *got = read_record(only);

	assert_string_equal(got, wanted);
}

static void record_keeps_what_is_wanted(void **state)
{
	static const char *const in[] = { "in", "a", "b", "last", NULL };
	autofree char *quarter = xcalloc(1, 20001), *long_one = NULL;

	(void)state;
	write_record("{\"in\":{\"x\":[{\"a\":9},[]],\"a\":1,\"y\":{\"b\":{}},\"b\":[{\"x\":1,\"a\":2}],\"z\":null}}");
	expect_record(NULL, "{\"in\":{\"x\":[{\"a\":9},[]],\"a\":1,\"y\":{\"b\":{}},\"b\":[{\"x\":1,\"a\":2}],\"z\":null}}");
	expect_record(in, "{\"in\":{\"a\":1,\"b\":[{\"a\":2}]}}");
	/* What is behind the last one is not even looked at. */
	write_record("{\"in\":{\"a\":1,\"last\":{\"x\":1,\"a\":2},\"b\":3}}");
	expect_record(in, "{\"in\":{\"a\":1,\"last\":{\"a\":2}}}");
	write_record("{\"in\":{\"last\":\"s\",!");
	expect_record(in, "{\"in\":{\"last\":\"s\"}}");
	memset(quarter, 'q', 20000);
	long_one = xasprintf("{\"a\":\"%s\"}", quarter);
	write_record(long_one);
	expect_record(NULL, long_one);
	write_record("");
	expect_record(in, "61");
	unlink("record.json");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),
		cmocka_unit_test(refuses_what_is_no_json),
		cmocka_unit_test(limits_depth),
		cmocka_unit_test(last_duplicate_counts),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(reading_takes_anything),
		cmocka_unit_test(builds_and_changes),
		cmocka_unit_test(equality_ignores_spelling),
		cmocka_unit_test(writes_valid_text_always),
		cmocka_unit_test(indents),
		cmocka_unit_test(load_names_the_file),
		cmocka_unit_test(record_keeps_what_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
