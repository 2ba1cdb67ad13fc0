/* SPDX-License-Identifier: Apache-2.0 */
#include "image/platform.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void parse_is(const char *platform, const char *os, const char *arch, const char *variant,
		     const char *expected)
{
	auto_of(platform_clear) struct platform p = { 0 };
	autofree char *text = NULL;
	struct err e = { 0 };

	if (platform_parse(&p, platform, os, arch, variant, &e) != 0)
		fail_msg("%s", e.msg);
	text = platform_to_string(&p);
	assert_string_equal(text, expected);
}

static void parsing(void **state)
{
	static const char *const bad[] = { "a/b/c/d", "/", "linux/", "linux//v8", "lin ux/arm", "../x" };

	(void)state;
	parse_is("linux/arm64", NULL, NULL, NULL, "linux/arm64");
	parse_is("linux/arm/v7", NULL, NULL, NULL, "linux/arm/v7");
	parse_is("arm64", NULL, NULL, NULL, "linux/arm64");
	parse_is("linux/x86_64", NULL, NULL, NULL, "linux/amd64");
	parse_is("linux/aarch64", NULL, NULL, NULL, "linux/arm64");
	parse_is(NULL, "freebsd", "armhf", NULL, "freebsd/arm/v7");
	parse_is("linux/arm/v7", NULL, NULL, "v6", "linux/arm/v6");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct platform p = { 0 };
		struct err e;

		if (platform_parse(&p, bad[i], NULL, NULL, NULL, &e) != -ERR_USAGE ||
		    platform_parse(&p, "linux/arm64", NULL, "arm64", NULL, &e) != -ERR_USAGE)
			fail_msg("%s", bad[i]);
	}
}

static const char index_text[] =
	"{\"manifests\":["
	"{\"digest\":\"unknown\",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}},"
	"{\"digest\":\"win\",\"platform\":{\"os\":\"windows\",\"architecture\":\"amd64\"}},"
	"{\"digest\":\"amd64v3\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"v3\"}},"
	"{\"digest\":\"amd64\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},"
	"{\"digest\":\"armv5\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v5\"}},"
	"{\"digest\":\"armv6\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v6\"}},"
	"{\"digest\":\"armv8\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v8\"}},"
	"{\"digest\":\"arm64\",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\"}}"
	"]}";

static void choose_is(const struct json *index, const char *platform, const char *expected)
{
	auto_of(platform_clear) struct platform p = { 0 };
	const struct json *d = NULL;
	struct err e = { 0 };

	assert_int_equal(platform_parse(&p, platform, NULL, NULL, NULL, &e), 0);
	if (!expected) {
		assert_int_equal(platform_choose(&p, index, &d, &e), -ERR_NO_SUCH);
		assert_non_null(strstr(e.msg, "linux/arm/v6"));
		assert_null(strstr(e.msg, "unknown"));
		return;
	}
	if (platform_choose(&p, index, &d, &e) != 0)
		fail_msg("%s: %s", platform, e.msg);
	assert_string_equal(json_get_str(d, "digest"), expected);
}

static void choosing(void **state)
{
	auto_of(json_free) struct json *index = NULL, *plain = NULL;
	struct err e;

	(void)state;
	assert_int_equal(json_parse(&index, index_text, strlen(index_text), &e), 0);
	choose_is(index, "linux/amd64", "amd64");
	choose_is(index, "linux/amd64/v3", "amd64v3");
	choose_is(index, "linux/amd64/v2", "amd64");
	choose_is(index, "linux/arm", "armv6");
	choose_is(index, "linux/arm/v5", "armv5");
	choose_is(index, "linux/arm64", "arm64");
	choose_is(index, "linux/arm64/v8", "arm64");
	choose_is(index, "windows/amd64", "win");
	choose_is(index, "linux/s390x", NULL);
	assert_int_equal(json_parse(&plain, "{\"manifests\":[{\"digest\":\"x\"}]}", 30, &e), 0);
	choose_is(plain, "linux/s390x", "x");
}

static void configs(void **state)
{
	auto_of(platform_clear) struct platform p = { 0 };
	auto_of(json_free) struct json *c = json_new_object();
	struct err e;

	(void)state;
	assert_int_equal(platform_parse(&p, "linux/arm64", NULL, NULL, NULL, &e), 0);
	assert_true(platform_fits_config(&p, c));
	json_set_str(c, "architecture", "arm64");
	assert_true(platform_fits_config(&p, c));
	json_set_str(c, "os", "windows");
	assert_false(platform_fits_config(&p, c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing),
		cmocka_unit_test(choosing),
		cmocka_unit_test(configs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
