/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * A filter is asked at every system call, so its way to the answer has to be short, and it is loaded
 * at every start, so it has to be small. The numbers that are allowed lie close together: the answer
 * as a function of the number has some hundred steps. The program is a binary search over these
 * steps, seven or eight comparisons to any answer, and a few hundred instructions for each
 * architecture instead of the thousands that a list takes.
 *
 *   load architecture
 *   for each:  not this one -> next
 *              load number
 *              number >= S[mid] ?  -> right half : left half
 *              ...
 *              leaf: return, or the conditions on arguments and then return
 *   kill
 *
 * Jumps are relative and only forward, so a piece of program is made first and then placed.
 *
 * Why not libseccomp's own generator: conditions on socket(2) also change socketcall(2) of 32-bit
 * x86, which cannot have any, and then contradict each other there; and it takes 50 ms. Its tables
 * of names and numbers are what we need. On architectures with socketcall and ipc it gives no number
 * for the direct calls, so these stand here.
 */
#include "runtime/seccomp_policy.h"

#include "base/str.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

struct code {
	struct sock_filter *v;	/* owned */
	size_t n, cap;
};

static void code_clear(struct code *c)
{
	free(c->v);
}
DEFINE_AUTO_VALUE(struct code, code_clear)

static size_t emit(struct code *c, uint16_t op, uint32_t k, uint8_t jt, uint8_t jf)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 256;
		c->v = xreallocarray(c->v, c->cap, sizeof(*c->v));
	}
	c->v[c->n] = (struct sock_filter){ .code = op, .jt = jt, .jf = jf, .k = k };
	return c->n++;
}

#define LOAD (BPF_LD | BPF_W | BPF_ABS)
#define AND (BPF_ALU | BPF_AND | BPF_K)
#define JEQ (BPF_JMP | BPF_JEQ | BPF_K)
#define JGT (BPF_JMP | BPF_JGT | BPF_K)
#define JGE (BPF_JMP | BPF_JGE | BPF_K)
#define JA (BPF_JMP | BPF_JA)
#define RET (BPF_RET | BPF_K)

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW 4
#else
#define LOW 0
#endif

static uint32_t arg_offset(unsigned int arg, bool is_low)
{
	return offsetof(struct seccomp_data, args) + 8 * arg + (is_low ? LOW : 4 - LOW);
}

/* The numbers libseccomp hides: the same on x86 and s390, others by our own headers. */
static const struct {
	const char *name;
	int x86;
	int native;
} direct[] = {
#ifdef SYS_socket
#define SOCKET(name, nr) { #name, nr, SYS_##name }
#else
#define SOCKET(name, nr) { #name, nr, -1 }
#endif
#ifdef SYS_semget
#define IPC(name, nr) { #name, nr, SYS_##name }
#else
#define IPC(name, nr) { #name, nr, -1 }
#endif
	SOCKET(socket, 359),	  SOCKET(socketpair, 360),  SOCKET(bind, 361),
	SOCKET(connect, 362),	  SOCKET(listen, 363),	    SOCKET(accept4, 364),
	SOCKET(getsockopt, 365),  SOCKET(setsockopt, 366),  SOCKET(getsockname, 367),
	SOCKET(getpeername, 368), SOCKET(sendto, 369),	    SOCKET(sendmsg, 370),
	SOCKET(recvfrom, 371),	  SOCKET(recvmsg, 372),	    SOCKET(shutdown, 373),
	IPC(semget, 393),	  IPC(semctl, 394),	    IPC(shmget, 395),
	IPC(shmctl, 396),	  IPC(shmat, 397),	    IPC(shmdt, 398),
	IPC(msgget, 399),	  IPC(msgsnd, 400),	    IPC(msgrcv, 401),
	IPC(msgctl, 402),
};

/* -1: there is no such call. */
static int64_t resolve(uint32_t arch, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, name);

	if (nr >= 0)
		return nr;
	if (nr == __NR_SCMP_ERROR)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(direct); i++) {
		if (!str_eq(name, direct[i].name))
			continue;
		if (arch == SCMP_ARCH_X86 || arch == SCMP_ARCH_S390 || arch == SCMP_ARCH_S390X)
			return direct[i].x86;
		return arch == seccomp_arch_native() ? direct[i].native : -1;
	}
	return -1;
}

struct entry {
	uint32_t nr;
	size_t rule;
};

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->nr != y->nr)
		return x->nr < y->nr ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* From number start on, the rules entries[first..first+n), or the default action for n == 0. */
struct step {
	uint32_t start;
	size_t first, n;
	bool is_plain;		/* one action, without conditions */
	uint32_t action;
};

struct table {
	const struct seccomp_policy *p;
	struct entry *entries;	/* owned */
	size_t n;
	struct step *steps;	/* owned */
	size_t steps_n;
};

static void table_clear(struct table *t)
{
	free(t->entries);
	free(t->steps);
}
DEFINE_AUTO_VALUE(struct table, table_clear)

