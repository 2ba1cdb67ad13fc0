/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_policy: rules about system calls, compiled to the kernel's filter language.
 *
 * Runs in:  the monitor, when the compiled filter is not in the cache.
 * Owns:     struct seccomp_policy (seccomp_policy_clear). Names are borrowed until then.
 * Needs:    libseccomp, for the numbers of system calls on each architecture.
 * Fails:    E2BIG more instructions than the kernel takes.
 * Not here: which rules (seccomp_default.h, seccomp_profile.h).
 * Source:   seccomp(2); kernel Documentation/userspace-api/seccomp_filter.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

#include <stdint.h>

struct sock_filter;

enum seccomp_op {
	SECCOMP_OP_EQ, SECCOMP_OP_NE, SECCOMP_OP_LT, SECCOMP_OP_LE, SECCOMP_OP_GE, SECCOMP_OP_GT,
	SECCOMP_OP_MASKED_EQ,	/* (argument & mask) == value */
	N_SECCOMP_OPS
};

struct seccomp_cond {
	unsigned int arg;	/* 0..5 */
	enum seccomp_op op;
	bool is_int;		/* the kernel takes 32 bits of it: the rest is not looked at */
	uint64_t value, mask;
};

#define SECCOMP_MAX_CONDS 6

struct seccomp_rule {
	const char *name;	/* borrowed */
	uint32_t action;	/* SECCOMP_RET_x and its data */
	unsigned int n;
	struct seccomp_cond conds[SECCOMP_MAX_CONDS];	/* all must hold */
};

struct seccomp_policy {
	uint32_t default_action;
	uint32_t arches[8];	/* SCMP_ARCH_x beside the native one */
	size_t arches_n;
	struct seccomp_rule *rules;	/* owned */
	size_t n;
};

void seccomp_policy_add_arch(struct seccomp_policy *p, uint32_t arch);
/* Of the rules for one call those with conditions are tried first, in their order, then the first
 * one without. A name that is not known on an architecture does not exist there. */
void seccomp_policy_add(struct seccomp_policy *p, const char *name, uint32_t action, unsigned int n,
			const struct seccomp_cond *conds);
/* *out is owned by the caller. */
int seccomp_policy_compile(const struct seccomp_policy *p, struct sock_filter **out, size_t *n,
			   struct err *e);
void seccomp_policy_clear(struct seccomp_policy *p);
DEFINE_AUTO_VALUE(struct seccomp_policy, seccomp_policy_clear)
