/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "container/ctr_secrets.h"

static void test_good(void **unused)
{
	static const struct {
		const char *text, *name, *target;
		bool is_env;
		unsigned int uid, gid, mode;
	} cases[] = {
		{ "s", "s", "/run/secrets/s", false, 0, 0, 0444 },
		{ "source=s,type=mount", "s", "/run/secrets/s", false, 0, 0, 0444 },
		{ "s,target=x/y,uid=1,gid=2,mode=0400", "s", "/run/secrets/x/y", false, 1, 2, 0400 },
		{ "s,target=/etc//k", "s", "/etc/k", false, 0, 0, 0444 },
		{ "s,type=env", "s", "s", true, 0, 0, 0444 },
		{ "s,type=env,target=V", "s", "V", true, 0, 0, 0444 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_of(ctr_secret_clear) struct ctr_secret s = { 0 };
		struct err e = { 0 };

		assert_int_equal(ctr_secret_parse(&s, cases[i].text, &e), 0);
		assert_string_equal(s.name, cases[i].name);
		assert_string_equal(s.target, cases[i].target);
		assert_int_equal(s.is_env, cases[i].is_env);
		assert_int_equal(s.uid, cases[i].uid);
		assert_int_equal(s.gid, cases[i].gid);
		assert_int_equal(s.mode, cases[i].mode);
	}
}

static void test_bad(void **unused)
{
	static const char *const cases[] = {
		"", ",type=env", "s,type=file", "s,mode=9", "s,mode=77777", "s,uid=x", "s,uid=-1",
		"s,uid=4294967295", "s,target=", "s,target=..", "s,target=../../etc/passwd", "s,target=.",
		"s,target=/", "s,colour=red", "s,type=env,mode=0400", "s,type=env,uid=0",
		"s,type=env,target=A=B",
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_of(ctr_secret_clear) struct ctr_secret s = { 0 };
		struct err e = { 0 };

		assert_int_equal(ctr_secret_parse(&s, cases[i], &e), -ERR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_bad) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
