/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "container/changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <cmocka.h>

struct place {
	char path[64];
	int dirfd, upper, lower[2];
};

static void add(int dirfd, const char *path, const char *text)
{
	autofree char *copy = xstrdup(path);

	for (char *p = copy; (p = strchr(p, '/')); p++) {
		*p = 0;
		(void)mkdirat(dirfd, copy, 0755);
		*p = '/';
	}
	if (text) {
		autoclose int fd = fd_createat(dirfd, path, O_WRONLY | O_TRUNC, 0644);

		assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	} else {
		assert_int_equal(mkdirat(dirfd, path, 0755), 0);
	}
}

static int setup(void **state)
{
	static const char *const names[] = { "upper", "low", "lower" };
	struct place *p = xcalloc(1, sizeof(*p));
	int fds[3];

	strcpy(p->path, "/var/tmp/rl-changes-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	p->dirfd = fd_open(p->path, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(mkdirat(p->dirfd, names[i], 0755), 0);
		fds[i] = fd_openat(p->dirfd, names[i], O_RDONLY | O_DIRECTORY);
	}
	p->upper = fds[0];
	p->lower[0] = fds[1];	/* the uppermost comes first */
	p->lower[1] = fds[2];
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	fd_close(&p->upper);
	fd_close(&p->lower[0]);
	fd_close(&p->lower[1]);
	fd_close(&p->dirfd);
	(void)file_remove_tree(AT_FDCWD, p->path);
	free(p);
	return 0;
}

static char *compare(struct place *p, bool is_copy)
{
	auto_of(changes_clear) struct changes c = { 0 };
	struct str out = { 0 };
	struct err e;

	assert_int_equal(changes_compare(&c, p->upper, p->lower, 2, is_copy, &e), 0);
	for (size_t i = 0; i < c.n; i++)
		str_addf(&out, "%c%s ", "CAD"[c.v[i].kind], c.v[i].path);
	return str_steal(&out);
}

static void added_and_changed(void **state)
{
	struct place *p = *state;
	autofree char *got = NULL;

	add(p->lower[1], "etc/old", "1");
	add(p->lower[0], "etc/mid", "1");
	add(p->lower[1], "untouched/f", "1");
	add(p->upper, "etc/old", "2");
	add(p->upper, "etc/mid", "2");
	add(p->upper, "etc/new", "2");
	add(p->upper, "d/e/f", "2");
	got = compare(p, false);
	assert_string_equal(got, "A/d A/d/e A/d/e/f C/etc C/etc/mid A/etc/new C/etc/old ");
}

static void opaque_directory_deletes(void **state)
{
	struct place *p = *state;
	autoclose int fd = -1;
	autofree char *got = NULL;

	add(p->lower[1], "d/gone", "1");
	add(p->lower[0], "d/stays", "1");
	add(p->upper, "d/stays", "2");
	fd = fd_openat(p->upper, "d", O_RDONLY | O_DIRECTORY);
	if (fsetxattr(fd, "user.overlay.opaque", "y", 1, 0) < 0)
		skip();
	got = compare(p, false);
	assert_string_equal(got, "C/d D/d/gone C/d/stays ");
}

static void files_are_whiteouts(void **state)
{
	struct place *p = *state;
	autofree char *got = NULL;

	add(p->lower[1], "d/gone", "1");
	add(p->lower[1], "d/again", "1");
	add(p->lower[1], "e/f", "1");
	add(p->lower[0], "d/.wh.again", "");
	add(p->lower[0], ".wh.e", "");
	add(p->upper, "d/.wh.gone", "");
	add(p->upper, "d/.wh.never", "");
	add(p->upper, "d/again", "2");
	add(p->upper, "e/f", "2");
	got = compare(p, false);
	assert_string_equal(got, "C/d A/d/again D/d/gone A/e A/e/f ");
}

static void lower_opaque_hides_those_below(void **state)
{
	struct place *p = *state;
	autoclose int fd = -1;
	autofree char *got = NULL;

	add(p->lower[1], "d/f", "1");
	add(p->lower[0], "d/other", "1");
	fd = fd_openat(p->lower[0], "d", O_RDONLY | O_DIRECTORY);
	if (fsetxattr(fd, "user.overlay.opaque", "y", 1, 0) < 0)
		skip();
	add(p->upper, "d/f", "2");
	got = compare(p, false);
	assert_string_equal(got, "C/d A/d/f ");
}

static void file_hides_directory_below(void **state)
{
	struct place *p = *state;
	autofree char *got = NULL;

	add(p->lower[1], "d/f", "1");
	add(p->lower[0], "d", "a file");
	add(p->upper, "d/f", "2");
	got = compare(p, false);
	assert_string_equal(got, "C/d A/d/f ");
}

static void full_copy_is_compared(void **state)
{
	struct place *p = *state;
	struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	autofree char *got = NULL;

	add(p->lower[1], "d/same", "1");
	add(p->lower[1], "d/gone", "1");
	add(p->lower[0], "e/changed", "1");
	add(p->upper, "d/same", "1");
	add(p->upper, "e/changed", "22");
	assert_int_equal(utimensat(p->lower[1], "d/same", times, 0), 0);
	assert_int_equal(utimensat(p->upper, "d/same", times, 0), 0);
	got = compare(p, true);
	assert_string_equal(got, "C/d D/d/gone C/e C/e/changed ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(added_and_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(opaque_directory_deletes, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_whiteouts, setup, teardown),
		cmocka_unit_test_setup_teardown(lower_opaque_hides_those_below, setup, teardown),
		cmocka_unit_test_setup_teardown(file_hides_directory_below, setup, teardown),
		cmocka_unit_test_setup_teardown(full_copy_is_compared, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
