/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/idmap.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"

#include <string.h>

void idmap_clear(struct idmap *m)
{
	free(m->v);
	*m = (struct idmap){ 0 };
}

void idmap_add(struct idmap *m, uint32_t inside, uint32_t outside, uint32_t count)
{
	m->v = xreallocarray(m->v, m->n + 1, sizeof(*m->v));
	m->v[m->n++] = (struct session_idmap){ inside, outside, count };
}

void idmap_copy(struct idmap *to, const struct idmap *from)
{
	idmap_clear(to);
	to->v = from->n ? xmemdup(from->v, from->n * sizeof(*from->v)) : NULL;
	to->n = from->n;
}

static bool is_same_line(const struct session_idmap *a, const struct session_idmap *b)
{
	return a->inside == b->inside && a->outside == b->outside && a->count == b->count;
}

bool idmap_equal(const struct idmap *a, const struct idmap *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!is_same_line(&a->v[i], &b->v[i]))
			return false;
	return true;
}

bool idmap_is_full(const struct idmap *m)
{
	return m->n == 1 && m->v[0].inside == 0 && m->v[0].outside == 0 &&
	       m->v[0].count == UINT32_MAX;
}

uint64_t idmap_count(const struct idmap *m)
{
	uint64_t count = 0;

	for (size_t i = 0; i < m->n; i++)
		count += m->v[i].count;
	return count;
}

static bool is_overlap(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
	return (uint64_t)a < (uint64_t)b + b_count && (uint64_t)b < (uint64_t)a + a_count;
}

int idmap_check(const struct idmap *m)
{
	if (m->n > IDMAP_MAX)
		return -EINVAL;
	for (size_t i = 0; i < m->n; i++) {
		const struct session_idmap *a = &m->v[i];

		if (!a->count || (uint64_t)a->inside + a->count > UINT32_MAX ||
		    (uint64_t)a->outside + a->count > UINT32_MAX)
			return -EINVAL;
		for (size_t k = 0; k < i; k++) {
			const struct session_idmap *b = &m->v[k];

			if (is_overlap(a->inside, a->count, b->inside, b->count) ||
			    is_overlap(a->outside, a->count, b->outside, b->count))
				return -EINVAL;
		}
	}
	return 0;
}

/* Digits at *p after blanks; moves *p behind them. */
static bool take_number(const char **p, uint32_t *out)
{
	const char *s = *p + strspn(*p, " \t");
	uint64_t n = 0;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (uint64_t)(*s - '0');
		if (n > UINT32_MAX)
			return false;
	}
	*p = s;
	*out = (uint32_t)n;
	return true;
}

int idmap_parse(struct idmap *out, const char *text)
{
	auto_of(idmap_clear) struct idmap m = { 0 };
	const char *p = text;

	while (*p) {
		uint32_t inside, outside, count;

		if (m.n == IDMAP_MAX || !take_number(&p, &inside) || !take_number(&p, &outside) ||
		    !take_number(&p, &count))
			return -EINVAL;
		p += strspn(p, " \t");
		if (*p == '\n')
			p++;
		else if (*p)
			return -EINVAL;
		idmap_add(&m, inside, outside, count);
	}
	if (idmap_check(&m) < 0)
		return -EINVAL;
	idmap_clear(out);
	*out = m;
	m = (struct idmap){ 0 };
	return 0;
}

int idmap_load(struct idmap *out, const char *path)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(AT_FDCWD, path, &text, &len, FILE_MAX_CONFIG);

	return r < 0 ? r : idmap_parse(out, text);
}

char *idmap_format(const struct idmap *m)
{
	auto_of(str_clear) struct str s = { 0 };

	for (size_t i = 0; i < m->n; i++)
		str_addf(&s, "%u %u %u\n", m->v[i].inside, m->v[i].outside, m->v[i].count);
	return str_steal(&s);
}

/* Adds ids [start, start + count) behind what is there, without those that are mapped already. */
static void append_range(struct idmap *m, uint64_t start, uint64_t count)
{
	uint64_t end = start + count;

	while (start < end && m->n < IDMAP_MAX) {
		uint64_t stop = end;
		bool is_taken = false;

		for (size_t i = 0; i < m->n; i++) {
			uint64_t from = m->v[i].outside, to = from + m->v[i].count;

			if (start >= from && start < to) {
				start = to;
				is_taken = true;
				break;
			}
			if (from > start && from < stop)
				stop = from;
		}
		if (is_taken)
			continue;
		idmap_add(m, (uint32_t)idmap_count(m), (uint32_t)start, (uint32_t)(stop - start));
		start = stop;
	}
}