static void add_entries(struct table *t, uint32_t arch)
{
	for (size_t i = 0; i < t->p->n; i++) {
		int64_t nr = resolve(arch, t->p->rules[i].name);

		if (nr >= 0)
			t->entries[t->n++] = (struct entry){ .nr = nr, .rule = i };
	}
}

/* A step that starts where the last one does replaces it; one that says the same is none. */
static void add_step(struct table *t, struct step s)
{
	const struct step *last;

	if (t->steps_n && t->steps[t->steps_n - 1].start == s.start)
		t->steps_n--;
	last = t->steps_n ? &t->steps[t->steps_n - 1] : NULL;
	if (!last || !last->is_plain || !s.is_plain || last->action != s.action)
		t->steps[t->steps_n++] = s;
}

static void make_steps(struct table *t)
{
	struct step otherwise = { .is_plain = true, .action = t->p->default_action };

	qsort(t->entries, t->n, sizeof(*t->entries), compare_entries);
	t->steps = xcalloc(2 * t->n + 1, sizeof(*t->steps));
	add_step(t, otherwise);
	for (size_t i = 0; i < t->n;) {
		struct step s = { .start = t->entries[i].nr, .first = i };
		const struct seccomp_rule *r;

		while (i < t->n && t->entries[i].nr == s.start)
			i++;
		s.n = i - s.first;
		r = &t->p->rules[t->entries[s.first].rule];
		s.is_plain = s.n == 1 && r->n == 0;
		s.action = r->action;
		add_step(t, s);
		otherwise.start = s.start + 1;
		add_step(t, otherwise);
	}
}

/* One half of a comparison; the jump to "does not hold" has the distance FAIL until it is known. */
#define FAIL 255

static void emit_int(struct code *c, const struct seccomp_cond *d)
{
	uint32_t v = d->value;

	emit(c, LOAD, arg_offset(d->arg, true), 0, 0);
	switch (d->op) {
	case SECCOMP_OP_MASKED_EQ:
		emit(c, AND, d->mask, 0, 0);
		/* fall through */
	case SECCOMP_OP_EQ:
		emit(c, JEQ, v, 0, FAIL);
		break;
	case SECCOMP_OP_NE:
		emit(c, JEQ, v, FAIL, 0);
		break;
	case SECCOMP_OP_LT:
		emit(c, JGE, v, FAIL, 0);
		break;
	case SECCOMP_OP_LE:
		emit(c, JGT, v, FAIL, 0);
		break;
	case SECCOMP_OP_GE:
		emit(c, JGE, v, 0, FAIL);
		break;
	default:
		emit(c, JGT, v, 0, FAIL);
	}
}

/* 64 bits in two halves: the upper one decides unless it is equal. */
static void emit_long(struct code *c, const struct seccomp_cond *d)
{
	uint32_t hi = d->value >> 32, lo = d->value;
	uint16_t op = d->op == SECCOMP_OP_GT || d->op == SECCOMP_OP_LE ? JGT : JGE;

	emit(c, LOAD, arg_offset(d->arg, false), 0, 0);
	switch (d->op) {
	case SECCOMP_OP_MASKED_EQ:
		emit(c, AND, d->mask >> 32, 0, 0);
		emit(c, JEQ, hi, 0, FAIL);
		emit(c, LOAD, arg_offset(d->arg, true), 0, 0);
		emit(c, AND, d->mask, 0, 0);
		emit(c, JEQ, lo, 0, FAIL);
		break;
	case SECCOMP_OP_EQ:
		emit(c, JEQ, hi, 0, FAIL);
		emit(c, LOAD, arg_offset(d->arg, true), 0, 0);
		emit(c, JEQ, lo, 0, FAIL);
		break;
	case SECCOMP_OP_NE:
		emit(c, JEQ, hi, 0, 2);
		emit(c, LOAD, arg_offset(d->arg, true), 0, 0);
		emit(c, JEQ, lo, FAIL, 0);
		break;
	case SECCOMP_OP_GE:
	case SECCOMP_OP_GT:
		emit(c, JGT, hi, 3, 0);
		emit(c, JEQ, hi, 0, FAIL);
		emit(c, LOAD, arg_offset(d->arg, true), 0, 0);
		emit(c, op, lo, 0, FAIL);
		break;
	default:
		emit(c, JGT, hi, FAIL, 0);
		emit(c, JEQ, hi, 0, 2);
		emit(c, LOAD, arg_offset(d->arg, true), 0, 0);
		emit(c, op, lo, FAIL, 0);
	}
}

static void emit_rule(struct code *c, const struct seccomp_rule *r)
{
	size_t start = c->n;

	for (unsigned int i = 0; i < r->n; i++)
		r->conds[i].is_int ? emit_int(c, &r->conds[i]) : emit_long(c, &r->conds[i]);
	emit(c, RET, r->action, 0, 0);
	/* 6 conditions of at most 6 instructions: the end is always in reach of a short jump. */
	for (size_t i = start; i < c->n; i++) {
		struct sock_filter *f = &c->v[i];

		if (BPF_CLASS(f->code) != BPF_JMP)
			continue;
		if (f->jt == FAIL)
			f->jt = c->n - i - 1;
		if (f->jf == FAIL)
			f->jf = c->n - i - 1;
	}
}

