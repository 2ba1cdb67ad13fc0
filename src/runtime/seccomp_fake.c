/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/seccomp_fake.h"

#include "base/mem.h"
#include "runtime/seccomp_policy.h"

#include <linux/seccomp.h>
#include <sys/stat.h>

static const char *const calls[] = {
	"chown", "chown32", "fchown", "fchown32", "lchown", "lchown32", "fchownat",
	"setuid", "setuid32", "setgid", "setgid32", "setreuid", "setreuid32", "setregid", "setregid32",
	"setresuid", "setresuid32", "setresgid", "setresgid32", "setgroups", "setgroups32",
	"setfsuid", "setfsuid32", "setfsgid", "setfsgid32",
};

static void fake_node(struct seccomp_policy *p, const char *name, unsigned int arg, mode_t type)
{
	struct seccomp_cond is_type = { .arg = arg, .op = SECCOMP_OP_MASKED_EQ, .is_int = true,
					.value = type, .mask = S_IFMT };

	seccomp_policy_add(p, name, SECCOMP_RET_ERRNO, 1, &is_type);
}

void seccomp_fake_build(struct seccomp_policy *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		seccomp_policy_add(p, calls[i], SECCOMP_RET_ERRNO, 0, NULL);
	fake_node(p, "mknod", 1, S_IFCHR);
	fake_node(p, "mknod", 1, S_IFBLK);
	fake_node(p, "mknodat", 2, S_IFCHR);
	fake_node(p, "mknodat", 2, S_IFBLK);
}