void idmap_plan(struct idmap *out, uint32_t own, const struct subid_ranges *ranges,
		const struct idmap *visible)
{
	idmap_clear(out);
	idmap_add(out, 0, own, 1);
	for (size_t i = 0; i < ranges->n; i++) {
		uint64_t start = ranges->v[i].start, end = start + ranges->v[i].count;

		for (size_t k = 0; k < visible->n; k++) {
			uint64_t from = visible->v[k].inside, to = from + visible->v[k].count;
			uint64_t a = start > from ? start : from, b = end < to ? end : to;

			if (a < b)
				append_range(out, a, b - a);
		}
	}
}

void idmap_plan_visible(struct idmap *out, uint32_t own, const struct idmap *visible)
{
	idmap_clear(out);
	idmap_add(out, 0, own, 1);
	for (size_t i = 0; i < visible->n; i++)
		append_range(out, visible->v[i].inside, visible->v[i].count);
}

static int write_proc(pid_t pid, const char *name, const char *text, struct err *e)
{
	autofree char *path = xasprintf("/proc/%d/%s", pid, name);
	autoclose int fd = fd_open(path, O_WRONLY);
	int r = fd < 0 ? fd : fd_write_all(fd, text, strlen(text));

	return r < 0 ? err_sys(e, -r, "write %s", path) : 0;
}

int idmap_write_direct(pid_t pid, const struct idmap *uids, const struct idmap *gids,
		       bool deny_setgroups, struct err *e)
{
	autofree char *uid_text = idmap_format(uids), *gid_text = idmap_format(gids);
	int r;

	/* Without CAP_SETGID outside, the kernel takes a gid map only after this: CVE-2014-8989. */
	if (deny_setgroups) {
		r = write_proc(pid, "setgroups", "deny", e);
		if (r < 0)
			return r;
	}
	r = write_proc(pid, "uid_map", uid_text, e);
	return r < 0 ? r : write_proc(pid, "gid_map", gid_text, e);
}

struct helper {
	const char *name;
	struct proc proc;
	int stderr_fd;
};

static int start_helper(struct helper *h, pid_t pid, const struct idmap *m, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	int p[2], r;

	r = fd_pipe(p);
	if (r < 0)
		return err_sys(e, -r, "pipe");
	strv_add(&argv, h->name);
	strv_addf(&argv, "%d", pid);
	for (size_t i = 0; i < m->n; i++) {
		strv_addf(&argv, "%u", m->v[i].inside);
		strv_addf(&argv, "%u", m->v[i].outside);
		strv_addf(&argv, "%u", m->v[i].count);
	}
	r = proc_spawn(&h->proc,
		       &(struct proc_args){
			       .argv = (const char *const *)strv_vec(&argv),
			       .stdin_fd = -1,
			       .stdout_fd = -1,
			       .stderr_fd = p[1],
		       },
		       e);
	fd_close(&p[1]);
	if (r < 0)
		fd_close(&p[0]);
	else
		h->stderr_fd = p[0];
	return r;
}

static int finish_helper(struct helper *h, struct err *e)
{
	autofree char *said = NULL;
	size_t len = 0;
	int r;

	if (fd_read_all(h->stderr_fd, &said, &len, FILE_MAX_CONFIG) == 0)
		while (len && said[len - 1] == '\n')
			said[--len] = '\0';
	fd_close(&h->stderr_fd);
	r = proc_wait(&h->proc, e);
	proc_clear(&h->proc);
	if (r > 0)
		r = err_set(e, EPERM, "%s failed: %s", h->name,
			    len ? said : "it gave no reason (is it setuid root?)");
	return r;
}

int idmap_write_helpers(pid_t pid, const struct idmap *uids, const struct idmap *gids,
			struct err *e)
{
	struct helper h[] = {
		{ "newuidmap", { .pidfd = -1 }, -1 },
		{ "newgidmap", { .pidfd = -1 }, -1 },
	};
	const struct idmap *maps[] = { uids, gids };
	struct err late = { 0 };
	size_t started = 0;
	int r = 0, r2;

	for (; started < ARRAY_SIZE(h) && r == 0; started += r == 0)
		r = start_helper(&h[started], pid, maps[started], e);
	for (size_t i = 0; i < started; i++) {
		r2 = finish_helper(&h[i], &late);
		if (r2 < 0 && r == 0) {
			*e = late;
			r = r2;
		}
	}
	return r;
}
