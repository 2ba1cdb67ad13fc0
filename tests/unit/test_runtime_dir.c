/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/runtime_dir.h"

#include "base/fd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
	char dir[64];
	char sub[80];
};

static int set_up(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	strcpy(p->dir, "/tmp/test_runtime_dir.XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	strcat(strcpy(p->sub, p->dir), "/rootlet");
	setenv("XDG_RUNTIME_DIR", p->dir, 1);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	chmod(p->dir, 0700);
	unlink(p->sub);
	rmdir(p->sub);
	rmdir(p->dir);
	free(p);
	return 0;
}

static int try_xdg(bool make, char **path, int *fd, struct err *e)
{
	return runtime_dir_open(path, fd, RUNTIME_DIR_XDG, getuid(), make, e);
}

static void makes_and_opens(void **state)
{
	struct place *p = *state;
	autofree char *path = NULL;
	autofree char *again = NULL;
	autoclose int fd = -1, fd2 = -1;
	struct stat st;
	struct err e;

	assert_int_equal(try_xdg(false, &path, &fd, &e), -ENOENT);
	assert_int_equal(try_xdg(true, &path, &fd, &e), 0);
	assert_string_equal(path, p->sub);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(try_xdg(false, &again, &fd2, &e), 0);
}

static void refuses_foreign_and_open_ones(void **state)
{
	struct place *p = *state;
	autofree char *path = NULL;
	autoclose int fd = -1;
	struct stat st;
	struct err e;

	/* Somebody else's: as seen by another user. */
	assert_int_equal(runtime_dir_open_path(&fd, p->dir, getuid() + 1, false, &e), -EACCES);
	assert_non_null(strstr(e.msg, p->dir));
	/* A parent in which others could rename. */
	chmod(p->dir, 0777);
	assert_int_equal(try_xdg(true, &path, &fd, &e), -EACCES);
	chmod(p->dir, 0700);
	assert_int_equal(mkdir(p->sub, 0700), 0);
	chmod(p->sub, 0770);
	assert_int_equal(try_xdg(true, &path, &fd, &e), -EACCES);
	/* Readable for others only: made private. */
	chmod(p->sub, 0755);
	assert_int_equal(try_xdg(false, &path, &fd, &e), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void refuses_links(void **state)
{
	struct place *p = *state;
	autofree char *path = NULL;
	autoclose int fd = -1;
	struct err e;

	assert_int_equal(symlink("/tmp", p->sub), 0);
	assert_int_equal(try_xdg(true, &path, &fd, &e), -EACCES);
}

static void knows_its_places(void **state)
{
	struct place *p = *state;
	autofree char *xdg = runtime_dir_parent(RUNTIME_DIR_XDG, 77);
	autofree char *run = runtime_dir_parent(RUNTIME_DIR_RUN, 77);
	autofree char *tmp = runtime_dir_parent(RUNTIME_DIR_TMP, 77);

	assert_string_equal(xdg, p->dir);
	assert_string_equal(run, "/run/user/77");
	assert_string_equal(tmp, "/tmp/rootlet-run-77");
	/* The usual one is not looked at twice. */
	setenv("XDG_RUNTIME_DIR", "/run/user/77//", 1);
	assert_null(runtime_dir_parent(RUNTIME_DIR_XDG, 77));
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	assert_null(runtime_dir_parent(RUNTIME_DIR_XDG, 77));
	setenv("XDG_RUNTIME_DIR", "/with\nnewline", 1);
	assert_null(runtime_dir_parent(RUNTIME_DIR_XDG, 77));
	setenv("XDG_RUNTIME_DIR", "", 1);
	assert_null(runtime_dir_parent(RUNTIME_DIR_XDG, 77));
	unsetenv("XDG_RUNTIME_DIR");
	assert_null(runtime_dir_parent(RUNTIME_DIR_XDG, 77));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(makes_and_opens, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_foreign_and_open_ones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_links, set_up, tear_down),
		cmocka_unit_test_setup_teardown(knows_its_places, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
