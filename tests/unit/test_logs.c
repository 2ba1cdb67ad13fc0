/* SPDX-License-Identifier: Apache-2.0 */
#include "container/logs.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char dir[64];
	struct record record;
	struct str seen;
	int stop_after;
};

static void open_fixture(struct fixture *f, const char *driver, const char *opt1, const char *opt2)
{
	*f = (struct fixture){ .dir = "/tmp/rootlet-logs-XXXXXX", .stop_after = -1 };
	assert_non_null(mkdtemp(f->dir));
	config_init(&f->record.config);
	f->record.id = xstrdup("0123456789abcdef");
	f->record.config.id = xstrdup(f->record.id);
	f->record.config.log_driver = xstrdup(driver);
	if (opt1)
		strv_add(&f->record.config.log_opts, opt1);
	if (opt2)
		strv_add(&f->record.config.log_opts, opt2);
	f->record.dirfd = fd_open(f->dir, O_RDONLY | O_DIRECTORY);
	assert_true(f->record.dirfd >= 0);
}

static void close_fixture(struct fixture *f)
{
	config_clear(&f->record.config);
	free(f->record.id);
	close(f->record.dirfd);
	str_clear(&f->seen);
	assert_int_equal(file_remove_tree(AT_FDCWD, f->dir), 0);
}

static int on_line(void *arg, int stream, const char *time, const char *text, size_t n, bool is_partial)
{
	struct fixture *f = arg;

	assert_true(strlen(time) >= 20);
	str_addf(&f->seen, "%d%.*s%s", stream, (int)n, text, is_partial ? "~" : "|");
	return f->stop_after > 0 && --f->stop_after == 0;
}

static const char *read_logs(struct fixture *f, int64_t tail)
{
	struct logs_query q = { .tail = tail, .line = on_line, .arg = f };
	struct err e;

	str_cut(&f->seen, 0);
	assert_int_equal(logs_read(NULL, &f->record, &q, &e), 0);
	return str_peek(&f->seen);
}

static void test_lines(void **state)
{
	const char *driver = *state;
	struct logs_writer *w;
	struct fixture f;
	struct err e;

	open_fixture(&f, driver, NULL, NULL);
	assert_string_equal(read_logs(&f, -1), "");	/* no file yet */
	assert_int_equal(logs_writer_open(&w, f.record.dirfd, &f.record.config, &e), 0);
	logs_writer_write(w, 1, "a\nb\n", 4);
	logs_writer_write(w, 2, "err\n\n", 5);
	logs_writer_write(w, 1, "par", 3);
	logs_writer_write(w, 1, "tial\n", 5);
	logs_writer_write(w, 1, "end", 3);
	assert_string_equal(read_logs(&f, -1), "1a|1b|2err|2|1par~1tial|1end~");
	assert_string_equal(read_logs(&f, 0), "");
	assert_string_equal(read_logs(&f, 1), "1end~");
	assert_string_equal(read_logs(&f, 2), "1par~1tial|1end~");
	assert_string_equal(read_logs(&f, 3), "2|1par~1tial|1end~");
	assert_string_equal(read_logs(&f, 99), "1a|1b|2err|2|1par~1tial|1end~");
	f.stop_after = 2;
	assert_string_equal(read_logs(&f, -1), "1a|1b|");
	logs_writer_close(w);
	close_fixture(&f);
}

static void test_odd_bytes(void **state)
{
	const char *driver = *state;
	struct logs_writer *w;
	struct fixture f;
	struct err e;

	open_fixture(&f, driver, NULL, NULL);
	assert_int_equal(logs_writer_open(&w, f.record.dirfd, &f.record.config, &e), 0);
	logs_writer_write(w, 1, "q\"\\\t\r\001 \xc3\xa9\n", 10);
	assert_string_equal(read_logs(&f, -1), "1q\"\\\t\r\001 \xc3\xa9|");
	logs_writer_close(w);
	close_fixture(&f);
}

/* JSON has no way to say a byte that is no UTF-8; it must still be JSON. */
static void test_json_invalid_utf8(void **state)
{
	struct logs_writer *w;
	struct fixture f;
	struct err e;

	(void)state;
	open_fixture(&f, "json-file", NULL, NULL);
	assert_int_equal(logs_writer_open(&w, f.record.dirfd, &f.record.config, &e), 0);
	logs_writer_write(w, 1, "\xff\xed\xa0\x80x\n", 6);
	assert_string_equal(read_logs(&f, -1),
			    "1\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx|");
	logs_writer_close(w);
	close_fixture(&f);
}

