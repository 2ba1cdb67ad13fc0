/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include "base/fd.h"
#include "base/sys.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int shell(struct proc *p, const char *script, struct proc_args args)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct err e;

	args.argv = argv;
	if (proc_spawn(p, &args, &e) < 0)
		fail_msg("%s", e.msg);
	return proc_wait(p, &e);
}

static char *captured(const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	char *out = NULL;
	struct err e;

	if (proc_capture(argv, NULL, &out, 1 << 20, &e) != 0)
		fail_msg("%s", e.msg);
	return out;
}

static void exit_codes(void **state)
{
	struct proc p;

	(void)state;
	assert_int_equal(shell(&p, "exit 0", (struct proc_args){ 0 }), 0);
	assert_int_equal(p.pidfd, -1);
	assert_int_equal(shell(&p, "exit 255", (struct proc_args){ 0 }), 255);
	assert_int_equal(shell(&p, "kill -9 $$", (struct proc_args){ 0 }), 137);
}

static void reports_why_there_was_no_exec(void **state)
{
	const char *const none[] = { "/no/such/program", NULL };
	const char *const nowhere[] = { "no-such-program", NULL };
	const char *const data[] = { "/etc/passwd", NULL };
	struct proc p = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(proc_spawn(&p, &(struct proc_args){ .argv = none }, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "/no/such/program"));
	assert_int_equal(proc_spawn(&p, &(struct proc_args){ .argv = nowhere }, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "no-such-program"));
	assert_int_equal(proc_spawn(&p, &(struct proc_args){ .argv = data }, &e), -EACCES);
	/* The failed child was reaped. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* What /proc/self/fd of the child shows, as "0 1 2 ". */
static char *child_fds(struct proc_args args)
{
	char *text = NULL;
	struct proc child;
	int p[2];

	assert_int_equal(fd_pipe(p), 0);
	args.stdout_fd = p[1];
	assert_int_equal(shell(&child,
			       "for i in $(seq 0 30); do"
			       " [ -e /proc/$$/fd/$i ] && printf '%s ' $i; done; true",
			       args),
			 0);
	close(p[1]);
	assert_int_equal(fd_read_all(p[0], &text, NULL, 1000), 0);
	close(p[0]);
	return text;
}

static void child_has_stdio_and_keep_only(void **state)
{
	/* Open without O_CLOEXEC, as a careless library would. */
	int leaked = dup(0), kept[2] = { dup(0), fd_dup(0) };
	autofree char *plain = child_fds((struct proc_args){ .stdin_fd = -1, .stderr_fd = 2 });
	autofree char *more = child_fds(
		(struct proc_args){ .stdin_fd = -1, .stderr_fd = -1, .keep = kept, .keep_n = 2 });
	char wanted[40];

	(void)state;
	assert_string_equal(plain, "0 1 2 ");
	snprintf(wanted, sizeof(wanted), "0 1 2 %d %d ", kept[0], kept[1]);
	assert_string_equal(more, wanted);
	assert_int_equal(fcntl(kept[1], F_GETFD), FD_CLOEXEC);
	close(leaked);
	close(kept[0]);
	close(kept[1]);
}

/* The three may be given in any order, also when they lie at 0 to 2 themselves. */
static void stdio_in_any_order(void **state)
{
	static const int orders[][3] = {
		{ 0, 1, 2 }, { 2, 0, 1 }, { 1, 2, 0 },	{ 2, 1, 0 },
		{ 1, 1, 1 }, { 0, 0, 0 }, { -1, 2, 2 }, { 1, -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			struct proc p;
			char script[256];
			const char *names[] = { "/dev/null", "file0", "file1", "file2" };

			for (int fd = 0; fd < 3; fd++) {
				int f = fd_createat(AT_FDCWD, names[fd + 1], O_RDWR, 0600);

				if (fd_move(&f, fd) < 0)
					_exit(1);
			}
			snprintf(script, sizeof(script),
				 "for i in 0:%s 1:%s 2:%s; do l=$(readlink /proc/$$/fd/${i%%:*});"
				 "[ ${l##*/} = $(basename ${i#*:}) ] || exit 1; done",
				 names[orders[i][0] + 1], names[orders[i][1] + 1],
				 names[orders[i][2] + 1]);
			_exit(shell(&p, script,
				    (struct proc_args){ .stdin_fd = orders[i][0],
							.stdout_fd = orders[i][1],
							.stderr_fd = orders[i][2] }));
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status)
			fail_msg("order %zu", i);
	}
	unlink("file0");
	unlink("file1");
	unlink("file2");
}

static void closed_stdio_becomes_null(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		const char *const argv[] = { "/bin/sh", "-c", "cat; echo x; echo y >&2", NULL };
		struct proc p;
		struct err e;

		close(0);
		close(1);
		close(2);
		if (proc_spawn(&p, &(struct proc_args){ .argv = argv, .stdin_fd = -1, .stdout_fd = -1,
							.stderr_fd = -1 }, &e) < 0)
			_exit(7);
		_exit(proc_wait(&p, &e));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void resets_signals(void **state)
{
	autofree char *out = NULL;
	sigset_t all, old;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	out = captured("grep -E 'Sig(Blk|Ign)' /proc/self/status");
	sigprocmask(SIG_SETMASK, &old, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	assert_string_equal(out, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

static void environment_is_given_or_inherited(void **state)
{
	const char *const env[] = { "A=1", NULL };
	struct proc p;

	(void)state;
	setenv("PROC_TEST", "here", 1);
	assert_int_equal(shell(&p, "[ \"$PROC_TEST\" = here ]", (struct proc_args){ 0 }), 0);
	assert_int_equal(shell(&p, "[ \"$A$PROC_TEST\" = 1 ]", (struct proc_args){ .envp = env }),
			 0);
}

static void dies_with_its_parent(void **state)
{
	int p[2], pidfd;
	pid_t pid, grandchild = 0;

	(void)state;
	assert_int_equal(fd_pipe(p), 0);
	pid = fork();
	if (pid == 0) {
		const char *const argv[] = { "/bin/sleep", "1000", NULL };
		struct proc c;
		struct err e;

		if (proc_spawn(&c,
			       &(struct proc_args){ .argv = argv, .parent_death_signal = SIGKILL },
			       &e) < 0)
			_exit(1);
		fd_write_all(p[1], &c.pid, sizeof(c.pid));
		pause();
	}
	assert_int_equal(fd_read_full(p[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	pidfd = sys_pidfd_open(grandchild);
	assert_true(pidfd >= 0);
	assert_true(proc_pidfd_is_alive(pidfd));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(proc_pidfd_wait(pidfd, 10000), 1);
	close(pidfd);
	close(p[0]);
	close(p[1]);
}

static void captures(void **state)
{
	const char *const cat[] = { "cat", NULL };
	const char *const fails[] = { "sh", "-c", "echo out; echo first >&2; echo last >&2; exit 3",
				      NULL };
	const char *const silent[] = { "sh", "-c", "exit 4", NULL };
	const char *const noisy[] = {
		"sh", "-c",
		"head -c 300000 /dev/zero | tr '\\0' x >&2; echo >&2; echo end >&2; exit 1", NULL
	};
	const char *const endless[] = { "yes", NULL };
	const char *const ignores[] = { "true", NULL };
	autofree char *out = NULL, *big = xmalloc(300001);
	struct err e;

	(void)state;
	memset(big, 'y', 300000);
	big[300000] = 0;
	assert_int_equal(proc_capture(cat, big, &out, 1 << 20, &e), 0);
	assert_string_equal(out, big);
	free(steal_ptr(&out));
	assert_int_equal(proc_capture(fails, NULL, &out, 100, &e), 3);
	assert_string_equal(out, "out\n");
	assert_string_equal(e.msg, "sh: last");
	free(steal_ptr(&out));
	assert_int_equal(proc_capture(silent, NULL, &out, 100, &e), 4);
	assert_string_equal(e.msg, "sh: exit code 4");
	free(steal_ptr(&out));
	assert_int_equal(proc_capture(noisy, NULL, &out, 100, &e), 1);
	assert_string_equal(e.msg, "sh: end");
	free(steal_ptr(&out));
	assert_int_equal(proc_capture(endless, NULL, &out, 100000, &e), -EFBIG);
	assert_null(out);
	/* Input that nobody reads. */
	assert_int_equal(proc_capture(ignores, big, &out, 100, &e), 0);
	assert_string_equal(out, "");
}

static void finds_programs(void **state)
{
	autofree char *sh = NULL, *self = NULL, *old = xstrdup(getenv("PATH")), *none = NULL;

	(void)state;
	assert_int_equal(proc_find("sh", &sh), 0);
	assert_int_equal(sh[0], '/');
	assert_int_equal(proc_find("no-such-program", &none), -ENOENT);
	assert_int_equal(proc_find("", &none), -ENOENT);
	/* Neither the directory we are in nor a directory of that name counts. */
	assert_int_equal(close(fd_createat(AT_FDCWD, "proc.test", O_WRONLY, 0755)), 0);
	setenv("PATH", ":.::/usr", 1);
	assert_int_equal(proc_find("proc.test", &none), -ENOENT);
	assert_int_equal(proc_find("bin", &none), -ENOENT);
	setenv("PATH", old, 1);
	unlink("proc.test");
	assert_int_equal(proc_find_sibling("test_proc", &self) == 0 ||
				 proc_find_sibling("ut_proc", &self) == 0,
			 1);
	assert_int_equal(access(self, X_OK), 0);
	assert_true(proc_find_sibling("no-such-program", &none) < 0);
}

static void names_a_process_for_ever(void **state)
{
	uint64_t ticks = 0, other;
	int fd;

	(void)state;
	assert_int_equal(proc_start_time(getpid(), &ticks), 0);
	assert_true(ticks > 0);
	fd = proc_open_checked(getpid(), ticks);
	assert_true(fd >= 0);
	assert_true(proc_pidfd_is_alive(fd));
	assert_int_equal(proc_pidfd_wait(fd, 10), 0);
	close(fd);
	assert_int_equal(proc_open_checked(getpid(), ticks + 1), -ESRCH);
	assert_int_equal(proc_open_checked(0, ticks), -ESRCH);
	assert_int_equal(proc_start_time(0x3fffffff, &other), -ESRCH);
	assert_int_equal(proc_open_checked(0x3fffffff, ticks), -ESRCH);
}

/* A program may call itself anything, also ") R 1 ". */
static void start_time_of_a_hostile_name(void **state)
{
	uint64_t ticks, again;
	char old[16];

	(void)state;
	assert_int_equal(proc_start_time(getpid(), &ticks), 0);
	assert_int_equal(prctl(PR_GET_NAME, old), 0);
	prctl(PR_SET_NAME, ") R 1 1 1 (x) 5");
	assert_int_equal(proc_start_time(getpid(), &again), 0);
	prctl(PR_SET_NAME, old);
	assert_true(ticks == again);
}

static void signals(void **state)
{
	static const struct {
		const char *text;
		int sig;
	} good[] = {
		{ "SIGTERM", 15 }, { "TERM", 15 },  { "term", 15 },  { "sigKill", 9 },
		{ "15", 15 },	   { "64", 64 },    { "RTMIN", 34 }, { "SIGRTMIN+3", 37 },
		{ "rtmax-1", 63 }, { "RTMAX", 64 }, { "CHLD", 17 },  { "CLD", 17 },
		{ "IO", 29 },	   { "WINCH", 28 },
	};
	static const char *const bad[] = {
		"",	   "0",	       "65",	 "-1",	    "SIG", "FOO",
		"RTMIN-1", "RTMIN+31", "RTMIN+", "RTMAX+1", "15 ", "SIGSIGTERM",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(proc_signal_parse(good[i].text), good[i].sig);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (proc_signal_parse(bad[i]) != -EINVAL)
			fail_msg("accepted: '%s'", bad[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_codes),
		cmocka_unit_test(reports_why_there_was_no_exec),
		cmocka_unit_test(child_has_stdio_and_keep_only),
		cmocka_unit_test(stdio_in_any_order),
		cmocka_unit_test(closed_stdio_becomes_null),
		cmocka_unit_test(resets_signals),
		cmocka_unit_test(environment_is_given_or_inherited),
		cmocka_unit_test(dies_with_its_parent),
		cmocka_unit_test(captures),
		cmocka_unit_test(finds_programs),
		cmocka_unit_test(names_a_process_for_ever),
		cmocka_unit_test(start_time_of_a_hostile_name),
		cmocka_unit_test(signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
