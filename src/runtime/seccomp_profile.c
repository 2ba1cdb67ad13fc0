/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/seccomp_profile.h"

#include "base/json.h"
#include "base/str.h"
#include "runtime/caps.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

static const struct {
	const char *name;
	uint32_t action;
	bool has_errno;
} actions[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW, false },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO, true },
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD, false },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD, false },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, false },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP, false },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE, true },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG, false },
};

static const struct {
	const char *name;
	enum seccomp_op op;
} ops[] = {
	{ "SCMP_CMP_NE", SECCOMP_OP_NE },		{ "SCMP_CMP_LT", SECCOMP_OP_LT },
	{ "SCMP_CMP_LE", SECCOMP_OP_LE },		{ "SCMP_CMP_EQ", SECCOMP_OP_EQ },
	{ "SCMP_CMP_GE", SECCOMP_OP_GE },		{ "SCMP_CMP_GT", SECCOMP_OP_GT },
	{ "SCMP_CMP_MASKED_EQ", SECCOMP_OP_MASKED_EQ },
};

/* "SCMP_ARCH_x" and the name Go has for it, which includes and excludes use. */
static const struct {
	const char *name, *go_name;
	uint32_t arch;
} arches[] = {
	{ "SCMP_ARCH_X86", "x86", SCMP_ARCH_X86 },
	{ "SCMP_ARCH_X86_64", "amd64", SCMP_ARCH_X86_64 },
	{ "SCMP_ARCH_X32", "x32", SCMP_ARCH_X32 },
	{ "SCMP_ARCH_ARM", "arm", SCMP_ARCH_ARM },
	{ "SCMP_ARCH_AARCH64", "arm64", SCMP_ARCH_AARCH64 },
	{ "SCMP_ARCH_MIPS", "mips", SCMP_ARCH_MIPS },
	{ "SCMP_ARCH_MIPS64", "mips64", SCMP_ARCH_MIPS64 },
	{ "SCMP_ARCH_MIPS64N32", "mips64n32", SCMP_ARCH_MIPS64N32 },
	{ "SCMP_ARCH_MIPSEL", "mipsel", SCMP_ARCH_MIPSEL },
	{ "SCMP_ARCH_MIPSEL64", "mipsel64", SCMP_ARCH_MIPSEL64 },
	{ "SCMP_ARCH_MIPSEL64N32", "mipsel64n32", SCMP_ARCH_MIPSEL64N32 },
	{ "SCMP_ARCH_PPC", "ppc", SCMP_ARCH_PPC },
	{ "SCMP_ARCH_PPC64", "ppc64", SCMP_ARCH_PPC64 },
	{ "SCMP_ARCH_PPC64LE", "ppc64le", SCMP_ARCH_PPC64LE },
	{ "SCMP_ARCH_S390", "s390", SCMP_ARCH_S390 },
	{ "SCMP_ARCH_S390X", "s390x", SCMP_ARCH_S390X },
	{ "SCMP_ARCH_RISCV64", "riscv64", SCMP_ARCH_RISCV64 },
};

struct profile {
	struct seccomp_policy *policy;	/* borrowed */
	uint64_t caps;
	int kernel_major, kernel_minor;
};

static int errno_of(const char *name)
{
	for (int n = 1; name && n < 200; n++)
		if (str_eq(strerrorname_np(n), name))
			return n;
	return -1;
}

/* The action of an object whose members are called key, ret_key and name_key. */
static int parse_action(const struct json *j, const char *key, const char *ret_key,
			const char *name_key, uint32_t *out, struct err *e)
{
	const char *name = json_get_str(j, key);
	int64_t code = json_get_int(j, ret_key, -1);

	if (code < 0 && json_get_str(j, name_key))
		code = errno_of(json_get_str(j, name_key));
	for (size_t i = 0; name && i < ARRAY_SIZE(actions); i++) {
		if (!str_eq(name, actions[i].name))
			continue;
		if (code < 0 || code > 4095)
			code = EPERM;
		*out = actions[i].action | (actions[i].has_errno ? (uint32_t)code : 0);
		return 0;
	}
	return err_set(e, EINVAL, "seccomp profile: %s '%s' is not known", key, name ? name : "");
}

