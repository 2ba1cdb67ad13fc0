/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * A process that joins a container has everything the container may not have, until it is confined:
 * the host's root, capabilities, our descriptors. The container runs meanwhile and tries to get at it
 * (CVE-2016-9962, CVE-2019-5736, CVE-2024-21626). Against that:
 *
 * - it is undumpable before it joins, so that nobody in there can ptrace it or look into its /proc;
 * - what it needs of the host (/proc, /dev/null) is opened before the join, nothing by path after;
 * - all namespaces are joined by one setns on the pidfd of init (Linux 5.8): no process that is half
 *   in, and no pid that could have been reused;
 * - every path of the container goes through root_open, as at the start.
 *
 * A pid namespace counts for children only, so there is a process between: it joins, clones the real
 * one as the engine's child (CLONE_PARENT) and exits. The cgroup is entered by the first clone:
 * behind the join of a cgroup namespace the kernel would not find the way there.
 */
#include "runtime/exec.h"

#include "base/fd.h"
#include "base/sys.h"
#include "runtime/mount_fs.h"
#include "runtime/namespaces.h"
#include "runtime/process.h"
#include "runtime/sync.h"
#include "runtime/terminal.h"

#include <linux/magic.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int make_terminal(struct process *pr, int root_fd, struct err *e)
{
	autoclose int devpts_fd = -1;

	if (!pr->p->has_terminal)
		return 0;
	devpts_fd = terminal_open_devpts(root_fd, e);
	return devpts_fd < 0 ? devpts_fd : process_make_terminal(pr, devpts_fd, e);
}

static int look_up(struct process *pr, struct err *e)
{
	autoclose int root_fd = fd_open("/", O_PATH | O_DIRECTORY);
	int r;

	if (root_fd < 0)
		return err_sys(e, -root_fd, "open the root of the container");
	r = process_resolve(pr, root_fd, e);
	return r < 0 ? r : make_terminal(pr, root_fd, e);
}

/* In the container now. Nothing is said before the engine knows our pid: else it could get an error
 * and not know whom to reap. */
static int exec_run(struct process *pr, struct err *e)
{
	struct err late;
	int r = look_up(pr, e);

	if (r >= 0)
		r = sync_wait(pr->sync_fd, START_IDMAP, e);
	else
		sync_wait(pr->sync_fd, START_IDMAP, &late);
	if (r < 0)
		return r;
	r = sync_send(pr->sync_fd, SYNC_READY, 0, e);
	if (r >= 0)
		r = sync_wait(pr->sync_fd, START_EXEC, e);
	return r < 0 ? r : process_exec(pr, e);
}

/* Before the join: what is needed of the host. */
static int prepare(struct process *pr, struct err *e)
{
	autoclose int null_fd = -1;
	int r;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	sys_reset_signals();
	pr->proc_fd = fd_open("/proc", O_PATH | O_DIRECTORY);
	if (pr->proc_fd < 0 || !mount_fs_is(pr->proc_fd, PROC_SUPER_MAGIC))
		return err_set(e, EINVAL, "what the host has at /proc is no procfs");
	r = process_open_stdio(pr, &null_fd, e);
	return r < 0 ? r : process_set_oom(pr->p, pr->proc_fd, e);
}

static int join(const struct exec_args *a, struct err *e)
{
	uint64_t flags = namespaces_flags(a->x->spec, SPEC_NS_NEW) |
			 namespaces_flags(a->x->spec, SPEC_NS_PATH);
	int r = sys_setns(a->x->init_pidfd, flags);

	if (r == -ESRCH)
		return err_set(e, ESRCH, "the container is not running");
	return r < 0 ? err_sys(e, -r, "join the namespaces of the container") : 0;
}

static void give_up(int sync_fd, const struct err *e)
{
	sync_send_err(sync_fd, e);
	_exit(1);
}

/* The process between: its child is in the container. */
static void exec_main(const struct exec_args *a)
{
	struct process pr = {
		.p = a->x->process, .seccomp = a->seccomp, .io = a->io, .tty_fd = -1,
		.sync_fd = a->sync_fd, .proc_fd = -1,
	};
	struct err e;
	pid_t pid;
	int r = prepare(&pr, &e);

	if (r >= 0)
		r = join(a, &e);
	if (r < 0)
		give_up(a->sync_fd, &e);
	pid = sys_clone(CLONE_PARENT, NULL, -1);
	if (pid == 0) {
		exec_run(&pr, &e);
		give_up(pr.sync_fd, &e);
	}
	/* ENOMEM: the pid namespace has lost its init in this moment. */
	if (pid == -ENOMEM)
		err_set(&e, ESRCH, "the container is not running");
	else if (pid < 0)
		err_sys(&e, -pid, "clone a process for the container");
	if (pid < 0 || sync_send(a->sync_fd, SYNC_INIT, pid, &e) < 0)
		give_up(a->sync_fd, &e);
	_exit(0);
}

pid_t exec_clone(struct exec_args *a, int engine_fd, int *pidfd, struct err *e)
{
	pid_t between = sys_clone(0, NULL, a->x->cgroup_fd);
	int pid = 0, r;

	if (between < 0) {
		fd_close(&a->sync_fd);
		return err_sys(e, -between, "clone a process for the container");
	}
	if (between == 0) {
		fd_close(&engine_fd);
		exec_main(a);
	}
	/* Else the death of both children would never show. */
	fd_close(&a->sync_fd);
	r = sync_recv(engine_fd, SYNC_INIT, &pid, e);
	waitpid(between, NULL, 0);
	if (r == 0)
		return err_set(e, ESRCH, "the container has ended");
	if (r < 0)
		return r;
	*pidfd = sys_pidfd_open(pid);
	r = *pidfd < 0 ? err_sys(e, -*pidfd, "open the pidfd of the new process")
		       : sync_send(engine_fd, START_IDMAP, 0, e);
	if (r < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		fd_close(pidfd);
		return r;
	}
	return pid;
}
