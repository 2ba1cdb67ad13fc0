/* SPDX-License-Identifier: Apache-2.0 */
#include "container/logs.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "base/journal.h"

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
	assert_int_equal(logs_writer_open(&w, NULL, &f.record, &e), 0);
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
	assert_int_equal(logs_writer_open(&w, NULL, &f.record, &e), 0);
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
	assert_int_equal(logs_writer_open(&w, NULL, &f.record, &e), 0);
	logs_writer_write(w, 1, "\xff\xed\xa0\x80x\n", 6);
	assert_string_equal(read_logs(&f, -1),
			    "1\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx|");
	/* A NUL hides no line; what only looks like one is left alone. */
	logs_writer_write(w, 1, "a\0b\n\\u0000\n", 11);
	assert_string_equal(read_logs(&f, 2), "1a\xef\xbf\xbd" "b|1\\u0000|");
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
	assert_int_equal(logs_writer_open(&w, NULL, &f.record, &e), 0);
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
	assert_int_equal(logs_writer_open(&w, NULL, &f.record, &e), 0);
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
	open_fixture(&f, "none", NULL, NULL);
	assert_int_equal(logs_writer_open(&w, NULL, &f.record, &e), 0);
	logs_writer_write(w, 1, "x\n", 2);
	logs_writer_close(w);
	assert_int_equal(logs_read(NULL, &f.record, &q, &e), -ENOTSUP);
	close_fixture(&f);
	assert_int_equal(logs_driver_parse("k8s-file"), LOGS_K8S_FILE);
	assert_int_equal(logs_driver_parse("syslog"), -EINVAL);
}

