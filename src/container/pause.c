/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * With a cgroup the kernel freezes all of it in one go (cgroup.freeze). Most users have none, so the
 * other way is SIGSTOP to every process of the container's pid namespace and of those nested in it.
 * Between our look and our signal a process may fork; but a process with a pending SIGSTOP cannot
 * finish a fork (the kernel restarts it), so looking again until one whole pass finds everybody known
 * and standing still ends with everybody stopped.
 *
 * Pids are looked at through a pidfd opened before the look: if the process ended in between, the
 * signal goes nowhere. Parents are stopped before and continued after their children, so that a shell
 * with job control never sees a child stopped.
 *
 * The record is changed while init stands still, when it cannot end by itself, and so never over the
 * monitor's last word.
 */
#include "container/pause.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/sys.h"
#include "container/events.h"
#include "container/lifecycle.h"
#include "container/procs_scan.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FREEZE_MS 10000
#define PASSES 5000		/* with a millisecond between those that find nothing new */

struct stopper {
	pid_t *pids;		/* owned; those that were sent the signal */
	size_t n;
	bool has_news;		/* this pass found somebody new, or not standing yet */
	bool waits;		/* signalled, but still on its way */
};

static bool is_known(const struct stopper *s, pid_t pid)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->pids[i] == pid)
			return true;
	return false;
}

static void stop_one(void *arg, size_t index, pid_t pid, int proc_dirfd)
{
	struct stopper *s = arg;
	struct proc_stat p;
	autoclose int fd = -1;

	(void)index;
	/* D: in the kernel, where it does nothing of its own and stops on the way out. */
	if (proc_read_stat(&p, proc_dirfd, "stat") < 0 || strchr("TtZX", p.state))
		return;
	if (is_known(s, pid)) {
		s->waits |= p.state != 'D';
		return;
	}
	fd = sys_pidfd_open(pid);
	/* proc_dirfd was opened before the pidfd: it still answers only if that is the same process. */
	if (fd < 0 || proc_read_stat(&p, proc_dirfd, "stat") < 0 || sys_pidfd_send_signal(fd, SIGSTOP) < 0)
		return;
	s->pids = xreallocarray(s->pids, s->n + 1, sizeof(*s->pids));
	s->pids[s->n++] = pid;
	s->has_news = true;
}

struct list {
	pid_t *pids;		/* owned */
	size_t n;
};

static void list_one(void *arg, size_t index, pid_t pid, int proc_dirfd)
{
	struct list *l = arg;

	(void)index;
	(void)proc_dirfd;
	l->pids = xreallocarray(l->pids, l->n + 1, sizeof(*l->pids));
	l->pids[l->n++] = pid;
}

/* Nobody of them runs: no new process, no pid that changes hands but to somebody of the host. */
static void continue_all(const struct state *st)
{
	struct list l = { 0 };
	struct err ignored = { 0 };

	(void)procs_scan(st, 1, list_one, &l, &ignored);
	for (size_t i = l.n; i-- > 0;) {
		autoclose int fd = sys_pidfd_open(l.pids[i]);

		if (fd >= 0)
			sys_pidfd_send_signal(fd, SIGCONT);
	}
	free(l.pids);
}

static int stop_all(const struct state *st, struct err *e)
{
	struct stopper s = { 0 };
	int r = 0;

	for (int pass = 0; pass < PASSES && r >= 0; pass++) {
		s.has_news = s.waits = false;
		r = procs_scan(st, 1, stop_one, &s, e);
		if (r < 0 || (!s.has_news && !s.waits))
			break;
		if (!s.has_news)
			poll(NULL, 0, 1);
	}
	free(s.pids);
	if (r >= 0 && (s.has_news || s.waits))
		r = err_set(e, ETIMEDOUT, "its processes do not stop");
	if (r < 0)
		continue_all(st);
	return r;
}

/* The last number of NSpid: its pid in its own namespace. */
static bool is_first_of_namespace(pid_t pid)
{
	autofree char *path = xasprintf("/proc/%d/status", pid), *text = NULL;
	const char *line;

	if (file_read_at(AT_FDCWD, path, &text, NULL, 64 << 10) < 0)
		return false;
	line = strstr(text, "\nNSpid:");
	return line && strncmp(strchrnul(line + 1, '\n') - 2, "\t1", 2) == 0;
}

