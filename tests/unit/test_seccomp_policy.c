/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/seccomp_policy.h"

#include "bpf_run.h"

#include <linux/audit.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ALLOW SECCOMP_RET_ALLOW
#define DENY (SECCOMP_RET_ERRNO | 38)
#define E(n) (SECCOMP_RET_ERRNO | (n))

static struct sock_filter *program;
static size_t program_n;

static void compile(struct seccomp_policy *p)
{
	struct err e;

	free(program);
	program = NULL;
	assert_int_equal(seccomp_policy_compile(p, &program, &program_n, &e), 0);
	seccomp_policy_clear(p);
}

static uint32_t ask(uint32_t arch, uint32_t nr, uint64_t a0, uint64_t a1, uint64_t a2)
{
	struct seccomp_data d = { .nr = nr, .arch = arch, .args = { a0, a1, a2 } };

	return bpf_run(program, program_n, &d);
}

static uint32_t native(uint32_t nr, uint64_t a0)
{
	return ask(seccomp_arch_native(), nr, a0, 0, 0);
}

static void test_empty(void **state)
{
	struct seccomp_policy p = { .default_action = DENY };

	(void)state;
	compile(&p);
	assert_int_equal(native(0, 0), DENY);
	assert_int_equal(native(UINT32_MAX, 0), DENY);
	assert_int_equal(ask(12345, 0, 0, 0, 0), SECCOMP_RET_KILL_PROCESS);
}

/* Every number of the first 600 has the answer of its own rule, whatever its neighbours have. */
static void test_each_number(void **state)
{
	struct seccomp_policy p = { .default_action = DENY };
	static char *names[600];

	(void)state;
	for (int nr = 0; nr < 600; nr++) {
		names[nr] = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
		if (names[nr] && nr % 3)
			seccomp_policy_add(&p, names[nr], nr % 3 == 1 ? ALLOW : E(nr), 0, NULL);
	}
	compile(&p);
	for (int nr = 0; nr < 600; nr++) {
		uint32_t want = !names[nr] || nr % 3 == 0 ? DENY : nr % 3 == 1 ? ALLOW : E(nr);

		assert_int_equal(native(nr, 0), want);
		free(names[nr]);
	}
	assert_int_equal(native(UINT32_MAX, 0), DENY);
}

static bool holds(enum seccomp_op op, uint64_t a, uint64_t v, uint64_t mask)
{
	switch (op) {
	case SECCOMP_OP_EQ: return a == v;
	case SECCOMP_OP_NE: return a != v;
	case SECCOMP_OP_LT: return a < v;
	case SECCOMP_OP_LE: return a <= v;
	case SECCOMP_OP_GE: return a >= v;
	case SECCOMP_OP_GT: return a > v;
	default: return (a & mask) == v;
	}
}

static void test_comparisons(void **state)
{
	static const uint64_t values[] = {
		0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000001, 0x1ffffffff,
		0x200000000, 0x7fffffffffffffff, 0x8000000000000000, UINT64_MAX - 1, UINT64_MAX,
	};

	(void)state;
	for (int op = 0; op < N_SECCOMP_OPS; op++)
		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
			struct seccomp_cond c = {
				.arg = 0, .op = op, .value = values[v], .mask = 0xf0000000f,
			};
			struct seccomp_policy p = { .default_action = DENY };

			if (op == SECCOMP_OP_MASKED_EQ)
				c.value &= c.mask;
			seccomp_policy_add(&p, "read", ALLOW, 1, &c);
			compile(&p);
			for (size_t a = 0; a < ARRAY_SIZE(values); a++)
				assert_int_equal(native(SYS_read, values[a]),
						 holds(op, values[a], c.value, c.mask) ? ALLOW : DENY);
		}
}

