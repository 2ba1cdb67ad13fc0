/* SPDX-License-Identifier: Apache-2.0 */
/* strike [-a] [-e] [-f] [-n N] COMMAND...
 *
 * Runs COMMAND and everything that it starts under ptrace and counts their system calls, in the order
 * in which they come. Before call N the process that makes it is killed with SIGKILL; with -a, all of
 * them are. With -e only calls that may take room on a disk are counted, and call N fails with ENOSPC
 * instead; with -f all that come after it do, too, as on a disk that stays full.
 *
 * Ends when COMMAND has ended and whatever it has left is at rest. Prints how many calls were counted
 * to descriptor 3 when that is open; the exit status is COMMAND's, 137 when it was killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_TASKS 256
#define REST_MS 60	/* so long without a system call is rest */

struct task {
	pid_t pid;
	bool is_failing;	/* its call is to return ENOSPC */
};

static struct task tasks[MAX_TASKS];
static int n_tasks;
static long counted, target;
static bool is_all, is_error, is_from;

static struct task *task_of(pid_t pid)
{
	for (int i = 0; i < n_tasks; i++)
		if (tasks[i].pid == pid)
			return &tasks[i];
	if (n_tasks == MAX_TASKS)
		exit(99);
	tasks[n_tasks] = (struct task){ .pid = pid };
	return &tasks[n_tasks++];
}

static void forget(pid_t pid)
{
	for (int i = 0; i < n_tasks; i++)
		if (tasks[i].pid == pid)
			tasks[i] = tasks[--n_tasks];
}

static void kill_all(void)
{
	for (int i = 0; i < n_tasks; i++)
		kill(tasks[i].pid, SIGKILL);
}

/* A descriptor of a file on a disk, not of a pipe, a socket or a device. */
static bool is_file(pid_t pid, int fd)
{
	char path[64], target_path[256];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	n = readlink(path, target_path, sizeof(target_path) - 1);
	target_path[n > 0 ? n : 0] = 0;
	return target_path[0] == '/' && strncmp(target_path, "/dev/", 5) != 0 &&
	       strncmp(target_path, "/proc/", 6) != 0 && strncmp(target_path, "/sys/", 5) != 0 &&
	       strncmp(target_path, "/memfd:", 7) != 0;
}

static bool takes_room(pid_t pid, const struct __ptrace_syscall_info *info)
{
	const __uint64_t *a = info->entry.args;

	switch (info->entry.nr) {
	case SYS_write: case SYS_writev: case SYS_pwrite64: case SYS_fsync: case SYS_fdatasync:
	case SYS_ftruncate: case SYS_fallocate: case SYS_fsetxattr:
		return is_file(pid, a[0]);
	case SYS_copy_file_range:
		return is_file(pid, a[2]);
	case SYS_sendfile:
		return is_file(pid, a[0]);
	case SYS_openat:
		return a[2] & O_CREAT || (a[2] & O_TMPFILE) == O_TMPFILE;
	case SYS_mkdirat: case SYS_symlinkat: case SYS_linkat: case SYS_renameat2:
		return true;
#ifdef SYS_mkdir
	case SYS_mkdir: case SYS_renameat:
		return true;
#endif
	default:
		return false;
	}
}

static void skip_call(struct task *t)
{
#ifdef __x86_64__
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, t->pid, NULL, &regs) < 0)
		return;
	regs.orig_rax = -1;
	if (ptrace(PTRACE_SETREGS, t->pid, NULL, &regs) == 0)
		t->is_failing = true;
#else
	(void)t;
	exit(98);
#endif
}

static void fail_call(struct task *t)
{
#ifdef __x86_64__
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, t->pid, NULL, &regs) == 0) {
		regs.rax = -ENOSPC;
		(void)ptrace(PTRACE_SETREGS, t->pid, NULL, &regs);
	}
#endif
	t->is_failing = false;
}

static void on_call(struct task *t)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->is_failing)
		fail_call(t);
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || (is_error && !takes_room(t->pid, &info)))
		return;
	counted++;
	if (!target || counted < target || (counted > target && !is_from))
		return;
	if (is_error)
		skip_call(t);
	else if (is_all)
		kill_all();
	else
		kill(t->pid, SIGKILL);
}

static void on_stop(struct task *t, int status)
{
	int sig = WSTOPSIG(status), deliver = 0;

	if (sig == (SIGTRAP | 0x80))
		on_call(t);
	else if (status >> 8 == (SIGTRAP | PTRACE_EVENT_STOP << 8) || status >> 16)
		deliver = 0;
	else
		deliver = sig;
	(void)ptrace(PTRACE_SYSCALL, t->pid, NULL, deliver);
}

static pid_t start(char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	pid_t pid = fork();

	if (pid == 0) {
		fcntl(3, F_SETFD, FD_CLOEXEC);
		raise(SIGSTOP);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, NULL, WUNTRACED) != pid ||
	    ptrace(PTRACE_SEIZE, pid, NULL, options) < 0) {
		perror("strike");
		exit(99);
	}
	kill(pid, SIGCONT);
	return pid;
}

int main(int argc, char **argv)
{
	int c, status, code = 0, idle = 0;
	bool has_ended = false;
	pid_t first;

	while ((c = getopt(argc, argv, "+aefn:")) != -1) {
		is_all |= c == 'a';
		is_error |= c == 'e';
		is_from |= c == 'f';
		if (c == 'n')
			target = atol(optarg);
	}
	first = start(argv + optind);
	(void)task_of(first);
	while (n_tasks && !(has_ended && idle >= REST_MS)) {
		pid_t pid = waitpid(-1, &status, __WALL | (has_ended ? WNOHANG : 0));

		if (pid == 0) {
			idle++;
			poll(NULL, 0, 1);
			continue;
		}
		if (pid < 0 && errno != EINTR)
			break;
		idle = 0;
		if (pid > 0 && WIFSTOPPED(status)) {
			on_stop(task_of(pid), status);
		} else if (pid > 0) {
			forget(pid);
			if (pid == first)
				code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			has_ended |= pid == first;
		}
	}
	dprintf(3, "%ld\n", counted);
	return code;
}