static int parse_flags(const struct json *j, unsigned int *flags, struct err *e)
{
	const struct json *list = json_get(j, "flags");

	*flags = 0;
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_str(json_at(list, i));

		if (str_eq(name, "SECCOMP_FILTER_FLAG_LOG"))
			*flags |= SECCOMP_FILTER_FLAG_LOG;
		else if (str_eq(name, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"))
			*flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
		else if (!str_eq(name, "SECCOMP_FILTER_FLAG_TSYNC"))	/* one thread anyway */
			return err_set(e, EINVAL, "seccomp profile: flag '%s' is not supported",
				       name ? name : "");
	}
	return 0;
}

static int add_arch(struct profile *p, const char *name, struct err *e)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(arches); i++) {
		if (!str_eq(name, arches[i].name))
			continue;
		seccomp_policy_add_arch(p->policy, arches[i].arch);
		return 0;
	}
	return err_set(e, EINVAL, "seccomp profile: architecture '%s' is not known", name ? name : "");
}

static const char *native_name(bool is_go)
{
	for (size_t i = 0; i < ARRAY_SIZE(arches); i++)
		if (arches[i].arch == seccomp_arch_native())
			return is_go ? arches[i].go_name : arches[i].name;
	return "";
}

static int add_arches(struct profile *p, const struct json *j, struct err *e)
{
	const struct json *list = json_get(j, "architectures"), *map = json_get(j, "archMap");
	int r = 0;

	for (size_t i = 0; i < json_len(list) && r >= 0; i++)
		r = add_arch(p, json_str(json_at(list, i)), e);
	for (size_t i = 0; i < json_len(map) && r >= 0; i++) {
		const struct json *entry = json_at(map, i), *sub = json_get(entry, "subArchitectures");

		if (!str_eq(json_get_str(entry, "architecture"), native_name(false)))
			continue;
		for (size_t k = 0; k < json_len(sub) && r >= 0; k++)
			r = add_arch(p, json_str(json_at(sub, k)), e);
	}
	return r;
}

static bool has_kernel(const struct profile *p, const char *version)
{
	int major = 0, minor = 0;

	if (sscanf(version, "%d.%d", &major, &minor) < 1)
		return false;
	return p->kernel_major > major || (p->kernel_major == major && p->kernel_minor >= minor);
}

/* Does one of the capabilities hold (any), or all of them? */
static bool caps_hold(const struct profile *p, const struct json *list, bool any)
{
	for (size_t i = 0; i < json_len(list); i++) {
		int cap = caps_parse(json_str(json_at(list, i)) ? json_str(json_at(list, i)) : "");
		bool has = cap >= 0 && p->caps & (UINT64_C(1) << cap);

		if (has == any)
			return any;
	}
	return !any;
}

static bool arches_hold(const struct json *list)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(json_str(json_at(list, i)), native_name(true)))
			return true;
	return false;
}

/* includes: all of it must hold; excludes: nothing of it may. */
static bool applies(const struct profile *p, const struct json *rule)
{
	const struct json *in = json_get(rule, "includes"), *ex = json_get(rule, "excludes");
	const char *in_kernel = json_get_str(in, "minKernel"), *ex_kernel = json_get_str(ex, "minKernel");

	if (json_len(json_get(in, "caps")) && !caps_hold(p, json_get(in, "caps"), false))
		return false;
	if (json_len(json_get(in, "arches")) && !arches_hold(json_get(in, "arches")))
		return false;
	if (!str_empty(in_kernel) && !has_kernel(p, in_kernel))
		return false;
	if (json_len(json_get(ex, "caps")) && caps_hold(p, json_get(ex, "caps"), true))
		return false;
	if (json_len(json_get(ex, "arches")) && arches_hold(json_get(ex, "arches")))
		return false;
	return str_empty(ex_kernel) || !has_kernel(p, ex_kernel);
}

