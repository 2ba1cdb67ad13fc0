/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * ps reads /proc, and what is there is the pid namespace of whoever mounted it. So a first child joins
 * the container's pid namespace and takes a mount namespace of its own; a process is in the namespace
 * only from its next fork on, so a second child mounts a new /proc there and becomes ps. Nothing of the
 * container's file system is used: neither its ps nor its libraries run.
 */
#include "container/procs_ps.h"

#include "base/fd.h"
#include "base/proc.h"
#include "base/sys.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_FAILED 125

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int enter(const struct state *st, struct err *e)
{
	autofree char *path = xasprintf("/proc/%d/ns/pid", st->pid);
	autoclose int fd = fd_open(path, O_RDONLY);

	if (fd < 0)
		return err_sys(e, -fd, "pid namespace of the container");
	if (sys_setns(fd, CLONE_NEWPID) < 0 || sys_unshare(CLONE_NEWNS) < 0 ||
	    sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(e, errno, "enter the pid namespace of the container");
	return 0;
}

static void become_ps(const char *program, const struct strv *argv, int err_fd)
{
	struct err e = { 0 };

	if (sys_mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) {
		err_sys(&e, errno, "mount /proc for ps");
	} else {
		sys_reset_signals();
		execv(program, strv_vec(argv));
		err_sys(&e, errno, "run %s", program);
	}
	err_send(err_fd, &e);
	_exit(EXIT_FAILED);
}

static void run_child(const struct state *st, const char *program, const struct strv *argv, int err_fd)
{
	struct err e = { 0 };
	pid_t pid;

	if (enter(st, &e) < 0) {
		err_send(err_fd, &e);
		_exit(EXIT_FAILED);
	}
	pid = fork();
	if (pid == 0)
		become_ps(program, argv, err_fd);
	fd_close(&err_fd);
	_exit(pid < 0 ? EXIT_FAILED : wait_for(pid));
}

int procs_ps(const struct state *st, const struct strv *args, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	autofree char *program = NULL;
	int pipe_fds[2], r, code;
	pid_t pid;

	if (proc_find("ps", &program) < 0)
		return err_set(e, ENOENT, "top: ps is not installed on this machine: name columns instead (see "
			       "top --list-descriptors)");
	strv_add(&argv, "ps");
	strv_add_all(&argv, args);
	r = fd_pipe(pipe_fds);
	if (r < 0)
		return err_sys(e, -r, "pipe");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(pipe_fds[0]);
		run_child(st, program, &argv, pipe_fds[1]);
	}
	close(pipe_fds[1]);
	r = pid < 0 ? err_sys(e, errno, "fork") : err_recv(pipe_fds[0], e);
	close(pipe_fds[0]);
	code = pid < 0 ? 0 : wait_for(pid);
	return r > 0 ? -e->code : r < 0 ? r : code;
}
