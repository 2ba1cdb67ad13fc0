/* SPDX-License-Identifier: Apache-2.0 */
#include "container/procs.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/idmap.h"
#include "base/str.h"

#include <inttypes.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROC_FILE_MAX (1u << 20)

#ifndef NS_GET_TGID_IN_PIDNS	/* Linux 6.11 */
#define NS_GET_TGID_IN_PIDNS _IOR(NSIO, 0x9, int)
#endif

static void one_clear(struct procs_one *p)
{
	free(p->groups);
	free(p->args);
	free(p->label);
}

void procs_clear(struct procs *p)
{
	for (size_t i = 0; i < p->n; i++)
		one_clear(&p->v[i]);
	free(p->v);
	*p = (struct procs){ 0 };
}

/* The number at this level of a line of NSpid and the like: one for each pid namespace, outermost
 * first. Of a shorter line the last. */
static pid_t number_at(const char *line, size_t level)
{
	const char *tab;

	while (level-- && (tab = strchr(line, '\t')))
		line = tab + 1;
	return atoi(line);
}

static void status_line(struct procs_one *p, const char *line, size_t level)
{
	const char *v;

	if ((v = str_after(line, "Uid:")))
		sscanf(v, "%u %u", &p->uid, &p->euid);
	else if ((v = str_after(line, "Gid:")))
		sscanf(v, "%u %u", &p->gid, &p->egid);
	else if ((v = str_after(line, "Groups:\t")))
		p->groups = xstrdup(v);
	else if ((v = str_after(line, "NSpid:\t")))
		p->pid = number_at(v, level);
	else if ((v = str_after(line, "NSpgid:\t")))
		p->pgid = number_at(v, level);
	else if ((v = str_after(line, "CapInh:")))
		p->cap_inh = strtoull(v, NULL, 16);
	else if ((v = str_after(line, "CapPrm:")))
		p->cap_prm = strtoull(v, NULL, 16);
	else if ((v = str_after(line, "CapEff:")))
		p->cap_eff = strtoull(v, NULL, 16);
	else if ((v = str_after(line, "CapAmb:")))
		p->cap_amb = strtoull(v, NULL, 16);
	else if ((v = str_after(line, "CapBnd:")))
		p->cap_bnd = strtoull(v, NULL, 16);
	else if ((v = str_after(line, "Seccomp:")))
		p->seccomp = atoi(v);
}

static int read_status(struct procs_one *p, int pid_dirfd, size_t level)
{
	autofree char *text = NULL;
	auto_of(strv_clear) struct strv lines = { 0 };
	int r = file_read_at(pid_dirfd, "status", &text, NULL, PROC_FILE_MAX);

	if (r < 0)
		return r;
	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n; i++)
		status_line(p, lines.v[i], level);
	return p->pid ? 0 : -EINVAL;
}

static void read_args(struct procs_one *p, int pid_dirfd)
{
	size_t n = 0;

	if (file_read_at(pid_dirfd, "cmdline", &p->args, &n, PROC_FILE_MAX) < 0 || n == 0) {
		free(p->args);
		p->args = xasprintf("[%s]", p->stat.comm);
		return;
	}
	while (n && !p->args[n - 1])
		n--;
	for (size_t i = 0; i < n; i++)
		if (!p->args[i])
			p->args[i] = ' ';
}

static int read_one(struct procs_one *p, int pid_dirfd, size_t level)
{
	int r = proc_read_stat(&p->stat, pid_dirfd, "stat");

	if (r >= 0)
		r = read_status(p, pid_dirfd, level);
	if (r < 0)
		return r;
	read_args(p, pid_dirfd);
	if (file_read_at(pid_dirfd, "attr/current", &p->label, NULL, 4096) >= 0)
		p->label[strcspn(p->label, "\n")] = 0;
	return 0;
}

/* A pid namespace as seen from ours. */
struct pid_ns {
	int fd;			/* owned */
	ino_t inode;
	size_t level;		/* how deep below ours */
};

