/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * ps reads /proc, and what is there is the pid namespace of whoever mounted it. But ps must not be in
 * that namespace: the container would see it, with the host's files at /proc/PID/root and our
 * capabilities, and one that has CAP_SYS_PTRACE would make them its own. An exec makes a process
 * dumpable, so that cannot be helped. Therefore three processes:
 *
 *   us            a mount namespace of its own; asks for a procfs, forks ps
 *   joiner        joins the pid namespace, which counts for its children only
 *   maker         is in there, undumpable; mounts a procfs, hands it over, exits
 *
 * A procfs has no "self" for who is not in its namespace, and ps ends without. So ps gets a tmpfs in
 * which each process of that procfs and a few files are bound. ps is process 1 of a pid namespace of
 * its own: what it finds under its number, and takes for itself, is the container's process 1.
 * Nothing of the container's file system is used: neither its ps nor its libraries run.
 *
 * A container with the host's pid namespace (--pid=host) sees every process of the user, ps among them,
 * whatever is done here, and a procfs of that namespace is for the host alone to mount: ps runs as it is,
 * with all our capabilities, so that nobody with fewer can trace it.
 */
#include "container/procs_ps.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/sys.h"
#include "runtime/mount_fs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

static int make_proc(int sock_fd)
{
	autoclose int mount_fd = mount_fs_new("proc", NULL, NULL,
					      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);

	return mount_fd < 0 ? mount_fd : fd_send_fds(sock_fd, &mount_fd, 1);
}

/* The exit code is the errno. */
static void __attribute__((noreturn)) run_joiner(int pidns_fd, int sock_fd)
{
	int r = sys_setns(pidns_fd, CLONE_NEWPID);
	pid_t pid;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (r < 0)
		_exit(-r);
	pid = fork();
	if (pid == 0)
		_exit(-make_proc(sock_fd));
	_exit(pid < 0 ? errno : wait_for(pid));
}

/* A procfs of the container's pid namespace, detached. */
static int get_proc(const struct state *st, struct err *e)
{
	autofree char *path = xasprintf("/proc/%d/ns/pid", st->pid);
	autoclose int pidns_fd = fd_open(path, O_RDONLY), ours = -1, theirs = -1;
	int sock[2], r = pidns_fd, mount_fd = -1;
	pid_t pid;

	if (r >= 0)
		r = fd_socketpair(SOCK_STREAM, sock);
	if (r < 0)
		return err_sys(e, -r, "pid namespace of the container");
	ours = sock[0];
	theirs = sock[1];
	pid = fork();
	if (pid == 0)
		run_joiner(pidns_fd, theirs);
	fd_close(&theirs);
	if (pid < 0)
		return err_sys(e, errno, "fork");
	if (fd_recv_fds(ours, &mount_fd, 1) != 1)
		mount_fd = -1;
	r = wait_for(pid);
	if (mount_fd < 0)
		return err_sys(e, r > 0 && r < EXIT_FAILED ? r : EIO, "mount the container's /proc for ps");
	return mount_fd;
}

static int put_on_proc(int mount_fd)
{
	autoclose int at_fd = fd_opendir("/proc");

	return at_fd < 0 ? at_fd : mount_fs_attach(mount_fd, at_fd);
}

/* -ENOENT and the like: it has ended meanwhile. */
static void bind_entry(int proc_fd, int view_fd, const char *name)
{
	autoclose int clone_fd = sys_open_tree(proc_fd, name, OPEN_TREE_CLONE), made_fd = -1;
	struct stat st;

	if (clone_fd < 0 || fstat(clone_fd, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode))
		(void)mkdirat(view_fd, name, 0555);
	else
		made_fd = fd_createat(view_fd, name, O_WRONLY | O_EXCL | O_NOFOLLOW, 0444);
	(void)sys_move_mount(clone_fd, "", view_fd, name, MOVE_MOUNT_F_EMPTY_PATH);
}

static int fill_view(int proc_fd, int view_fd)
{
	static const char *const files[] = { "cpuinfo", "loadavg", "meminfo", "stat", "sys", "tty", "uptime",
					     "version", "vmstat" };
	auto_of(strv_clear) struct strv names = { 0 };
	int r = file_list_dir(proc_fd, ".", &names, false);

	for (size_t i = 0; i < names.n && r >= 0; i++)
		if (!names.v[i][strspn(names.v[i], "0123456789")])
			bind_entry(proc_fd, view_fd, names.v[i]);
	for (size_t i = 0; i < ARRAY_SIZE(files) && r >= 0; i++)
		bind_entry(proc_fd, view_fd, files[i]);
	if (r >= 0 && symlinkat("1", view_fd, "self") < 0)
		r = -errno;
	return r;
}

static int make_view(const struct state *st, struct err *e)
{
	autoclose int proc_mount = -1, view_mount = -1, proc_fd = -1, view_fd = -1;
	int r = sys_unshare(CLONE_NEWNS);

	if (r >= 0)
		r = sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (r < 0)
		return err_sys(e, -r, "make a mount namespace for ps");
	proc_mount = get_proc(st, e);
	if (proc_mount < 0)
		return proc_mount;
	/* Only what is attached can be bound in parts (before Linux 6.15): below the view. */
	r = put_on_proc(proc_mount);
	if (r >= 0)
		r = proc_fd = fd_opendir("/proc");
	if (r >= 0)
		r = view_mount = mount_fs_new("tmpfs", NULL, NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (r >= 0)
		r = put_on_proc(view_mount);
	if (r >= 0)
		r = view_fd = fd_opendir("/proc");
	if (r >= 0)
		r = fill_view(proc_fd, view_fd);
	return r < 0 ? err_sys(e, -r, "make a /proc for ps") : 0;
}

static bool has_our_pidns(const struct state *st)
{
	autofree char *path = xasprintf("/proc/%d/ns/pid", st->pid);
	struct stat ours, theirs;

	return stat("/proc/self/ns/pid", &ours) == 0 && stat(path, &theirs) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static void __attribute__((noreturn)) run_child(const struct state *st, const char *program,
						const struct strv *argv, int err_fd)
{
	struct err e = { 0 };
	bool is_plain = has_our_pidns(st);
	int r = is_plain ? 0 : make_view(st, &e);
	pid_t pid = 0;

	if (r >= 0 && !is_plain) {
		r = sys_unshare(CLONE_NEWPID);
		pid = r < 0 ? r : fork();
		if (pid < 0)
			r = err_sys(&e, r < 0 ? -r : errno, "make a process for ps");
	}
	if (r >= 0 && pid > 0) {
		fd_close(&err_fd);
		_exit(wait_for(pid));
	}
	if (r >= 0) {
		sys_reset_signals();
		execv(program, strv_vec(argv));
		err_sys(&e, errno, "run %s", program);
	}
	err_send(err_fd, &e);
	_exit(EXIT_FAILED);
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
