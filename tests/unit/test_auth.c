/* SPDX-License-Identifier: Apache-2.0 */
#include "image/auth.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "image/auth_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct fixture {
	char dir[40];
	char *file;
};

static void put(const char *path, const char *text, mode_t mode)
{
	assert_int_equal(file_write_at(AT_FDCWD, path, text, strlen(text), mode, 0), 0);
}

/* dXNlcjpwYXNz is user:pass, YTpi is a:b, YTpiOmM= is a:b:c */
static const char file_text[] =
	"{\"auths\":{\"quay.io\":{\"auth\":\"dXNlcjpwYXNz\"},"
	"\"quay.io/team\":{\"auth\":\"YTpi\"},"
	"\"quay.io/team/app\":{\"auth\":\"YTpiOmM=\"},"
	"\"https://index.docker.io/v1/\":{\"auth\":\"dXNlcjpwYXNz\"},"
	"\"tok.example\":{\"identitytoken\":\"T\"},"
	"\"bad.example\":{\"auth\":\"!!\"},\"empty.example\":{}},"
	"\"credHelpers\":{\"help.example\":\"test\",\"none.example\":\"test\",\"fail.example\":\"test\","
	"\"evil.example\":\"../../bin/sh\",\"gone.example\":\"not-installed\"}}";

static const char helper[] =
	"#!/bin/sh\nread -r s\ncase $1:$s in\n"
	"get:help.example) echo '{\"Username\":\"h\",\"Secret\":\"s\"}';;\n"
	"get:none.example) echo 'credentials not found in native keychain'; exit 1;;\n"
	"get:*) echo 'it is locked'; exit 1;;\n"
	"store:*) echo \"$s\" > \"$(dirname \"$0\")/stored\";;\n"
	"esac\n";

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	autofree char *program = NULL;

	strcpy(f->dir, "/tmp/test_auth.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->file = xasprintf("%s/auth.json", f->dir);
	program = xasprintf("%s/docker-credential-test", f->dir);
	put(f->file, file_text, 0600);
	put(program, helper, 0700);
	autofree char *path = xasprintf("%s:/usr/bin:/bin", f->dir);
	setenv("PATH", path, 1);
	unsetenv("REGISTRY_AUTH_FILE");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	file_remove_tree(AT_FDCWD, f->dir);
	free(f->file);
	free(f);
	return 0;
}

static void found_is(struct fixture *f, const char *name, const char *user, const char *password)
{
	auto_of(auth_clear) struct auth a = { 0 };
	struct err e = { 0 };
	int r = auth_find(&a, f->file, name, &e);

	if (r < 0)
		fail_msg("%s: %s", name, e.msg);
	assert_int_equal(r, user != NULL);
	if (user) {
		assert_string_equal(a.user, user);
		assert_string_equal(a.password, password);
	}
}

static void finding(void **state)
{
	struct fixture *f = *state;
	auto_of(auth_clear) struct auth a = { 0 };
	struct err e;

	found_is(f, "quay.io", "user", "pass");
	found_is(f, "quay.io/other/x", "user", "pass");
	found_is(f, "quay.io/team/x", "a", "b");
	found_is(f, "quay.io/team/app", "a", "b:c");
	found_is(f, "quay.io/teams/x", "user", "pass");
	found_is(f, "docker.io/library/busybox", "user", "pass");
	found_is(f, "empty.example/x", NULL, NULL);
	assert_int_equal(auth_find(&a, f->file, "tok.example/x", &e), 1);
	assert_string_equal(a.identity_token, "T");
	assert_int_equal(auth_find(&a, f->file, "bad.example/x", &e), -EINVAL);
}

/* Never for a host that only looks similar. */
static void other_hosts(void **state)
{
	struct fixture *f = *state;

	found_is(f, "quay.io:443/x", NULL, NULL);
	found_is(f, "quay.io.evil.example/x", NULL, NULL);
	found_is(f, "xquay.io/x", NULL, NULL);
	found_is(f, "quay/x", NULL, NULL);
	found_is(f, "evil.example.quay.io/x", NULL, NULL);
}

static void helpers(void **state)
{
	struct fixture *f = *state;
	auto_of(auth_clear) struct auth a = { 0 };
	struct err e;

	found_is(f, "help.example/x", "h", "s");
	found_is(f, "none.example/x", NULL, NULL);
	assert_int_equal(auth_find(&a, f->file, "fail.example/x", &e), -EIO);
	assert_non_null(strstr(e.msg, "it is locked"));
	assert_int_equal(auth_find(&a, f->file, "evil.example/x", &e), -EINVAL);
	assert_int_equal(auth_find(&a, f->file, "gone.example/x", &e), -ENOENT);
}

static void storing(void **state)
{
	struct fixture *f = *state;
	struct auth a = { .user = (char *)"u", .password = (char *)"p:\xc3\xa9 w" };
	autofree char *stored = NULL, *path = xasprintf("%s/stored", f->dir), *fresh = NULL;
	struct stat st;
	struct err e = { 0 };

	assert_int_equal(auth_store(f->file, "new.example", &a, &e), 0);
	found_is(f, "new.example/x", "u", "p:\xc3\xa9 w");
	assert_int_equal(stat(f->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(auth_store(f->file, "docker.io", &a, &e), 0);
	found_is(f, "docker.io/library/x", "u", "p:\xc3\xa9 w");
	assert_int_equal(auth_remove(f->file, "docker.io", &e), 1);
	found_is(f, "docker.io/library/x", NULL, NULL);
	assert_int_equal(auth_remove(f->file, "docker.io", &e), 0);
	assert_int_equal(auth_store(f->file, "help.example", &a, &e), 0);
	assert_true(file_read_at(AT_FDCWD, path, &stored, NULL, 1000) >= 0);
	assert_non_null(strstr(stored, "\"ServerURL\":\"help.example\""));
	/* One of the helpers has a name that is none: all else goes nevertheless. */
	assert_int_equal(auth_remove_all(f->file, &e), -EINVAL);
	found_is(f, "quay.io/x", NULL, NULL);
	fresh = xasprintf("%s/a/b/auth.json", f->dir);
	assert_int_equal(auth_store(fresh, "x.example", &a, &e), 0);
}

static void creds(void **state)
{
	auto_of(auth_clear) struct auth a = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(auth_parse_creds(&a, "u:p:q", &e), 0);
	assert_string_equal(a.user, "u");
	assert_string_equal(a.password, "p:q");
	assert_int_equal(auth_parse_creds(&a, ":p", &e), -ERR_USAGE);
	assert_null(strstr(e.msg, ":p"));
	assert_int_equal(auth_parse_creds(&a, "", &e), -ERR_USAGE);
}

static void key_is(const char *key, const char *expected)
{
	autofree char *k = auth_file_key(key);

	assert_string_equal(k, expected);
}

static void keys(void **state)
{
	(void)state;
	key_is("https://index.docker.io/v1/", "docker.io");
	key_is("registry-1.docker.io", "docker.io");
	key_is("index.docker.io/team", "docker.io/team");
	key_is("http://reg.example:5000/v2/", "reg.example:5000");
	key_is("quay.io/a/b/", "quay.io/a/b");
	key_is("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finding, setup, teardown),
		cmocka_unit_test_setup_teardown(other_hosts, setup, teardown),
		cmocka_unit_test_setup_teardown(helpers, setup, teardown),
		cmocka_unit_test_setup_teardown(storing, setup, teardown),
		cmocka_unit_test(creds),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
