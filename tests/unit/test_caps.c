/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/caps.h"

#include "runtime/affinity.h"
#include "runtime/rlimit.h"
#include "runtime/spec.h"

#include <linux/capability.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CAP(x) (UINT64_C(1) << CAP_##x)

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(caps_parse("CAP_NET_RAW"), CAP_NET_RAW);
	assert_int_equal(caps_parse("net_raw"), CAP_NET_RAW);
	assert_int_equal(caps_parse("cap_chown"), CAP_CHOWN);
	assert_int_equal(caps_parse("CAP_"), -EINVAL);
	assert_int_equal(caps_parse("ALL"), -EINVAL);
	assert_int_equal(caps_parse(""), -EINVAL);
	for (int cap = 0; cap <= CAP_CHECKPOINT_RESTORE; cap++)
		assert_int_equal(caps_parse(caps_name(cap)), cap);
	assert_null(caps_name(63));
	assert_null(caps_name(-1));
}

static void test_root(void **state)
{
	struct spec_caps in = {
		.bounding = CAP(CHOWN) | CAP(KILL), .effective = CAPS_ALL, .permitted = CAPS_ALL,
		.ambient = CAP(KILL),
	};
	struct spec_caps c = caps_for_uid(&in, 0);

	(void)state;
	assert_int_equal(c.permitted, CAP(CHOWN) | CAP(KILL));
	assert_int_equal(c.effective, c.permitted);
	assert_int_equal(c.inheritable, 0);
	assert_int_equal(c.ambient, 0);
	/* --cap-add names them for a user who is not root. */
	in.inheritable = in.ambient = CAP(CHOWN);
	c = caps_for_uid(&in, 0);
	assert_int_equal(c.inheritable | c.ambient, 0);
}

/* CVE-2018-10856, CVE-2021-20188, CVE-2022-27649 */
static void test_another_user(void **state)
{
	struct spec_caps in = { .bounding = CAPS_ALL, .effective = CAPS_ALL, .permitted = CAPS_ALL };
	struct spec_caps c = caps_for_uid(&in, 1000);

	(void)state;
	assert_int_equal(c.permitted | c.effective | c.inheritable | c.ambient, 0);
	assert_true(c.bounding == CAPS_ALL);
	in.ambient = CAP(NET_RAW);
	c = caps_for_uid(&in, 1000);
	assert_int_equal(c.permitted, CAP(NET_RAW));
	assert_int_equal(c.effective, CAP(NET_RAW));
	assert_int_equal(c.ambient, CAP(NET_RAW));
	in.bounding = 0;
	c = caps_for_uid(&in, 1000);
	assert_int_equal(c.permitted | c.effective | c.inheritable | c.ambient, 0);
}

static void test_rlimits(void **state)
{
	struct err e;
	struct rlimit have;
	struct spec_rlimit l = { .resource = RLIMIT_NOFILE, .is_clamped_ok = true };

	(void)state;
	assert_int_equal(rlimit_parse("nofile"), RLIMIT_NOFILE);
	assert_int_equal(rlimit_parse("stack"), RLIMIT_STACK);
	assert_int_equal(rlimit_parse("NOFILE"), -EINVAL);
	assert_int_equal(rlimit_parse("files"), -EINVAL);
	assert_int_equal(rlimit_parse(""), -EINVAL);
	assert_string_equal(rlimit_name(RLIMIT_STACK), "RLIMIT_STACK");
	assert_null(rlimit_name(-1));
	assert_null(rlimit_name(999));
	getrlimit(RLIMIT_NOFILE, &have);
	l.limit = have;
	assert_int_equal(rlimit_apply(&l, 1, &e), 0);
}

static void test_cpu_lists(void **state)
{
	static const char *const bad[] = { "", ",", "1-", "-1", "3-1", "a", "1,,2", "99999", "0-99999" };
	cpu_set_t set;

	(void)state;
	assert_int_equal(affinity_parse("0-2,5", &set), 0);
	assert_int_equal(CPU_COUNT(&set), 4);
	assert_true(CPU_ISSET(5, &set));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(affinity_parse(bad[i], &set), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),	   cmocka_unit_test(test_root),
		cmocka_unit_test(test_another_user), cmocka_unit_test(test_rlimits),
		cmocka_unit_test(test_cpu_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