/* Signals may go only to processes that are the container's alone. */
static int check_namespace(const struct state *st, struct err *e)
{
	struct stat ours, theirs;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", st->pid);
	if (stat("/proc/self/ns/pid", &ours) < 0 || stat(path, &theirs) < 0)
		return err_set(e, ESRCH, "the container has just ended");
	if (ours.st_ino == theirs.st_ino)
		return err_set(e, ENOTSUP, "it uses the pid namespace of the host (--pid=host) and has no "
			       "cgroup: its processes cannot be told from others");
	if (!is_first_of_namespace(st->pid))
		return err_set(e, ENOTSUP, "it shares the pid namespace of another container and has no "
			       "cgroup: pause that one");
	return 0;
}

static bool is_frozen(int dirfd, bool frozen)
{
	autofree char *text = NULL;

	return file_read_at(dirfd, "cgroup.events", &text, NULL, 4096) >= 0 &&
	       strstr(text, frozen ? "frozen 1" : "frozen 0");
}

/* 1 done, 0 there is no cgroup that can. */
static int freeze(const struct state *st, bool frozen, struct err *e)
{
	autoclose int dirfd = st->cgroup ? fd_opendir(st->cgroup) : -1;
	autoclose int freeze_fd = -1, events_fd = -1;
	struct pollfd p;
	int r;

	freeze_fd = dirfd < 0 ? -1 : fd_openat(dirfd, "cgroup.freeze", O_WRONLY);
	if (freeze_fd < 0)
		return 0;
	r = fd_write_all(freeze_fd, frozen ? "1" : "0", 1);
	if (r < 0)
		return err_sys(e, -r, "%s/cgroup.freeze", st->cgroup);
	events_fd = fd_openat(dirfd, "cgroup.events", O_RDONLY);
	p = (struct pollfd){ .fd = events_fd, .events = POLLPRI };
	while (!is_frozen(dirfd, frozen)) {
		char buf[256];

		/* A file of kernfs reports a change once after each read. */
		if (events_fd < 0 || pread(events_fd, buf, sizeof(buf), 0) < 0)
			return err_sys(e, errno, "%s/cgroup.events", st->cgroup);
		if (!is_frozen(dirfd, frozen) && poll(&p, 1, FREEZE_MS) == 0)
			return err_set(e, ETIMEDOUT, "%s does not freeze", st->cgroup);
	}
	return 1;
}

void pause_thaw(const struct state *s)
{
	struct err ignored = { 0 };

	if (freeze(s, false, &ignored) <= 0)
		continue_all(s);
}

static int pause_locked(struct engine *g, struct record *r, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	int ret;

	if (lifecycle_state(&s, g, r, e) < 0)
		return -e->code;
	if (s.status != STATE_RUNNING)
		return err_set(e, EINVAL, "\"%s\" is not running, can't pause: container state improper",
			       state_name(s.status));
	ret = freeze(&s, true, e);
	if (ret == 0) {
		ret = check_namespace(&s, e);
		if (ret >= 0)
			ret = stop_all(&s, e);
	}
	if (ret < 0)
		return ret;
	s.status = STATE_PAUSED;
	if (state_save_at(&s, r->dirfd, e) < 0) {
		pause_thaw(&s);
		return -e->code;
	}
	events_container(g, &r->config, "pause");
	return 0;
}

static int continue_locked(struct engine *g, struct record *r, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };

	if (lifecycle_state(&s, g, r, e) < 0)
		return -e->code;
	if (s.status != STATE_PAUSED)
		return err_set(e, EINVAL, "\"%s\" is not paused, can't unpause: container state improper",
			       r->id);
	s.status = STATE_RUNNING;
	if (state_save_at(&s, r->dirfd, e) < 0)
		return -e->code;
	pause_thaw(&s);
	events_container(g, &r->config, "unpause");
	return 0;
}

int pause_container(struct engine *g, struct record *r, struct err *e)
{
	autoclose int lock = -1;

	if (record_lock(r, &lock, e) < 0)
		return -e->code;
	if (pause_locked(g, r, e) < 0)
		return err_wrap(e, "cannot pause container %s", r->config.name);
	return 0;
}

int pause_continue(struct engine *g, struct record *r, struct err *e)
{
	autoclose int lock = -1;

	if (record_lock(r, &lock, e) < 0)
		return -e->code;
	if (continue_locked(g, r, e) < 0)
		return err_wrap(e, "cannot unpause container %s", r->config.name);
	return 0;
}