static void pid_ns_clear(struct pid_ns *ns)
{
	fd_close(&ns->fd);
}
DEFINE_AUTO_VALUE(struct pid_ns, pid_ns_clear)

/* The namespace that a process is in; its level by the tabs between the numbers of its NSpid. */
static int pid_ns_open(struct pid_ns *out, int proc_fd, pid_t pid)
{
	char path[64];
	autofree char *status = NULL;
	const char *line;
	struct stat st;
	int r;

	snprintf(path, sizeof(path), "%d/ns/pid", pid);
	out->fd = fd_openat(proc_fd, path, O_RDONLY);
	if (out->fd < 0 || fstat(out->fd, &st) < 0)
		return out->fd < 0 ? out->fd : -errno;
	out->inode = st.st_ino;
	snprintf(path, sizeof(path), "%d/status", pid);
	r = file_read_at(proc_fd, path, &status, NULL, PROC_FILE_MAX);
	line = r < 0 ? NULL : strstr(status, "\nNSpid:\t");
	if (!line)
		return r < 0 ? r : -EPROTO;
	for (line += strlen("\nNSpid:\t"); *line && *line != '\n'; line++)
		out->level += *line == '\t';
	return 0;
}

/* Is it in this namespace? From Linux 6.11 on the kernel says it in one call, and of those in nested
 * namespaces too, which are the container's as well. */
static bool pid_ns_has(const struct pid_ns *ns, int proc_fd, const char *name)
{
	char path[64];
	struct stat st;

	if (ioctl(ns->fd, NS_GET_TGID_IN_PIDNS, atoi(name)) > 0)
		return true;
	if (errno == ESRCH)
		return false;
	snprintf(path, sizeof(path), "%s/ns/pid", name);
	return fstatat(proc_fd, path, &st, 0) == 0 && st.st_ino == ns->inode;
}

/* A process that ended while we looked is simply not there. */
static void add(struct procs *out, const struct pid_ns *ns, int proc_fd, const char *name)
{
	autoclose int dirfd = fd_opendirat(proc_fd, name);
	struct procs_one p = { .host_pid = atoi(name) };

	if (dirfd < 0 || read_one(&p, dirfd, ns->level) < 0) {
		one_clear(&p);
		return;
	}
	out->v = xreallocarray(out->v, out->n + 1, sizeof(*out->v));
	out->v[out->n++] = p;
}

static bool is_pid(const char *name)
{
	return *name >= '1' && *name <= '9';
}

static int by_pid(const void *a, const void *b)
{
	const struct procs_one *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static void set_parents(struct procs *all)
{
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->n; k++)
			if (all->v[k].host_pid == all->v[i].stat.parent)
				all->v[i].ppid = all->v[k].pid;
}

int procs_list(struct procs *out, const struct state *st, struct err *e)
{
	autoclose int proc_fd = fd_opendir("/proc");
	auto_of(pid_ns_clear) struct pid_ns ns = { .fd = -1 };
	auto_of(strv_clear) struct strv names = { 0 };
	int r = proc_fd < 0 ? proc_fd : pid_ns_open(&ns, proc_fd, st->pid);

	if (r < 0)
		return err_sys(e, -r, "processes of the container");
	r = file_list_dir(proc_fd, ".", &names, false);
	if (r < 0)
		return err_sys(e, -r, "/proc");
	for (size_t i = 0; i < names.n; i++)
		if (is_pid(names.v[i]) && pid_ns_has(&ns, proc_fd, names.v[i]))
			add(out, &ns, proc_fd, names.v[i]);
	if (!out->n)
		return err_set(e, ESRCH, "the container has ended");
	qsort(out->v, out->n, sizeof(*out->v), by_pid);
	set_parents(out);
	return 0;
}

uint32_t procs_id_inside(const struct state *st, const char *map_file, uint32_t id)
{
	autofree char *path = xasprintf("/proc/%d/%s", st->pid, map_file);
	auto_of(idmap_clear) struct idmap m = { 0 };

	return idmap_load(&m, path) < 0 ? id : idmap_inside(&m, id);
}
