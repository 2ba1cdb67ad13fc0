/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/yaml_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void yaml_is(const char *json, const char *expected)
{
	auto_of(json_free) struct json *j = NULL;
	auto_of(str_clear) struct str out = { 0 };
	struct err e;

	assert_int_equal(json_parse(&j, json, strlen(json), &e), 0);
	yaml_out_write(&out, j);
	assert_string_equal(out.p, expected);
}

static void writes_blocks(void **state)
{
	(void)state;
	yaml_is("{\"b\":1,\"a\":{\"y\":true,\"x\":null},\"c\":[\"p\",2],\"d\":{},\"e\":[]}",
		"a:\n  x: null\n  \"y\": true\nb: 1\nc:\n- p\n- 2\nd: {}\ne: []\n");
}

static void writes_lists_of_mappings(void **state)
{
	(void)state;
	yaml_is("{\"m\":[{\"size\":1,\"id\":0},{\"id\":1}],\"n\":[[1,2],[]]}",
		"m:\n- id: 0\n  size: 1\n- id: 1\n\"n\":\n- - 1\n  - 2\n- []\n");
}

static void quotes_what_would_be_read_otherwise(void **state)
{
	(void)state;
	yaml_is("[\"12\",\"1.5e3\",\"true\",\"null\",\"\",\"a: b\",\"a:b\",\"- x\",\"it's\",\"#x\"]",
		"- \"12\"\n- \"1.5e3\"\n- \"true\"\n- \"null\"\n- \"\"\n- 'a: b'\n- a:b\n- '- x'\n- it's\n"
		"- '#x'\n");
}

static void shows_no_control_bytes(void **state)
{
	(void)state;
	yaml_is("{\"k\":\"a\\u001b[31mb\"}", "k: \"a\\u001b[31mb\"\n");
	yaml_is("{\"k\":\"two\\nlines\"}", "k: |-\n  two\n  lines\n");
	yaml_is("{\"k\":\"two\\nlines\\n\"}", "k: |\n  two\n  lines\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_blocks),
		cmocka_unit_test(writes_lists_of_mappings),
		cmocka_unit_test(quotes_what_would_be_read_otherwise),
		cmocka_unit_test(shows_no_control_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