/* CVE-2019-10063: the upper half of an int argument hides nothing. */
static void test_int_ignores_upper_half(void **state)
{
	const struct seccomp_cond c = { .arg = 0, .op = SECCOMP_OP_EQ, .is_int = true, .value = 38 };
	struct seccomp_policy p = { .default_action = ALLOW };

	(void)state;
	seccomp_policy_add(&p, "read", E(1), 1, &c);
	compile(&p);
	assert_int_equal(native(SYS_read, 38), E(1));
	assert_int_equal(native(SYS_read, UINT64_C(0x100000026)), E(1));
	assert_int_equal(native(SYS_read, 39), ALLOW);
}

static void test_order(void **state)
{
	const struct seccomp_cond two[2] = {
		{ .arg = 0, .op = SECCOMP_OP_EQ, .value = 16 },
		{ .arg = 2, .op = SECCOMP_OP_EQ, .value = 9 },
	};
	struct seccomp_policy p = { .default_action = DENY };

	(void)state;
	seccomp_policy_add(&p, "read", ALLOW, 0, NULL);
	seccomp_policy_add(&p, "read", E(5), 0, NULL);
	seccomp_policy_add(&p, "read", E(22), 2, two);
	seccomp_policy_add(&p, "read", E(7), 1, two);
	compile(&p);
	assert_int_equal(ask(seccomp_arch_native(), SYS_read, 16, 0, 9), E(22));
	assert_int_equal(ask(seccomp_arch_native(), SYS_read, 16, 0, 8), E(7));
	assert_int_equal(ask(seccomp_arch_native(), SYS_read, 15, 0, 9), ALLOW);
}

static void test_architectures(void **state)
{
	struct seccomp_policy p = { .default_action = DENY };

	(void)state;
	if (seccomp_arch_native() != SCMP_ARCH_X86_64)
		skip();
	seccomp_policy_add_arch(&p, SCMP_ARCH_X86);
	seccomp_policy_add_arch(&p, SCMP_ARCH_X32);
	seccomp_policy_add_arch(&p, SCMP_ARCH_X86);
	assert_int_equal(p.arches_n, 2);
	seccomp_policy_add(&p, "read", ALLOW, 0, NULL);
	seccomp_policy_add(&p, "socket", ALLOW, 0, NULL);
	compile(&p);
	assert_int_equal(ask(AUDIT_ARCH_I386, 3, 0, 0, 0), ALLOW);	/* read */
	assert_int_equal(ask(AUDIT_ARCH_I386, 0, 0, 0, 0), DENY);
	assert_int_equal(ask(AUDIT_ARCH_I386, 359, 0, 0, 0), ALLOW);	/* socket */
	assert_int_equal(ask(AUDIT_ARCH_I386, 102, 1, 0, 0), DENY);	/* socketcall */
	assert_int_equal(ask(AUDIT_ARCH_X86_64, 0x40000000, 0, 0, 0), ALLOW);
	assert_int_equal(ask(AUDIT_ARCH_X86_64, 0x40000001, 0, 0, 0), DENY);
	assert_int_equal(ask(AUDIT_ARCH_X86_64, SYS_socket, 0, 0, 0), ALLOW);
	assert_int_equal(ask(AUDIT_ARCH_AARCH64, 63, 0, 0, 0), SECCOMP_RET_KILL_PROCESS);
}

static void test_unknown_name(void **state)
{
	struct seccomp_policy p = { .default_action = DENY };

	(void)state;
	seccomp_policy_add(&p, "no_such_call", ALLOW, 0, NULL);
	compile(&p);
	assert_int_equal(native(0, 0), DENY);
}

static void test_too_large(void **state)
{
	struct seccomp_policy p = { .default_action = DENY };
	struct sock_filter *f = NULL;
	size_t n;
	struct err e;

	(void)state;
	for (unsigned int i = 0; i < 2000; i++) {
		const struct seccomp_cond c = { .arg = 0, .op = SECCOMP_OP_EQ, .value = i };

		seccomp_policy_add(&p, "read", E(1), 1, &c);
	}
	assert_int_equal(seccomp_policy_compile(&p, &f, &n, &e), -E2BIG);
	seccomp_policy_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_each_number),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_int_ignores_upper_half),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_architectures),
		cmocka_unit_test(test_unknown_name),
		cmocka_unit_test(test_too_large),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	free(program);
	return r;
}