static void emit_leaf(struct code *c, const struct table *t, const struct step *s)
{
	uint32_t otherwise = t->p->default_action;
	bool has_otherwise = false;

	if (s->is_plain) {
		emit(c, RET, s->action, 0, 0);
		return;
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct seccomp_rule *r = &t->p->rules[t->entries[s->first + i].rule];

		if (r->n) {
			emit_rule(c, r);
		} else if (!has_otherwise) {
			has_otherwise = true;
			otherwise = r->action;
		}
	}
	emit(c, RET, otherwise, 0, 0);
}

/* steps[lo..hi); the number is in the accumulator. */
static void emit_search(struct code *c, const struct table *t, size_t lo, size_t hi)
{
	size_t mid = lo + (hi - lo) / 2, at, len;

	if (hi - lo == 1) {
		emit_leaf(c, t, &t->steps[lo]);
		return;
	}
	at = emit(c, JGE, t->steps[mid].start, 0, 0);
	emit_search(c, t, lo, mid);
	len = c->n - at - 1;
	if (len <= 255) {
		c->v[at].jt = len;
	} else {
		/* Too far for a short jump: a long one comes between. */
		emit(c, RET, 0, 0, 0);
		memmove(&c->v[at + 2], &c->v[at + 1], len * sizeof(*c->v));
		c->v[at].jf = 1;
		c->v[at + 1] = (struct sock_filter){ .code = JA, .k = len };
	}
	emit_search(c, t, mid, hi);
}

/* x32 shares its architecture with x86_64 and has numbers of its own, far above. */
static uint32_t audit_arch(uint32_t arch)
{
	return arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch;
}

static void emit_arch(struct code *c, const struct seccomp_policy *p, const uint32_t *arches,
		      size_t n, size_t which)
{
	auto_of(table_clear) struct table t = { .p = p };
	size_t at;

	t.entries = xcalloc(n * p->n + 1, sizeof(*t.entries));
	for (size_t i = which; i < n; i++)
		if (audit_arch(arches[i]) == audit_arch(arches[which]))
			add_entries(&t, arches[i]);
	make_steps(&t);
	emit(c, JEQ, audit_arch(arches[which]), 1, 0);
	at = emit(c, JA, 0, 0, 0);
	emit(c, LOAD, offsetof(struct seccomp_data, nr), 0, 0);
	emit_search(c, &t, 0, t.steps_n);
	c->v[at].k = c->n - at - 1;
}

void seccomp_policy_add_arch(struct seccomp_policy *p, uint32_t arch)
{
	bool has = arch == seccomp_arch_native();

	for (size_t i = 0; i < p->arches_n; i++)
		has |= p->arches[i] == arch;
	if (!has && p->arches_n < ARRAY_SIZE(p->arches))
		p->arches[p->arches_n++] = arch;
}

void seccomp_policy_add(struct seccomp_policy *p, const char *name, uint32_t action, unsigned int n,
			const struct seccomp_cond *conds)
{
	struct seccomp_rule *r;

	if ((p->n & (p->n - 1)) == 0)
		p->rules = xreallocarray(p->rules, p->n ? 2 * p->n : 1, sizeof(*p->rules));
	r = &p->rules[p->n++];
	*r = (struct seccomp_rule){ .name = name, .action = action, .n = n };
	for (unsigned int i = 0; i < n && i < SECCOMP_MAX_CONDS; i++)
		r->conds[i] = conds[i];
}

int seccomp_policy_compile(const struct seccomp_policy *p, struct sock_filter **out, size_t *n,
			   struct err *e)
{
	auto_of(code_clear) struct code c = { 0 };
	uint32_t arches[ARRAY_SIZE(p->arches) + 1] = { seccomp_arch_native() };

	memcpy(arches + 1, p->arches, p->arches_n * sizeof(*arches));
	emit(&c, LOAD, offsetof(struct seccomp_data, arch), 0, 0);
	for (size_t i = 0; i <= p->arches_n; i++) {
		bool is_done = false;

		for (size_t k = 0; k < i; k++)
			is_done |= audit_arch(arches[k]) == audit_arch(arches[i]);
		if (!is_done)
			emit_arch(&c, p, arches, p->arches_n + 1, i);
	}
	emit(&c, RET, SECCOMP_RET_KILL_PROCESS, 0, 0);
	if (c.n > BPF_MAXINSNS)
		return err_set(e, E2BIG, "the seccomp filter has %zu instructions, the kernel takes %d",
			       c.n, BPF_MAXINSNS);
	*n = c.n;
	*out = steal_ptr(&c.v);
	return 0;
}

void seccomp_policy_clear(struct seccomp_policy *p)
{
	free(p->rules);
	memset(p, 0, sizeof(*p));
}
