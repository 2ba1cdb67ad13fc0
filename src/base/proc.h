/* SPDX-License-Identifier: Apache-2.0 */
/* proc: children with an explicit environment of descriptors, and who a pid really is.
 *
 * Runs in:  any single-threaded process. The child of proc_spawn keeps stdio and keep[] only.
 * Owns:     struct proc's pidfd (proc_clear); does not kill on clear.
 * Needs:    pidfd_open(2), close_range(2).
 * Fails:    layer functions fill e; ENOENT when the program was not found.
 * Not here: container processes (see runtime/).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"

#include <sys/types.h>

struct proc {
	pid_t pid;
	int pidfd;	/* owned, -1 */
};

struct proc_args {
	const char *const *argv;	/* argv[0]: path, or a name looked up in PATH */
	const char *const *envp;	/* NULL: our own environment */
	int stdin_fd, stdout_fd, stderr_fd;	/* borrowed; -1: /dev/null; 0, 1, 2 inherit */
	const int *keep;		/* borrowed; same numbers in the child */
	size_t keep_n;
	int parent_death_signal;	/* 0: none */
	/* Of our own environment only what says where programs and libraries are: for those that live beside
	 * a container. With the same id and no more capabilities it may read theirs (--pid=host). */
	bool is_env_bare;
};

int proc_spawn(struct proc *out, const struct proc_args *args, struct err *e);
void proc_clear(struct proc *p);
DEFINE_AUTO_VALUE(struct proc, proc_clear)
/* Exit code 0..255, or 128 + signal. */
int proc_wait(struct proc *p, struct err *e);
/* Runs, waits, captures stdout (NUL-terminated, owned) up to max bytes; returns the exit code.
 * When the code is not 0, e says the last line of stderr, or else the code. */
int proc_capture(const char *const *argv, const char *input, char **out, size_t max,
		 struct err *e);
/* Absolute path of a program: absolute PATH entries, then /usr/sbin:/sbin; owned, or -ENOENT.
 * A name with a slash comes back as it is. */
int proc_find(const char *name, char **path);
/* Path of a program installed beside ours: the directory of /proc/self/exe, then LIBEXECDIR. */
int proc_find_sibling(const char *name, char **path);

/* What /proc/PID/stat says, proc_pid_stat(5). */
struct proc_stat {
	char comm[64];
	char state;				/* one of RSDZTtX, I */
	pid_t parent;
	int tty;				/* device number, 0 none */
	int64_t nice, vsz_bytes, rss_bytes;
	uint64_t utime, stime, start;		/* clock ticks; start since boot */
	uint64_t child_utime, child_stime;	/* of children that ended and were waited for */
	uint64_t threads;
};
/* path: "/proc/PID/stat", or below dirfd. -ESRCH also when the process ended while it was read. Leaf. */
int proc_read_stat(struct proc_stat *out, int dirfd, const char *path);
/* Field 22 of /proc/PID/stat, clock ticks since boot; with the pid it names one process ever. */
int proc_start_time(pid_t pid, uint64_t *ticks);
/* Cheaper than a pidfd, for who only wants to know: it is that process and has not ended. *stat (may be
 * NULL) is filled in then. */
bool proc_is_alive(pid_t pid, uint64_t ticks, struct proc_stat *stat);
/* /proc/sys/kernel/random/boot_id, read once (also by several threads); "" when it cannot be. */
const char *proc_boot_id(void);
/* A pidfd of pid if it is still the process started at ticks; -ESRCH when not. */
int proc_open_checked(pid_t pid, uint64_t ticks);
bool proc_pidfd_is_alive(int pidfd);
/* Waits up to ms (-1: for ever) for exit; 1 exited, 0 time is up. */
int proc_pidfd_wait(int pidfd, int ms);
/* Of a child that has ended, or waits until it has: exit code 0..255, or 128 + signal; -errno. */
int proc_pidfd_reap(int pidfd);

/* Overwrites the memory that /proc/self/cmdline shows, which everybody may read, and, if wanted, that of
 * environ: what was given to a command may hold passwords. Nothing may point into it any more. */
void proc_set_title(const char *title, bool wipe_env);

/* "SIGTERM", "TERM", "term", "15", "RTMIN+3" -> number or -EINVAL; and back ("SIGTERM", owned). */
int proc_signal_parse(const char *s);
char *proc_signal_name(int sig);
