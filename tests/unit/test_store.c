/* SPDX-License-Identifier: Apache-2.0 */
#include "storage_fixture.h"

#include "storage/driver.h"
#include "storage/store_conf.h"

#include <sys/wait.h>

static struct store *reopen(struct fixture *f, const char *driver)
{
	struct store_args args = { .root = f->s->root, .driver = driver };
	struct store *s = NULL;
	struct err e;

	assert_int_equal(store_open(&s, &args, &e), 0);
	return s;
}

static void remembers_its_driver(void **state)
{
	struct fixture *f = *state;
	auto_of(store_free) struct store *s = reopen(f, NULL);
	struct store_args args = { .root = f->s->root, .driver = "zfs" };
	autofree char *driver = NULL;
	struct store *other = NULL;
	struct err e;

	assert_string_equal(s->driver->name, "vfs");
	assert_int_equal(file_read_at(f->s->root_dirfd, "driver", &driver, NULL, 100), 0);
	assert_true(str_has_prefix(driver, "vfs\n"));	/* and what an unprivileged store adds */
	assert_int_equal(store_open(&other, &args, &e), -ENOTSUP);
	assert_non_null(strstr(e.msg, "zfs"));
}

static void refuses_what_is_no_directory(void **state)
{
	struct fixture *f = *state;
	autofree char *path = xasprintf("%s/file", f->dir), *below = xasprintf("%s/x", path);
	struct store_args args = { .root = below, .driver = "vfs" };
	struct store *s = NULL;
	struct err e;

	assert_int_equal(file_write_at(AT_FDCWD, path, "", 0, 0600, 0), 0);
	assert_int_equal(store_open(&s, &args, &e), -ENOTDIR);
	assert_non_null(strstr(e.msg, below));
	assert_null(s);
}

static void publishes_and_discards(void **state)
{
	struct fixture *f = *state;
	autofree char *tmp = NULL, *again = NULL;
	autoclose int a = -1, b = -1;
	struct err e;

	assert_int_equal(store_tmp_dir(f->s, &tmp, &a, &e), 0);
	assert_int_equal(mkdirat(a, "inside", 0700), 0);
	assert_int_equal(store_publish(f->s, tmp, f->s->volumes_dirfd, "v", &e), 0);
	assert_true(file_exists_at(f->s->root_dirfd, "volumes/v/inside"));
	assert_int_equal(store_tmp_dir(f->s, &again, &b, &e), 0);
	assert_int_equal(store_publish(f->s, again, f->s->volumes_dirfd, "v", &e), -EEXIST);
	assert_int_equal(store_discard(f->s, f->s->volumes_dirfd, "v", &e), 0);
	assert_false(file_exists_at(f->s->volumes_dirfd, "v"));
	assert_int_equal(store_discard(f->s, f->s->volumes_dirfd, "v", &e), -ENOENT);
}

static void sweeps_the_dead_only(void **state)
{
	struct fixture *f = *state;
	auto_of(strv_clear) struct strv left = { 0 }, dead = { 0 };
	autofree char *mine = NULL;
	autoclose int fd = -1;
	struct err e;
	siginfo_t info;
	int status;
	pid_t pid;

	assert_int_equal(store_tmp_dir(f->s, &mine, &fd, &e), 0);
	pid = fork();
	if (pid == 0) {
		char *name;
		int dirfd;

		_exit(store_tmp_dir(f->s, &name, &dirfd, &e) < 0 ||
		      mkdirat(dirfd, "x", 0700) < 0);
	}
	/* Dead but not reaped is dead. */
	assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(info.si_status, 0);
	assert_int_equal(mkdirat(f->s->root_dirfd, "tmp/garbage", 0700), 0);
	assert_int_equal(store_find_dead(f->s, &dead, &e), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(dead.n, 2);
	assert_int_equal(store_sweep(f->s, &e), 0);
	assert_int_equal(file_list_dir(f->s->root_dirfd, "tmp", &left, true), 0);
	assert_int_equal(left.n, 1);
	assert_string_equal(left.v[0], mine + 4);
}

/* A pid says nothing in another pid namespace: the lock does. */
static void keeps_what_is_locked(void **state)
{
	struct fixture *f = *state;
	autofree char *mine = NULL, *renamed = NULL;
	autoclose int fd = -1;
	struct err e;

	assert_int_equal(store_tmp_dir(f->s, &mine, &fd, &e), 0);
	renamed = xasprintf("tmp/999999999.1%s", strrchr(mine, '.'));
	assert_int_equal(renameat(f->s->root_dirfd, mine, f->s->root_dirfd, renamed), 0);
	assert_int_equal(store_sweep(f->s, &e), 0);
	assert_true(file_exists_at(f->s->root_dirfd, renamed));
	fd_close(&fd);
	assert_int_equal(store_sweep(f->s, &e), 0);
	assert_false(file_exists_at(f->s->root_dirfd, renamed));
}

static void finds_driver_options(void **state)
{
	auto_of(strv_clear) struct strv opts = { 0 };

	(void)state;
	strv_add(&opts, "overlay.mount_program=/a");
	strv_add(&opts, "mount_program=/b");
	strv_add(&opts, "overlay.mount_programs=/c");
	assert_string_equal(store_conf_option(&opts, "mount_program"), "/b");
	assert_null(store_conf_option(&opts, "mount"));
	assert_ptr_equal(driver_find("overlay2"), &driver_overlay);
	assert_null(driver_find("btrfs"));
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(remembers_its_driver),
		T(refuses_what_is_no_directory),
		T(publishes_and_discards),
		T(sweeps_the_dead_only),
		T(keeps_what_is_locked),
		cmocka_unit_test(finds_driver_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
