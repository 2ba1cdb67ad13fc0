/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * Most of /proc is told apart by asking the kernel little: inits and monitors are known by pid, and what
 * is in our own pid namespace, or may not be looked at, is nobody's. Only where something is left are the
 * namespaces of the containers read, and it is asked whose each is. Both looks have several threads, which
 * change nothing but the entries of their own processes.
 */
#include "container/procs_scan.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/str.h"

#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define NESTING_MAX 32		/* levels of pid namespaces, the kernel's own limit */
#define NOBODY SIZE_MAX

struct owner {		/* whose a pid namespace is */
	ino_t ns;
	size_t index;	/* of st */
};
struct found {
	pid_t pid;
	ino_t ns;	/* 0: nothing to do with it */
	size_t whose;	/* index of st, or NOBODY */
};
struct scan {
	const struct state *st;	/* borrowed */
	size_t st_n;
	int proc_fd;
	ino_t own_ns;
	pid_t *known;		/* owned; inits and monitors, sorted */
	size_t known_n;
	struct owner *owners;	/* owned */
	size_t owners_n;
	struct found *found;	/* owned; a whole /proc, later what is not nobody's at the first look */
	size_t n;
};

static void scan_clear(struct scan *s)
{
	free(s->known);
	free(s->owners);
	free(s->found);
	fd_close(&s->proc_fd);
}
DEFINE_AUTO_VALUE(struct scan, scan_clear)

static int by_pid(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The link's text, "pid:[NUMBER]", is had for half of what a stat costs; 0 when it may not be read. */
static ino_t ns_of(int dirfd, const char *pid)
{
	char path[64], text[64];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/ns/pid", pid);
	n = readlinkat(dirfd, path, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = 0;
	return str_has_prefix(text, "pid:[") ? strtoull(text + strlen("pid:["), NULL, 10) : 0;
}

static ino_t ns_of_pid(const struct scan *s, pid_t pid)
{
	char name[24];

	snprintf(name, sizeof(name), "%d", pid);
	return ns_of(s->proc_fd, name);
}

static int scan_start(struct scan *s, const struct state *st, size_t n)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r;

	*s = (struct scan){ .st = st, .st_n = n, .proc_fd = fd_opendir("/proc") };
	r = s->proc_fd < 0 ? s->proc_fd : file_list_dir(s->proc_fd, ".", &names, false);
	if (r < 0)
		return r;
	s->own_ns = ns_of(s->proc_fd, "self");
	s->known = xcalloc(2 * n + 1, sizeof(*s->known));
	for (size_t i = 0; i < n; i++) {
		s->known[s->known_n++] = st[i].pid;
		if (st[i].has_monitor)
			s->known[s->known_n++] = st[i].monitor_pid;
	}
	qsort(s->known, s->known_n, sizeof(*s->known), by_pid);
	s->found = xcalloc(names.n + 1, sizeof(*s->found));
	for (size_t i = 0; i < names.n; i++)
		if (*names.v[i] >= '1' && *names.v[i] <= '9')
			s->found[s->n++].pid = atoi(names.v[i]);
	return 0;
}

static void look_at(void *arg, size_t i)
{
	struct scan *s = arg;
	struct found *f = &s->found[i];

	if (!bsearch(&f->pid, s->known, s->known_n, sizeof(f->pid), by_pid))
		f->ns = ns_of_pid(s, f->pid);
	if (f->ns == s->own_ns)
		f->ns = 0;
}

static void drop_uninteresting(struct scan *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->found[i].ns)
			s->found[n++] = s->found[i];
	s->n = n;
}

static struct owner *find_owner(const struct scan *s, ino_t ns)
{
	for (size_t i = 0; i < s->owners_n; i++)
		if (s->owners[i].ns == ns)
			return &s->owners[i];
	return NULL;
}

static void add_owners(struct scan *s)
{
	const struct state *st = s->st;

	s->owners = xcalloc(s->st_n, sizeof(*s->owners));
	for (size_t i = 0; i < s->st_n; i++) {
		ino_t ns = st[i].pid > 0 ? ns_of_pid(s, st[i].pid) : 0;
		struct owner *o = find_owner(s, ns);

		if (ns == 0 || ns == s->own_ns)
			continue;
		if (!o)
			s->owners[s->owners_n++] = (struct owner){ ns, i };
		/* Of those that share one, the first to start has made it. */
		else if (st[i].pid_start < st[o->index].pid_start)
			o->index = i;
	}
}

/* That of the namespace itself, or of the one that it is nested in. */
static size_t owner_of(const struct scan *s, const struct found *f)
{
	const struct owner *o = find_owner(s, f->ns);
	autoclose int fd = -1;
	struct stat st;
	char path[64];

	if (o)
		return o->index;
	snprintf(path, sizeof(path), "%d/ns/pid", f->pid);
	fd = fd_openat(s->proc_fd, path, O_RDONLY);
	for (int level = 0; fd >= 0 && level < NESTING_MAX; level++) {
		int parent = ioctl(fd, NS_GET_PARENT);

		fd_close(&fd);
		fd = parent;
		if (fd < 0 || fstat(fd, &st) < 0 || st.st_ino == s->own_ns)
			break;
		o = find_owner(s, st.st_ino);
		if (o)
			return o->index;
	}
	return NOBODY;
}

static void find_whose(void *arg, size_t i)
{
	struct scan *s = arg;

	s->found[i].whose = owner_of(s, &s->found[i]);
}

static void tell(const struct scan *s, const struct found *f, procs_scan_fn *fn, void *arg)
{
	autoclose int dirfd = -1;
	char name[24];

	snprintf(name, sizeof(name), "%d", f->pid);
	dirfd = fd_opendirat(s->proc_fd, name);
	/* The number may have passed to another process meanwhile; the directory cannot. */
	if (dirfd >= 0 && ns_of(dirfd, ".") == f->ns)
		fn(arg, f->whose, f->pid, dirfd);
}

int procs_scan_others(const struct state *st, size_t n, procs_scan_fn *fn, void *arg, struct err *e)
{
	auto_of(scan_clear) struct scan s;
	int r = scan_start(&s, st, n);

	if (r < 0)
		return err_sys(e, -r, "/proc");
	parallel_for(s.n, look_at, &s);
	drop_uninteresting(&s);
	if (s.n == 0)
		return 0;
	add_owners(&s);
	parallel_for(s.n, find_whose, &s);
	for (size_t i = 0; i < s.n; i++)
		if (s.found[i].whose != NOBODY)
			tell(&s, &s.found[i], fn, arg);
	return 0;
}

int procs_scan(const struct state *st, size_t n, procs_scan_fn *fn, void *arg, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		autoclose int dirfd = -1;
		char path[32];

		snprintf(path, sizeof(path), "/proc/%d", st[i].pid);
		dirfd = st[i].pid > 0 ? fd_opendir(path) : -1;
		if (dirfd >= 0)
			fn(arg, i, st[i].pid, dirfd);
	}
	return procs_scan_others(st, n, fn, arg, e);
}
