/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/sync.h"

#include "base/fd.h"
#include "runtime/command.h"
#include "runtime/idmap_mount.h"
#include "runtime/spec.h"

#include <string.h>
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_messages(void **state)
{
	struct err e, sent;
	int p[2], value = 0;

	(void)state;
	assert_int_equal(fd_socketpair(SOCK_SEQPACKET, p), 0);
	assert_int_equal(sync_send(p[0], SYNC_INIT, 4711, &e), 0);
	assert_int_equal(sync_recv(p[1], SYNC_INIT, &value, &e), 1);
	assert_int_equal(value, 4711);
	assert_int_equal(sync_send(p[0], SYNC_ROOTFS, 0, &e), 0);
	assert_int_equal(sync_recv_either(p[1], SYNC_READY, SYNC_ROOTFS, &e), SYNC_ROOTFS);

	assert_int_equal(sync_send(p[0], START_EXEC, 0, &e), 0);
	assert_int_equal(sync_recv(p[1], SYNC_READY, NULL, &e), -EPROTO);

	err_set(&sent, ERR_EXEC_NOENT, "no %s", "such");
	sync_send_err(p[0], &sent);
	assert_int_equal(sync_recv(p[1], SYNC_READY, NULL, &e), -ERR_EXEC_NOENT);
	assert_string_equal(e.msg, "no such");
	fd_close(&p[0]);
	assert_int_equal(sync_recv(p[1], SYNC_READY, NULL, &e), 0);
	fd_close(&p[1]);
}

/* The other side goes, and has or has not read what was sent to it. */
static void test_gone(void **state)
{
	struct err e, sent;
	int p[2];

	(void)state;
	for (int is_unread = 0; is_unread < 2; is_unread++) {
		assert_int_equal(fd_socketpair(SOCK_SEQPACKET, p), 0);
		if (is_unread)
			assert_int_equal(sync_send(p[1], START_IDMAP, 0, &e), 0);
		err_set(&sent, EIO, "the cause");
		sync_send_err(p[0], &sent);
		fd_close(&p[0]);
		assert_int_equal(sync_send(p[1], START_EXEC, 0, &e), 0);
		assert_int_equal(sync_recv(p[1], SYNC_READY, NULL, &e), -EIO);
		assert_string_equal(e.msg, "the cause");
		assert_int_equal(sync_send(p[1], START_EXEC, 0, &e), 0);
		assert_int_equal(sync_recv(p[1], SYNC_READY, NULL, &e), 0);
		fd_close(&p[1]);
	}
}

/* CVE-2021-43784: what is not exactly a message is refused. */
static void test_malformed(void **state)
{
	static const size_t sizes[] = { 1, 7, 9, 100, 515, 519, 521, 4000 };
	char junk[4096];
	int p[2];

	(void)state;
	memset(junk, 1, sizeof(junk));
	assert_int_equal(fd_socketpair(SOCK_SEQPACKET, p), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct err e;

		assert_int_equal(send(p[0], junk, sizes[i], 0), sizes[i]);
		assert_int_equal(sync_recv(p[1], SYNC_READY, NULL, &e), -EPROTO);
	}
	fd_close(&p[0]);
	fd_close(&p[1]);
}

static void test_commands(void **state)
{
	auto_of(strv_clear) struct strv env = { 0 };
	autofree char *path = NULL;
	struct err e;

	(void)state;
	strv_add(&env, "PATH=relative::.:/nonexistent:/usr/bin:/bin");
	assert_int_equal(command_find(&path, "sh", &env, &e), 0);
	assert_int_equal(path[0], '/');
	assert_int_equal(command_find(&path, "no-such-program", &env, &e), -ERR_EXEC_NOENT);
	assert_non_null(strstr(e.msg, "executable file `no-such-program` not found in $PATH"));
	assert_int_equal(command_find(&path, "/no/such", &env, &e), -ERR_EXEC_NOENT);
	free(path);
	path = NULL;
	assert_int_equal(command_find(&path, "/etc/passwd", &env, &e), -ERR_EXEC_PERM);
	assert_string_equal(path, "/etc/passwd");
	free(path);
	path = NULL;
	assert_int_equal(command_find(&path, "/etc", &env, &e), -ERR_EXEC_PERM);
	assert_int_equal(command_find(&path, "", &env, &e), -ERR_EXEC_NOENT);
	assert_int_equal(command_find(&path, NULL, &env, &e), -ERR_EXEC_NOENT);
	assert_int_equal(command_error("/bin/sh", ENOEXEC, &e), -ERR_EXEC_PERM);
}

static void test_idmaps(void **state)
{
	auto_of(idmap_clear) struct idmap m = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(idmap_mount_parse(&m, "0-1000-1#1-2000-65535", &e), 0);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.v[1].outside, 2000);
	assert_int_equal(idmap_mount_parse(&m, "0-1000", &e), -EINVAL);
	assert_int_equal(idmap_mount_parse(&m, "0-1000-0", &e), -EINVAL);
	assert_int_equal(idmap_mount_parse(&m, "0-1000-4294967296", &e), -EINVAL);
	assert_int_equal(idmap_mount_parse(&m, "a-b-c", &e), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages), cmocka_unit_test(test_gone),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_commands), cmocka_unit_test(test_idmaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