static void test_options(void **state)
{
	static const struct {
		const char *driver, *opt;
		int want;
	} cases[] = {
		{ "k8s-file", "max-size=lots", -ERR_USAGE }, { "k8s-file", "max-size=1", -ERR_USAGE },
		{ "k8s-file", "max-size=-1", 0 },	     { "k8s-file", "max-size=10mb", 0 },
		{ "k8s-file", "max-file=0", -ERR_USAGE },   { "json-file", "max-file=5", 0 },
		{ "k8s-file", "path=relative", -ERR_USAGE }, { "k8s-file", "path=/tmp/x", 0 },
		{ "journald", "path=/tmp/x", -ERR_USAGE },   { "none", "max-size=1m", -ERR_USAGE },
		{ "journald", "tag={{.Name}}", 0 },	     { "journald", "tag={{.Name", -EINVAL },
		{ "journald", "label=A_1=b", 0 },	     { "journald", "label=a=b", -ERR_USAGE },
		{ "journald", "label=_A=b", -ERR_USAGE },    { "journald", "label=A", -ERR_USAGE },
		{ "k8s-file", "labels=a,b", 0 },	     { "k8s-file", "env-regex=(", -ERR_USAGE },
		{ "k8s-file", "mode=blocking", 0 },	     { "k8s-file", "mode=non-blocking", -ERR_USAGE },
		{ "k8s-file", "compress=true", -ERR_USAGE }, { "k8s-file", "colour=red", -ERR_USAGE },
		{ "k8s-file", "max-size", -ERR_USAGE },	     { "syslog", NULL, -ERR_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fixture f;
		struct err e;

		open_fixture(&f, cases[i].driver, cases[i].opt, NULL);
		assert_int_equal(logs_check(&f.record.config, &e), cases[i].want);
		close_fixture(&f);
	}
}

static void test_attributes(void **state)
{
	struct container_config *c;
	struct strv got = { 0 };
	struct logs_writer *w;
	struct fixture f;
	struct err e;
	char *text;

	(void)state;
	open_fixture(&f, "json-file", "labels=one,none", "label=X=y\"z");
	c = &f.record.config;
	strv_add(&c->labels, "one=1");
	strv_add(&c->labels, "two=2");
	strv_add(&c->env, "PATH=/bin");
	strv_add(&c->log_opts, "env-regex=^PA");
	strv_add(&c->log_opts, "tag=t");
	logs_attributes(c, &got);
	text = strv_join(&got, " ");
	assert_string_equal(text, "one=1 PATH=/bin X=y\"z");
	free(text);
	strv_clear(&got);
	assert_int_equal(logs_writer_open(&w, NULL, &f.record, &e), 0);
	logs_writer_write(w, 1, "hi\nyou\n", 7);
	logs_writer_close(w);
	assert_string_equal(read_logs(&f, -1), "1hi|1you|");
	assert_string_equal(read_logs(&f, 1), "1you|");
	assert_int_equal(file_read_at(f.record.dirfd, "ctr.log", &text, NULL, 4096), 0);
	assert_non_null(strstr(text, "{\"attrs\":{\"one\":\"1\",\"PATH\":\"/bin\",\"X\":\"y\\\"z\","
				     "\"tag\":\"t\"},\"log\":\"hi\\n\",\"stream\":\"stdout\""));
	free(text);
	close_fixture(&f);
}

/* --- the journal's export format --- */

struct seen {
	struct str text;
	int stop_after;
};

static int on_entry(void *arg, const struct journal_entry *x)
{
	struct seen *s = arg;
	size_t n;
	const char *m = journal_get(x, "MESSAGE", &n);

	str_addf(&s->text, "%zu:%.*s;", x->n, m ? (int)n : 4, m ? m : "none");
	return s->stop_after > 0 && --s->stop_after == 0;
}

static void test_journal_parse(void **state)
{
	static const char text[] = "__CURSOR=c1\nMESSAGE=one=1\n\n"
				   "MESSAGE\n\5\0\0\0\0\0\0\0a\nb\n\n\n__CURSOR=c2\n\n\n"
				   "PRIORITY=6\n\n";
	struct seen s = { 0 };
	struct journal_query q = { .entry = on_entry, .arg = &s };
	bool is_over = false;

	(void)state;
	assert_int_equal(journal_parse(text, sizeof(text) - 1, &q, &is_over), sizeof(text) - 1);
	assert_string_equal(str_peek(&s.text), "2:one=1;2:a\nb\n\n;1:none;");
	assert_false(is_over);
	/* Cut anywhere, nothing is read that is not whole. */
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		ssize_t used;

		str_cut(&s.text, 0);
		used = journal_parse(text, n, &q, &is_over);
		assert_true(used >= 0 && used <= (ssize_t)n);
		assert_true(journal_parse(text + used, sizeof(text) - 1 - used, &q, &is_over) ==
			    (ssize_t)(sizeof(text) - 1 - used));
		assert_string_equal(str_peek(&s.text), "2:one=1;2:a\nb\n\n;1:none;");
	}
	str_cut(&s.text, 0);
	s.stop_after = 1;
	journal_parse(text, sizeof(text) - 1, &q, &is_over);
	assert_true(is_over);
	assert_string_equal(str_peek(&s.text), "2:one=1;");
	is_over = false;
	assert_int_equal(journal_parse("A\n\377\377\377\377\377\377\377\377xx\n\n", 14, &q, &is_over),
			 -EBADMSG);
	str_clear(&s.text);
}

static void test_journal_fields(void **state)
{
	struct str out = { 0 };

	(void)state;
	journal_add_field(&out, "A", "b");
	journal_add_field(&out, "C", "d\ne");
	assert_int_equal(out.len, 4 + 2 + 8 + 4);
	assert_memory_equal(out.p, "A=b\nC\n\3\0\0\0\0\0\0\0d\ne\n", out.len);
	str_clear(&out);
	assert_true(journal_is_field_name("CONTAINER_ID2", 13));
	assert_false(journal_is_field_name("_PID", 4));
	assert_false(journal_is_field_name("a", 1));
	assert_false(journal_is_field_name("", 0));
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
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_journal_parse),
		cmocka_unit_test(test_journal_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
