/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lock.h"

#include "base/fd.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NAME "lock.test"

static void excludes(void **state)
{
	autoclose int a = lock_take(AT_FDCWD, NAME, true);

	(void)state;
	assert_true(a >= 0);
	assert_int_equal(lock_try(AT_FDCWD, NAME, true), -EAGAIN);
	assert_int_equal(lock_try(AT_FDCWD, NAME, false), -EAGAIN);
	fd_close(&a);
	a = lock_try(AT_FDCWD, NAME, true);
	assert_true(a >= 0);
}

static void readers_share(void **state)
{
	autoclose int a = lock_take(AT_FDCWD, NAME, false), b = lock_try(AT_FDCWD, NAME, false);

	(void)state;
	assert_true(a >= 0 && b >= 0);
	assert_int_equal(lock_try(AT_FDCWD, NAME, true), -EAGAIN);
	fd_close(&a);
	assert_int_equal(lock_fd_try(b, true), 0);
}

static void lives_on_in_a_child(void **state)
{
	autoclose int a = lock_take(AT_FDCWD, NAME, true);
	int p[2], status;
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(fd_pipe(p), 0);
	pid = fork();
	if (pid == 0) {
		close(p[1]);
		_exit(read(p[0], &c, 1) == 0 ? 0 : 1);
	}
	close(p[0]);
	fd_close(&a);
	assert_int_equal(lock_try(AT_FDCWD, NAME, true), -EAGAIN);
	close(p[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	a = lock_try(AT_FDCWD, NAME, true);
	assert_true(a >= 0);
}

/* A child waits for the lock while its owner removes the file: it must end up with a lock on the
 * file that is there, not on the one that is gone. */
static void waits_on_the_file_that_is_there(void **state)
{
	autoclose int a = lock_take(AT_FDCWD, NAME, true), b = -1;
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		struct stat mine, named;

		fd_close(&a);
		b = lock_take(AT_FDCWD, NAME, true);
		if (b < 0 || fstat(b, &mine) < 0 || stat(NAME, &named) < 0)
			_exit(1);
		_exit(mine.st_ino == named.st_ino ? 0 : 2);
	}
	usleep(20000);
	assert_int_equal(unlink(NAME), 0);
	fd_close(&a);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	unlink(NAME);
}

static void follows_no_link(void **state)
{
	(void)state;
	assert_int_equal(symlink("elsewhere", NAME), 0);
	assert_int_equal(lock_take(AT_FDCWD, NAME, true), -ELOOP);
	unlink(NAME);
	assert_int_equal(lock_take(AT_FDCWD, "no-such-dir/" NAME, true), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(excludes),
		cmocka_unit_test(readers_share),
		cmocka_unit_test(lives_on_in_a_child),
		cmocka_unit_test(waits_on_the_file_that_is_there),
		cmocka_unit_test(follows_no_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
