/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/sysctl.h"

#include "runtime/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int check(const struct spec *s, const char *key, const char *value)
{
	struct spec_sysctl c = { .key = (char *)key, .value = (char *)value };
	struct err e;

	return sysctl_check(s, &c, &e);
}

static void test_of_namespaces(void **state)
{
	auto_of(spec_clear) struct spec s;

	(void)state;
	spec_init(&s);
	s.ns[SPEC_NS_NET] = s.ns[SPEC_NS_IPC] = SPEC_NS_NEW;
	assert_int_equal(check(&s, "net.ipv4.ip_forward", "1"), 0);
	assert_int_equal(check(&s, "net/ipv4/ip_forward", "1"), 0);
	assert_int_equal(check(&s, "net.ipv4.conf.eth0/1.forwarding", "1"), 0);
	assert_int_equal(check(&s, "kernel.shmmax", "1"), 0);
	assert_int_equal(check(&s, "kernel.sem", "1 2 3 4"), 0);
	assert_int_equal(check(&s, "fs.mqueue.msg_max", "10"), 0);
}

/* CVE-2022-0811, CVE-2022-0532 */
static void test_refused(void **state)
{
	auto_of(spec_clear) struct spec s;
	static const char *const keys[] = {
		"kernel.core_pattern", "kernel.shmmaxx", "vm.swappiness", "net", "net.", "fs.mqueue",
		"net/../kernel/core_pattern", "net.ipv4/../../kernel.core_pattern", "../x", "/net/x",
		"net//x", "net.ipv4.x\n", "net.ipv4.x=1", "net.ipv4.x+", "", "kernel.hostname",
	};
	int r;

	(void)state;
	spec_init(&s);
	s.ns[SPEC_NS_NET] = s.ns[SPEC_NS_IPC] = SPEC_NS_NEW;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		print_message("# %s\n", keys[i]);
		if (i == 3 || i == 4)	/* of the namespace, but no file: the kernel says so */
			continue;
		r = check(&s, keys[i], "1");
		assert_true(r == -EINVAL || r == -ERR_USAGE);
	}
	assert_int_equal(check(&s, "net.ipv4.ip_forward", "1\n2"), -EINVAL);
	assert_int_equal(check(&s, "net.ipv4.ip_forward", "1\r"), -EINVAL);
	s.ns[SPEC_NS_NET] = s.ns[SPEC_NS_IPC] = SPEC_NS_HOST;
	assert_int_equal(check(&s, "net.ipv4.ip_forward", "1"), -ERR_USAGE);
	assert_int_equal(check(&s, "kernel.shmmax", "1"), -ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_namespaces),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
