/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * A user namespace lives as long as a process or a descriptor is in it. Ours must outlive every
 * command, so one process stays in it and sleeps.
 *
 *	command			middle			pause
 *	fork -----------------> clone(NEWUSER|NEWNS) -> blocks all signals, waits for "go"
 *	<------- pid, 0 -------- exit			:
 *	newuidmap + newgidmap ------------------------> (maps appear)
 *	writes the record				:
 *	"go" -----------------------------------------> setsid, cd /, sleeps
 *
 * The middle process exists so that the pause process is nobody's child but init's: a command may
 * run for days and would keep a dead one as a zombie. If the command dies before "go", the pause
 * process reads end of file and goes away, so a crash leaves nothing.
 *
 * It is forked and not executed: a program of its own would need a file to be found and would
 * cost a millisecond. The price is that it starts as a copy of the command, so what a copy would
 * give away is wiped: arguments and environment may hold passwords and stay readable in /proc.
 *
 * SIGTERM ends it, since it would hold up the shutdown of the machine otherwise; every other
 * signal that can be is blocked. When it is killed while containers run, the next command finds
 * the namespace again through their processes (holders.h). On a machine with many users nothing
 * should stay behind for ever, so a few times an hour it looks whether it is alone in its
 * namespace, with no mount of `rootlet mount`, and leaves.
 *
 * A command may be joining in that moment. Before its setns the pidfd says that we are gone, and it
 * makes a new session. Behind it the command is in a namespace that we no longer hold: the namespace
 * lives as long as the command and what it starts, and the next command finds it through them.
 */
#include "userns/pause.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/sys.h"
#include "base/units.h"
#include "userns/holders.h"
#include "userns/nsid.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define IDLE_SECONDS (15 * 60)
#define IDLE_VARIABLE "ROOTLET_PAUSE_IDLE"	/* seconds; for tests, and who wants it sooner */

struct hello {			/* middle -> command */
	pid_t pid;
	int error;
};

/* Mounts made in this namespace: those that came from outside carry a "master:" tag, or were there
 * at the start. */
static size_t count_own_mounts(void)
{
	autofree char *text = NULL;
	char *line, *save = NULL;
	size_t len, n = 0;

	if (file_read_at(AT_FDCWD, "/proc/self/mountinfo", &text, &len, FILE_MAX_CONFIG) < 0)
		return 0;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		n += !strstr(line, " master:");
	return n;
}

/* Before the environment is wiped. */
static time_t idle_seconds(void)
{
	const char *text = getenv(IDLE_VARIABLE);
	uint64_t n;

	return text && units_parse_uint(text, &n) == 0 && n > 0 && n <= INT32_MAX ? (time_t)n
										 : IDLE_SECONDS;
}

static void __attribute__((noreturn)) sleep_till_idle(time_t seconds)
{
	const struct timespec period = { .tv_sec = seconds };
	uint64_t userns = nsid_of(0, "user");
	size_t mounts = count_own_mounts();
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	for (;;) {
		r = sigtimedwait(&set, NULL, &period);
		if (r == SIGTERM)
			break;
		if (r < 0 && errno == EAGAIN && holders_find(userns, getpid()) == -ESRCH &&
		    count_own_mounts() <= mounts)
			break;
	}
	_exit(0);
}

/* Descriptors that stay: 0, on which "go" comes, and 1, the directory to keep. */
static void keep_descriptors(int go_fd, int keep_dirfd)
{
	int dirfd = keep_dirfd >= 0 ? fd_reopen(keep_dirfd, O_RDONLY | O_DIRECTORY) : -1;

	if (dirfd >= 0 && dirfd < 2)
		dirfd = fd_dup(dirfd);
	fd_move(&go_fd, 0);
	if (dirfd >= 0) {
		fd_move(&dirfd, 1);
		flock(1, LOCK_SH | LOCK_NB);
	} else {
		close(1);
	}
	/* Also drops the lock of the session, which we hold a copy of. */
	sys_close_range(2, ~0U, 0);
}

static void __attribute__((noreturn)) run_pause(const struct pause_args *args, int go_fd)
{
	time_t seconds = idle_seconds();
	sigset_t all;
	char go;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	keep_descriptors(go_fd, args->keep_dirfd);
	setsid();
	if (chdir("/") < 0)
		_exit(1);
	prctl(PR_SET_NAME, args->name);
	/* setns() on us asks for ptrace rights, and newuidmap for /proc entries that are ours. */
	prctl(PR_SET_DUMPABLE, 1);
	proc_set_title(args->name, true);
	if (fd_read_full(0, &go, 1) != 1)
		_exit(1);
	close(0);
	sleep_till_idle(seconds);
}

static void __attribute__((noreturn)) run_middle(const struct pause_args *args, int hello_fd,
						 int go_fd)
{
	struct hello h = { 0 };

	if (args->is_here || args->userns_fd >= 0) {
		if (!args->is_here)
			h.error = sys_setns(args->userns_fd, CLONE_NEWUSER);
		if (h.error == 0)
			h.pid = sys_clone(CLONE_NEWNS, NULL, -1);
	} else {
		h.pid = sys_clone(CLONE_NEWUSER | CLONE_NEWNS, NULL, -1);
	}
	if (h.error == 0 && h.pid == 0)
		run_pause(args, go_fd);
	if (h.error == 0 && h.pid < 0)
		h.error = h.pid;
	fd_write_all(hello_fd, &h, sizeof(h));
	_exit(0);
}

static int start_middle(struct hello *h, const struct pause_args *args, int go_fd, int other_end)
{
	autoclose int from_fd = -1, to_fd = -1;
	int p[2], r;
	pid_t middle;

	r = fd_pipe(p);
	if (r < 0)
		return r;
	from_fd = p[0];
	to_fd = p[1];
	middle = sys_clone(0, NULL, -1);
	if (middle < 0)
		return middle;
	if (middle == 0) {
		fd_close(&other_end);
		run_middle(args, to_fd, go_fd);
	}
	fd_close(&to_fd);
	r = fd_read_full(from_fd, h, sizeof(*h)) == (ssize_t)sizeof(*h) ? 0 : -EIO;
	while (waitpid(middle, NULL, 0) < 0 && errno == EINTR)
		;
	return r < 0 ? r : h->error;
}

int pause_fork(struct pause *out, const struct pause_args *args, struct err *e)
{
	autoclose int child_end = -1, our_end = -1;
	struct hello h = { 0 };
	int p[2], r;

	r = fd_pipe(p);
	if (r < 0)
		return err_sys(e, -r, "pipe");
	child_end = p[0];
	our_end = p[1];
	r = start_middle(&h, args, child_end, our_end);
	if (r < 0)
		return err_sys(e, -r, "create a user namespace");
	/* It waits for us and cannot have ended, so that the number is still its own. */
	r = sys_pidfd_open(h.pid);
	if (r < 0)
		return err_sys(e, -r, "open the pause process %d", h.pid);
	*out = (struct pause){ h.pid, r, steal_fd(&our_end) };
	return 0;
}

int pause_release(struct pause *p, struct err *e)
{
	int r = fd_write_all(p->go_fd, "g", 1);

	if (r < 0)
		return err_sys(e, -r, "release the pause process %d", p->pid);
	fd_close(&p->go_fd);
	return 0;
}

void pause_clear(struct pause *p)
{
	fd_close(&p->go_fd);
	fd_close(&p->pidfd);
}
