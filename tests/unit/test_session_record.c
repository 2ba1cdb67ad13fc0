/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/session_record.h"

#include "base/fd.h"
#include "base/str.h"
#include "base/sys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char golden[] =
	"version 1\n"
	"pause 361 269979 32830\n"
	"userns 4026532252\n"
	"owner 1005 1006 some one\n"
	"dir /run/user/1005/rootlet\n"
	"boot 4e906d77-d740-4e06-94a0-7962d6e2b87d\n"
	"config 1 2 3 4 5 6 7 18446744073709551615\n"
	"flags nested single\n"
	"uid 0 1005 1\n"
	"uid 1 362144 65536\n"
	"gid 0 1006 1\n"
	"end\n";

static void keeps_its_format(void **state)
{
	auto_of(session_record_clear) struct session_record r = { 0 };
	autofree char *text = NULL;

	(void)state;
	assert_int_equal(session_record_parse(&r, golden), 0);
	assert_int_equal(r.pid, 361);
	assert_int_equal(r.start, 269979);
	assert_int_equal(r.pidfd_ino, 32830);
	assert_int_equal(r.userns_ino, 4026532252u);
	assert_int_equal(r.uid, 1005);
	assert_int_equal(r.gid, 1006);
	assert_string_equal(r.name, "some one");
	assert_string_equal(r.dir, "/run/user/1005/rootlet");
	assert_true(r.is_nested);
	assert_true(r.is_single);
	assert_true(r.config[1].mtime == UINT64_MAX);
	assert_int_equal(r.uids.n, 2);
	assert_int_equal(r.gids.n, 1);
	text = session_record_format(&r);
	assert_string_equal(text, golden);
}

static void takes_unknown_keys(void **state)
{
	auto_of(session_record_clear) struct session_record r = { 0 };
	auto_of(str_clear) struct str s = { 0 };

	(void)state;
	str_add(&s, "version 1\nfuture thing\n");
	str_add(&s, golden + strlen("version 1\n"));
	assert_int_equal(session_record_parse(&r, s.p), 0);
}

static void refuses(const char *what, const char *by)
{
	auto_of(session_record_clear) struct session_record r = { 0 };
	auto_of(str_clear) struct str s = { 0 };
	const char *at = strstr(golden, what);

	assert_non_null(at);
	str_addn(&s, golden, (size_t)(at - golden));
	str_add(&s, by);
	str_add(&s, at + strlen(what));
	assert_int_equal(session_record_parse(&r, s.p), -EBADMSG);
}

static void refuses_damage(void **state)
{
	auto_of(session_record_clear) struct session_record r = { 0 };

	(void)state;
	refuses("version 1", "version 2");
	refuses("pause 361", "pause 0");
	refuses("pause 361", "pause 99999999999");
	refuses("pause 361", "pause -5");
	refuses("pause 361 269979 32830\n", "");
	refuses("dir /run", "dir run");
	refuses("dir /run/user/1005/rootlet\n", "");
	refuses("uid 0 1005 1", "uid 0 1005");
	refuses("uid 0 1005 1", "uid 0 1005 65536");
	refuses("uid 0 1005 1", "uid 0 1005 1 1");
	refuses("gid 0 1006 1\n", "");
	refuses("owner 1005", "owner 4294967296");
	refuses("config 1", "config x");
	refuses("end\n", "");
	assert_int_equal(session_record_parse(&r, ""), -EBADMSG);
	/* Cut anywhere: a crashed writer or a full disk. */
	for (size_t n = 0; n + 1 < sizeof(golden) - 1; n++) {
		autofree char *cut = xstrndup(golden, n);

		assert_int_equal(session_record_parse(&r, cut), -EBADMSG);
	}
}

static void saves_and_loads(void **state)
{
	auto_of(session_record_clear) struct session_record r = { 0 };
	auto_of(session_record_clear) struct session_record again = { 0 };
	char dir[] = "/tmp/test_session_record.XXXXXX";
	autofree char *text = NULL;
	autoclose int dirfd = -1;

	(void)state;
	assert_non_null(mkdtemp(dir));
	dirfd = fd_opendir(dir);
	assert_int_equal(session_record_load(&r, dirfd, "session"), -ENOENT);
	assert_int_equal(session_record_parse(&r, golden), 0);
	/* More than the small buffer of the fast way. */
	for (uint32_t i = 0; i < 300; i++)
		idmap_add(&r.gids, 1 + i, 500000 + 2 * i, 1);
	assert_int_equal(session_record_save(&r, dirfd, "session"), 0);
	assert_int_equal(session_record_load(&again, dirfd, "session"), 0);
	assert_true(idmap_equal(&r.gids, &again.gids));
	/* Never through a link that somebody put there. */
	assert_int_equal(symlinkat("session", dirfd, "link"), 0);
	assert_int_equal(session_record_load(&again, dirfd, "link"), -ELOOP);
	unlinkat(dirfd, "link", 0);
	unlinkat(dirfd, "session", 0);
	rmdir(dir);
}

static void knows_a_process(void **state)
{
	auto_of(session_record_clear) struct session_record r = { 0 };
	autoclose int pidfd = sys_pidfd_open(getpid());
	int fd;

	(void)state;
	assert_true(pidfd >= 0);
	assert_int_equal(session_record_identify(&r, getpid(), pidfd), 0);
	fd = session_record_open(&r);
	assert_true(fd >= 0);
	fd_close(&fd);
	/* The same number, another process: by identity and, where there is none, by start time. */
	r.start++;
	if (r.pidfd_ino)
		r.pidfd_ino++;
	assert_int_equal(session_record_open(&r), -ESRCH);
	r.pidfd_ino = 0;
	assert_int_equal(session_record_open(&r), -ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_its_format),   cmocka_unit_test(takes_unknown_keys),
		cmocka_unit_test(refuses_damage),     cmocka_unit_test(saves_and_loads),
		cmocka_unit_test(knows_a_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
