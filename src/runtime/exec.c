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
 * A pid namespace counts for children only. So the caller itself steps into the container's for the
 * moment of the clone; that saves a second fork.
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
#include <sys/prctl.h>
#include <unistd.h>

static int make_terminal(struct process *pr, int root_fd, struct err *e)
{
	autoclose int devpts_fd = -1;
	int fd;

	if (!pr->p->has_terminal)
		return 0;
	devpts_fd = terminal_open_devpts(root_fd, e);
	if (devpts_fd < 0)
		return devpts_fd;
	fd = terminal_make(devpts_fd, pr->io, pr->p, pr->user.uid, e);
	if (fd < 0)
		return fd;
	pr->tty_fd = fd;
	for (size_t i = 0; i < 3; i++)
		pr->stdio[i] = fd;
	return 0;
}

static int join(const struct exec_args *a, struct err *e)
{
	uint64_t flags = namespaces_flags(a->x->spec, SPEC_NS_NEW) |
			 namespaces_flags(a->x->spec, SPEC_NS_PATH);
	int r = sys_setns(a->x->init_pidfd, flags & ~(uint64_t)CLONE_NEWPID);

	return r < 0 ? err_sys(e, -r, "join the namespaces of the container") : 0;
}

static int exec_run(const struct exec_args *a, struct process *pr, struct err *e)
{
	autoclose int root_fd = -1, null_fd = -1;
	int r;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	process_reset_signals();
	pr->proc_fd = fd_open("/proc", O_PATH | O_DIRECTORY);
	if (pr->proc_fd < 0 || !mount_fs_is(pr->proc_fd, PROC_SUPER_MAGIC))
		return err_set(e, EINVAL, "what the host has at /proc is no procfs");
	r = process_open_stdio(pr, &null_fd, e);
	if (r >= 0)
		r = process_set_oom(pr->p, pr->proc_fd, e);
	if (r >= 0)
		r = join(a, e);
	if (r < 0)
		return r;
	root_fd = fd_open("/", O_PATH | O_DIRECTORY);
	if (root_fd < 0)
		return err_sys(e, -root_fd, "open the root of the container");
	r = process_resolve(pr, root_fd, e);
	if (r >= 0)
		r = make_terminal(pr, root_fd, e);
	if (r >= 0)
		r = sync_send(pr->sync_fd, SYNC_READY, 0, e);
	if (r >= 0) {
		r = sync_recv(pr->sync_fd, START_EXEC, NULL, e);
		if (r == 0)
			_exit(1);	/* the engine is gone */
	}
	return r < 0 ? r : process_exec(pr, e);
}

void exec_main(const struct exec_args *a)
{
	struct process pr = {
		.p = a->x->process, .seccomp = a->seccomp, .io = a->io, .tty_fd = -1,
		.sync_fd = a->sync_fd, .proc_fd = -1,
	};
	struct err e;

	exec_run(a, &pr, &e);
	sync_send_err(pr.sync_fd, &e);
	_exit(1);
}

pid_t exec_clone(const struct exec_args *a, int engine_fd, int *pidfd, struct err *e)
{
	bool has_pid_ns = a->x->spec->ns[SPEC_NS_PID] != SPEC_NS_HOST;
	autoclose int own_fd = -1;
	pid_t pid;
	int r = 0;

	if (has_pid_ns) {
		own_fd = fd_open("/proc/self/ns/pid", O_RDONLY);
		r = own_fd < 0 ? own_fd : sys_setns(a->x->init_pidfd, CLONE_NEWPID);
	}
	if (r == -ESRCH)
		return err_set(e, ESRCH, "the container is not running");
	if (r < 0)
		return err_sys(e, -r, "join the pid namespace of the container");
	pid = sys_clone(0, pidfd, a->x->cgroup_fd);
	if (pid == 0) {
		fd_close(&engine_fd);
		exec_main(a);
	}
	if (has_pid_ns) {
		r = sys_setns(own_fd, CLONE_NEWPID);
		if (r < 0)
			return err_sys(e, -r, "leave the pid namespace of the container");
	}
	/* ENOMEM: the pid namespace has lost its init in this moment. */
	if (pid == -ENOMEM)
		return err_set(e, ESRCH, "the container is not running");
	return pid < 0 ? err_sys(e, -pid, "clone a process for the container") : pid;
}