static void test_long_lines(void **state)
{
	const char *driver = *state;
	autofree char *big = xmalloc(200000);
	struct logs_writer *w;
	struct fixture f;
	struct err e;

	open_fixture(&f, driver, NULL, NULL);
	memset(big, 'z', 200000);
	big[199999] = '\n';
	assert_int_equal(logs_writer_open(&w, f.record.dirfd, &f.record.config, &e), 0);
	logs_writer_write(w, 1, big, 200000);
	logs_writer_write(w, 1, "x\n", 2);
	assert_int_equal(strlen(read_logs(&f, -1)), 1 + 199999 + 1 + 3);
	assert_string_equal(read_logs(&f, 1), "1x|");
	assert_int_equal(strlen(read_logs(&f, 2)), 1 + 199999 + 1 + 3);
	logs_writer_close(w);
	close_fixture(&f);
}

static void test_rotation(void **state)
{
	const char *driver = *state;
	struct logs_writer *w;
	struct fixture f;
	struct err e;
	const char *text;
	char line[16];

	open_fixture(&f, driver, "max-size=1k", "max-file=3");
	assert_int_equal(logs_writer_open(&w, f.record.dirfd, &f.record.config, &e), 0);
	for (int i = 0; i < 500; i++) {
		int n = snprintf(line, sizeof(line), "%d\n", i);

		logs_writer_write(w, 1, line, n);
	}
	text = read_logs(&f, -1);
	assert_true(str_has_suffix(text, "|1497|1498|1499|"));
	assert_true(strlen(text) < 500 * 5 / 2);	/* the oldest are gone */
	assert_true(file_exists_at(f.record.dirfd, "ctr.log.2"));
	assert_false(file_exists_at(f.record.dirfd, "ctr.log.3"));
	text = read_logs(&f, 30);	/* more than one file has */
	assert_true(str_has_prefix(text, "1470|"));
	assert_true(str_has_suffix(text, "|1499|"));
	logs_writer_close(w);
	close_fixture(&f);
}

static void test_since_until(void **state)
{
	static const char log[] =
		"2026-01-01T00:00:00.000000000Z stdout F one\n"
		"not an entry\n"
		"2026-01-01T00:00:01.500000000+00:00 stderr F two\n"
		"2026-01-01T02:00:02.000000000+02:00 stdout F three\n";
	struct logs_query q = { .tail = -1, .line = on_line };
	struct fixture f;
	struct err e;

	(void)state;
	open_fixture(&f, "k8s-file", NULL, NULL);
	assert_int_equal(file_write_at(f.record.dirfd, "ctr.log", log, sizeof(log) - 1, 0600, 0), 0);
	q.arg = &f;
	q.since = INT64_C(1767225601) * 1000000000;
	assert_int_equal(logs_read(NULL, &f.record, &q, &e), 0);
	assert_string_equal(str_peek(&f.seen), "2two|1three|");
	str_cut(&f.seen, 0);
	q.until = INT64_C(1767225601) * 1000000000 + 600000000;
	assert_int_equal(logs_read(NULL, &f.record, &q, &e), 0);
	assert_string_equal(str_peek(&f.seen), "2two|");
	close_fixture(&f);
}

static void test_refused(void **state)
{
	struct logs_query q = { .tail = -1, .line = on_line };
	struct logs_writer *w = NULL;
	struct fixture f;
	struct err e;

	(void)state;
	open_fixture(&f, "k8s-file", "max-size=lots", NULL);
	assert_int_equal(logs_writer_open(&w, f.record.dirfd, &f.record.config, &e), -ERR_USAGE);
	close_fixture(&f);
	open_fixture(&f, "k8s-file", "path=relative", NULL);
	assert_int_equal(logs_writer_open(&w, f.record.dirfd, &f.record.config, &e), -EINVAL);
	close_fixture(&f);
	open_fixture(&f, "none", NULL, NULL);
	assert_int_equal(logs_writer_open(&w, f.record.dirfd, &f.record.config, &e), 0);
	logs_writer_write(w, 1, "x\n", 2);
	logs_writer_close(w);
	assert_int_equal(logs_read(NULL, &f.record, &q, &e), -ENOTSUP);
	close_fixture(&f);
	assert_int_equal(logs_driver_parse("k8s-file"), LOGS_K8S_FILE);
	assert_int_equal(logs_driver_parse("syslog"), -EINVAL);
}

int main(void)
{
	static char k8s[] = "k8s-file", json[] = "json-file";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_lines, k8s),
		cmocka_unit_test_prestate(test_lines, json),
		cmocka_unit_test_prestate(test_odd_bytes, k8s),
		cmocka_unit_test_prestate(test_odd_bytes, json),
		cmocka_unit_test(test_json_invalid_utf8),
		cmocka_unit_test_prestate(test_long_lines, k8s),
		cmocka_unit_test_prestate(test_long_lines, json),
		cmocka_unit_test_prestate(test_rotation, k8s),
		cmocka_unit_test_prestate(test_rotation, json),
		cmocka_unit_test(test_since_until),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
