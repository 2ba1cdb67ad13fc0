/* SPDX-License-Identifier: Apache-2.0 */
#include "container/state.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/rootlet-state-XXXXXX";
static int dirfd_;

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	dirfd_ = fd_opendir(dir);
	return dirfd_ < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(dirfd_);
	return file_remove_tree(AT_FDCWD, dir) < 0;
}

static void put(const char *text)
{
	assert_int_equal(file_write_at(dirfd_, "state.json", text, strlen(text), 0600, 0), 0);
}

static void test_missing_is_created(void **state)
{
	struct state s;
	struct err e;

	(void)state;
	unlinkat(dirfd_, "state.json", 0);
	assert_int_equal(state_load_at(&s, dirfd_, &e), 0);
	assert_int_equal(s.status, STATE_CREATED);
	assert_false(state_is_alive(&s));
	state_clear(&s);
}

static pid_t child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

static void test_running_is_what_the_kernel_says(void **state)
{
	struct state s = { .status = STATE_RUNNING, .started = 5, .is_stopped_by_user = true };
	struct state back;
	struct err e;
	pid_t init = child(), monitor = child();
	int fd;

	(void)state;
	s.pid = init;
	s.monitor_pid = monitor;
	s.cgroup = xstrdup("/sys/fs/cgroup/\"x\"");
	assert_int_equal(proc_start_time(init, &s.pid_start), 0);
	assert_int_equal(proc_start_time(monitor, &s.monitor_start), 0);
	assert_int_equal(state_save_at(&s, dirfd_, &e), 0);
	assert_int_equal(state_load_at(&back, dirfd_, &e), 0);
	assert_int_equal(back.status, STATE_RUNNING);
	assert_int_equal(back.started, 5);
	assert_true(back.is_stopped_by_user);
	assert_string_equal(back.cgroup, s.cgroup);
	fd = state_open_init(&back);
	assert_true(fd >= 0);
	close(fd);
	state_clear(&back);

	/* Killed, not even reaped: no longer alive. The monitor is at its last work. */
	kill(init, SIGKILL);
	fd = proc_open_checked(init, s.pid_start);
	assert_int_equal(proc_pidfd_wait(fd, 5000), 1);
	close(fd);
	assert_int_equal(state_load_at(&back, dirfd_, &e), 0);
	assert_int_equal(back.status, STATE_STOPPING);
	assert_false(back.is_stale);
	assert_int_equal(state_open_init(&back), -ESRCH);
	state_clear(&back);

	/* Both gone: exited, and somebody has to repair the record. */
	kill(monitor, SIGKILL);
	waitpid(init, NULL, 0);
	waitpid(monitor, NULL, 0);
	assert_int_equal(state_load_at(&back, dirfd_, &e), 0);
	assert_int_equal(back.status, STATE_EXITED);
	assert_int_equal(back.exit_code, 137);
	assert_true(back.is_stale);
	state_clear(&back);
	state_clear(&s);
}

static void test_reused_pid_and_reboot(void **state)
{
	struct state s = { .status = STATE_RUNNING, .pid = getpid(), .monitor_pid = getpid() };
	struct state back;
	autofree char *text = NULL;
	struct err e;

	(void)state;
	assert_int_equal(proc_start_time(getpid(), &s.pid_start), 0);
	s.pid_start++;
	s.monitor_start = s.pid_start;
	assert_int_equal(state_save_at(&s, dirfd_, &e), 0);
	assert_int_equal(state_load_at(&back, dirfd_, &e), 0);
	assert_int_equal(back.status, STATE_EXITED);
	state_clear(&back);
	text = xasprintf("{\"version\":1,\"status\":\"running\",\"pid\":%d,\"pid-start\":%llu,"
			 "\"boot-id\":\"00000000-0000-0000-0000-000000000000\"}", getpid(),
			 (unsigned long long)s.pid_start - 1);
	put(text);
	assert_int_equal(state_load_at(&back, dirfd_, &e), 0);
	assert_int_equal(back.status, STATE_EXITED);
	state_clear(&back);
}

static void test_bad_records(void **state)
{
	static const char *const bad[] = {
		"{", "[]", "{\"version\":1}", "{\"version\":1,\"status\":\"dancing\"}",
		"{\"version\":9,\"status\":\"exited\"}",
	};
	struct state s;
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		put(bad[i]);
		assert_int_equal(state_load_at(&s, dirfd_, &e), -EBADMSG);
	}
	put("");	/* what a power loss may leave of a file that was never synced */
	assert_int_equal(state_load_at(&s, dirfd_, &e), 0);
	assert_int_equal(s.status, STATE_EXITED);
	state_clear(&s);
}

static void test_error_and_health_survive(void **state)
{
	struct state s = { .status = STATE_EXITED, .exit_code = 127, .restart_count = 3 };
	struct state back;
	struct err e;

	(void)state;
	s.error = xstrdup("executable `x\n` not found");
	s.health = json_new_object();
	json_set_str(s.health, "Status", "healthy");
	assert_int_equal(state_save_at(&s, dirfd_, &e), 0);
	assert_int_equal(state_load_at(&back, dirfd_, &e), 0);
	assert_string_equal(back.error, s.error);
	assert_int_equal(back.exit_code, 127);
	assert_int_equal(back.restart_count, 3);
	assert_string_equal(json_get_str(back.health, "Status"), "healthy");
	state_clear(&s);
	state_clear(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing_is_created),
		cmocka_unit_test(test_running_is_what_the_kernel_says),
		cmocka_unit_test(test_reused_pid_and_reboot),
		cmocka_unit_test(test_bad_records),
		cmocka_unit_test(test_error_and_health_survive),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
