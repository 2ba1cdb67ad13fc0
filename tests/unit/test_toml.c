/* SPDX-License-Identifier: Apache-2.0 */
#include "base/toml.h"

#include "base/file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_reads(const char *toml, const char *json)
{
	auto_of(json_free) struct json *j = NULL, *wanted = NULL;
	auto_of(str_clear) struct str s = { 0 };
	struct err e;

	if (toml_parse(&j, "test.toml", toml, strlen(toml), &e) < 0)
		fail_msg("%s\n%s", toml, e.msg);
	if (json_parse(&wanted, json, strlen(json), &e) < 0)
		fail_msg("%s: %s", json, e.msg);
	json_write(&s, j, 0);
	if (!json_equal(j, wanted))
		fail_msg("%s\nis %s\nnot %s", toml, s.p, json);
}

static void reads_values(void **state)
{
	static const char *const values[][2] = {
		{ "1", "1" },
		{ "+99", "99" },
		{ "-17", "-17" },
		{ "0", "0" },
		{ "-0", "0" },
		{ "1_000", "1000" },
		{ "0xDEAD_beef", "3735928559" },
		{ "0o755", "493" },
		{ "0b1101", "13" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "1.5", "1.5" },
		{ "-0.01", "-0.01" },
		{ "5e+22", "5e22" },
		{ "1e06", "1000000" },
		{ "6.626e-34", "6.626e-34" },
		{ "224_617.445_991", "224617.445991" },
		{ "inf", "null" },
		{ "-nan", "null" },
		{ "true", "true" },
		{ "false", "false" },
		{ "\"a\\tb\\u00E9\\U0001F433\\\"\\\\\"",
		  "\"a\\tb\xc3\xa9\xf0\x9f\x90\xb3\\\"\\\\\"" },
		{ "'C:\\x\"'", "\"C:\\\\x\\\"\"" },
		{ "\"\"", "\"\"" },
		{ "''", "\"\"" },
		{ "\"\"\"\nab\r\nc\\  \n\n   d\"\"\"", "\"ab\\ncd\"" },
		{ "\"\"\"a\"b\"\"c\"\"\"\"\"", "\"a\\\"b\\\"\\\"c\\\"\\\"\"" },
		{ "'''\na\\b'c''d''''", "\"a\\\\b'c''d'\"" },
		{ "\"\"\"\"\"\"", "\"\"" },
		{ "1979-05-27T07:32:00Z", "\"1979-05-27T07:32:00Z\"" },
		{ "1979-05-27 00:32:00.999-07:00", "\"1979-05-27 00:32:00.999-07:00\"" },
		{ "1979-05-27T07:32:00", "\"1979-05-27T07:32:00\"" },
		{ "1979-05-27", "\"1979-05-27\"" },
		{ "07:32:00.5", "\"07:32:00.5\"" },
		{ "[]", "[]" },
		{ "[1,'a',[true],{x=1}]", "[1,\"a\",[true],{\"x\":1}]" },
		{ "[ # c\n 1 , # d\n\n 2,\n]", "[1,2]" },
		{ "{}", "{}" },
		{ "{a.b = 1, 'c d' = [2]}", "{\"a\":{\"b\":1},\"c d\":[2]}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		autofree char *toml = xasprintf("k = %s # comment", values[i][0]);
		autofree char *json = xasprintf("{\"k\":%s}", values[i][1]);

		assert_reads(toml, json);
	}
}

static void reads_tables(void **state)
{
	(void)state;
	assert_reads("", "{}");
	assert_reads("\xef\xbb\xbf# bom\r\n\r\na=1\r\n", "{\"a\":1}");
	assert_reads("a.\"b.c\" . d = 1\na.e=2", "{\"a\":{\"b.c\":{\"d\":1},\"e\":2}}");
	assert_reads("1.2 = 3\n-_ = 4", "{\"1\":{\"2\":3},\"-_\":4}");
	assert_reads("[a.b]\nx=1\n[a]\ny=2\n[ c . 'd' ]", "{\"a\":{\"b\":{\"x\":1},\"y\":2},"
							  "\"c\":{\"d\":{}}}");
	assert_reads("[[p]]\nn=1\n[p.q]\nm=2\n[[p.r]]\nk=3\n[[p.r]]\n[[p]]\nn=4\n[p.q]\nm=5",
		     "{\"p\":[{\"n\":1,\"q\":{\"m\":2},\"r\":[{\"k\":3},{}]},{\"n\":4,\"q\":{\"m\":"
		     "5}}]}");
	assert_reads("[f]\na.c=1\n[f.a.t]\ns=2", "{\"f\":{\"a\":{\"c\":1,\"t\":{\"s\":2}}}}");
}

static void refuses(void **state)
{
	static const struct {
		const char *toml;
		int line;
	} cases[] = {
		{ "a", 1 },
		{ "a=", 1 },
		{ "=1", 1 },
		{ "a=1 b=2", 1 },
		{ "a=1\na=2", 2 },
		{ "a.=1", 1 },
		{ "\n\na = nope", 3 },
		{ "a=01", 1 },
		{ "a=1_", 1 },
		{ "a=_1", 1 },
		{ "a=1__0", 1 },
		{ "a=1.", 1 },
		{ "a=.5", 1 },
		{ "a=1.e5", 1 },
		{ "a=+-1", 1 },
		{ "a=0x", 1 },
		{ "a=0xg", 1 },
		{ "a=+0x1", 1 },
		{ "a=0b2", 1 },
		{ "a=9223372036854775808", 1 },
		{ "a=True", 1 },
		{ "a=\"x", 1 },
		{ "a=\"x\ny\"", 1 },
		{ "a='x", 1 },
		{ "a=\"\\q\"", 1 },
		{ "a=\"\\u12\"", 1 },
		{ "a=\"\\ud800\"", 1 },
		{ "a=\"\\u0000\"", 1 },
		{ "a=\"\x01\"", 1 },
		{ "# \x01", 1 },
		{ "a='''x", 1 },
		{ "a=\"\"\"x\"\"", 1 },
		{ "a=[1 2]", 1 },
		{ "a=[1,,2]", 1 },
		{ "a=[1", 1 },
		{ "a={x=1,}", 1 },
		{ "a={x=1", 1 },
		{ "a={\nx=1}", 1 },
		{ "a={x=1,x=2}", 1 },
		{ "a={x=1}\na.y=2", 2 },
		{ "a={x=1}\n[a]", 2 },
		{ "a={x={}}\n[a.x.y]", 2 },
		{ "[a]\n[a]", 2 },
		{ "[a", 1 },
		{ "[]", 1 },
		{ "[[a]\n", 1 },
		{ "[a]]", 1 },
		{ "[a] x=1", 1 },
		{ "a=1\n[a]", 2 },
		{ "a=1\n[a.b]", 2 },
		{ "a=[1]\n[[a]]", 2 },
		{ "a=[]\n[[a]]", 2 },
		{ "[[a]]\n[a]", 2 },
		{ "[a]\n[[a]]", 2 },
		{ "a.b=1\n[a]", 2 },
		{ "[a]\nb.c=1\n[a.b]", 3 },
		{ "[a.b]\nx=1\n[a]\nb.y=2", 4 },
		{ "a=2020-13-01", 1 },
		{ "a=2020-01-01T", 1 },
		{ "a=25:00:00", 1 },
		{ "a=1\r", 1 },
		{ "a.b=1\na.b.c=2", 2 },
		{ "\"\"\"a\"\"\"=1", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *line = xasprintf("test.toml: line %d: ", cases[i].line);
		struct json *j = NULL;
		struct err e;

		if (toml_parse(&j, "test.toml", cases[i].toml, strlen(cases[i].toml), &e) !=
		    -EINVAL)
			fail_msg("accepted: %s", cases[i].toml);
		assert_null(j);
		if (!strstr(e.msg, line))
			fail_msg("%s: %s", cases[i].toml, e.msg);
	}
}

static void limits_depth_and_refuses_nul(void **state)
{
	char text[4000];
	struct json *j = NULL;
	struct err e;

	(void)state;
	memset(text, '[', sizeof(text));
	memcpy(text, "a=", 2);
	assert_int_equal(toml_parse(&j, "t", text, sizeof(text), &e), -EINVAL);
	assert_non_null(strstr(e.msg, "deep"));
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? '.' : 'a';
	assert_int_equal(toml_parse(&j, "t", text, sizeof(text), &e), -EINVAL);
	assert_int_equal(toml_parse(&j, "t", "a=1\n\0b=2", 9, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "NUL"));
}

static void load_names_the_file(void **state)
{
	struct json *j = NULL;
	struct err e;

	(void)state;
	assert_int_equal(toml_load_at(&j, AT_FDCWD, "no-such.toml", &e), -ENOENT);
	assert_non_null(strstr(e.msg, "no-such.toml"));
	assert_int_equal(file_write_at(AT_FDCWD, "t.toml", "a=1\nb\n", 6, 0600, 0), 0);
	assert_int_equal(toml_load_at(&j, AT_FDCWD, "t.toml", &e), -EINVAL);
	assert_non_null(strstr(e.msg, "t.toml: line 2"));
	unlink("t.toml");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_values),
		cmocka_unit_test(reads_tables),
		cmocka_unit_test(refuses),
		cmocka_unit_test(limits_depth_and_refuses_nul),
		cmocka_unit_test(load_names_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