static int parse_arg(const struct json *j, struct seccomp_cond *out, struct err *e)
{
	const char *op = json_get_str(j, "op");
	uint64_t index = json_uint(json_get(j, "index"), 99);
	uint64_t value = json_uint(json_get(j, "value"), 0);
	uint64_t value_two = json_uint(json_get(j, "valueTwo"), 0);

	if (index > 5)
		return err_set(e, EINVAL, "seccomp profile: a system call has no argument %llu",
			       (unsigned long long)index);
	for (size_t i = 0; op && i < ARRAY_SIZE(ops); i++) {
		if (!str_eq(op, ops[i].name))
			continue;
		*out = (struct seccomp_cond){ .arg = index, .op = ops[i].op, .value = value };
		if (out->op == SECCOMP_OP_MASKED_EQ) {
			out->mask = value;
			out->value = value_two;
		}
		return 0;
	}
	return err_set(e, EINVAL, "seccomp profile: op '%s' is not known", op ? op : "");
}

/* Conditions on different arguments go together; conditions on the same one are alternatives, as
 * Docker and Podman read them. */
static void add_name(struct profile *p, const char *name, uint32_t action, unsigned int n,
		     const struct seccomp_cond *conds)
{
	bool is_repeated = false;

	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k < i; k++)
			is_repeated |= conds[i].arg == conds[k].arg;
	if (!is_repeated) {
		seccomp_policy_add(p->policy, name, action, n, conds);
		return;
	}
	for (unsigned int i = 0; i < n; i++)
		seccomp_policy_add(p->policy, name, action, 1, &conds[i]);
}

static int add_syscalls(struct profile *p, const struct json *rule, struct err *e)
{
	const struct json *names = json_get(rule, "names"), *list = json_get(rule, "args");
	struct seccomp_cond args[16];
	size_t n = json_len(list);
	uint32_t action;
	int r;

	if (!applies(p, rule))
		return 0;
	r = parse_action(rule, "action", "errnoRet", "errno", &action, e);
	if (r >= 0 && n > ARRAY_SIZE(args))
		r = err_set(e, EINVAL, "seccomp profile: more than %zu conditions", ARRAY_SIZE(args));
	for (size_t i = 0; i < n && r >= 0; i++)
		r = parse_arg(json_at(list, i), &args[i], e);
	if (r >= 0 && json_get_str(rule, "name"))
		add_name(p, json_get_str(rule, "name"), action, n, args);
	for (size_t i = 0; i < json_len(names) && r >= 0; i++) {
		const char *name = json_str(json_at(names, i));

		if (!name)
			return err_set(e, EINVAL, "seccomp profile: names is not a list of strings");
		add_name(p, name, action, n, args);
	}
	return r;
}

static int fill(struct profile *p, const struct json *j, struct err *e)
{
	const struct json *rules = json_get(j, "syscalls");
	int r = add_arches(p, j, e);

	if (json_get_str(j, "listenerPath"))
		return err_set(e, EINVAL, "seccomp profile: listenerPath is not supported");
	for (size_t i = 0; i < json_len(rules) && r >= 0; i++)
		r = add_syscalls(p, json_at(rules, i), e);
	return r;
}

int seccomp_profile_build(struct seccomp_policy *policy, unsigned int *flags, const struct json *j,
			  uint64_t caps, struct err *e)
{
	struct profile p = { .policy = policy, .caps = caps };
	struct utsname uts;
	int r;

	if (!json_is(j, JSON_OBJECT))
		return err_set(e, EINVAL, "seccomp profile: not a JSON object");
	if (uname(&uts) == 0)
		sscanf(uts.release, "%d.%d", &p.kernel_major, &p.kernel_minor);
	r = parse_action(j, "defaultAction", "defaultErrnoRet", "defaultErrno",
			 &policy->default_action, e);
	if (r >= 0)
		r = parse_flags(j, flags, e);
	return r < 0 ? r : fill(&p, j, e);
}
