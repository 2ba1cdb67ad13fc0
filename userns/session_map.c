/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/session_map.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/strv.h"

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

void session_map_plan(struct idmap *out, uint32_t own, const struct subid_ranges *ranges,
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

void session_map_plan_visible(struct idmap *out, uint32_t own, const struct idmap *visible)
{
	idmap_clear(out);
	idmap_add(out, 0, own, 1);
	for (size_t i = 0; i < visible->n; i++)
		append_range(out, visible->v[i].inside, visible->v[i].count);
}

static int write_map(const struct idmap *m, pid_t pid, const char *file, struct err *e)
{
	int r = idmap_write(m, pid, file);

	return r < 0 ? err_sys(e, -r, "write /proc/%d/%s", pid, file) : 0;
}

static int deny_setgroups(pid_t pid, struct err *e)
{
	autofree char *path = xasprintf("/proc/%d/setgroups", pid);
	autoclose int fd = fd_open(path, O_WRONLY);
	int r = fd < 0 ? fd : fd_write_all(fd, "deny", 4);

	return r < 0 ? err_sys(e, -r, "write %s", path) : 0;
}

int session_map_write(pid_t pid, const struct idmap *uids, const struct idmap *gids,
		      bool is_setgroups_denied, struct err *e)
{
	/* Without CAP_SETGID outside, the kernel takes a gid map only after this: CVE-2014-8989. */
	if (is_setgroups_denied && deny_setgroups(pid, e) < 0)
		return -e->code;
	if (write_map(uids, pid, "uid_map", e) < 0)
		return -e->code;
	return write_map(gids, pid, "gid_map", e);
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

int session_map_write_helpers(pid_t pid, const struct idmap *uids, const struct idmap *gids,
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
