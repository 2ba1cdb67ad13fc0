/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/subid.h"

#include "base/fd.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

static void read_text(struct subid_ranges *out, const char *text, size_t len, const char *name)
{
	autoclose int fd = fd_memfd_with("subuid", text, len);

	assert_true(fd >= 0);
	assert_int_equal(subid_read(out, fd, 1001, name), 0);
}

static void finds_name_and_uid(void **state)
{
	static const char text[] = "root:1:2\nann:100000:65536\n1001:300000:10\nanna:5:5\nann:7:1";
	auto_of(subid_clear) struct subid_ranges r = { 0 };

	(void)state;
	read_text(&r, text, strlen(text), "ann");
	assert_int_equal(r.n, 3);
	assert_int_equal(r.v[0].start, 100000);
	assert_int_equal(r.v[0].count, 65536);
	assert_int_equal(r.v[1].start, 300000);
	assert_int_equal(r.v[2].start, 7);
}

static void works_without_name(void **state)
{
	static const char text[] = "ann:100000:65536\n1001:300000:10\n";
	auto_of(subid_clear) struct subid_ranges r = { 0 };

	(void)state;
	read_text(&r, text, strlen(text), NULL);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.v[0].count, 10);
}

static void passes_over_bad_lines(void **state)
{
	static const char text[] = "ann\nann:\nann:1\nann:1:\nann::5\nann:-1:5\nann:1:0x5\n"
				   "ann:99999999999:1\nann:4294967295:1\nann:1:0\n:1:2\n\n#ann:1:2\n"
				   "ann:4294967290:6\nann:4294967290:5\nann:1:2:3\nann: 1:2\nann:5:6 \r\n";
	auto_of(subid_clear) struct subid_ranges r = { 0 };

	(void)state;
	read_text(&r, text, strlen(text), "ann");
	assert_int_equal(r.n, 2);
	/* 4294967295 itself means "no id". */
	assert_int_equal(r.v[0].start, 4294967290u);
	assert_int_equal(r.v[0].count, 5);
	assert_int_equal(r.v[1].start, 5);
	assert_int_equal(r.v[1].count, 6);
}

static void reads_huge_files(void **state)
{
	auto_of(subid_clear) struct subid_ranges r = { 0 };
	auto_of(str_clear) struct str s = { 0 };

	(void)state;
	for (int i = 0; i < 200000; i++)
		str_addf(&s, "user%d:%d:100\n", i, 1000000 + i * 100);
	/* A line longer than any buffer, with what looks like an entry at its end. */
	for (int i = 0; i < 300000; i++)
		str_addc(&s, 'x');
	str_add(&s, "\nann:100000:65536\n");
	str_addc(&s, '\0');
	str_add(&s, "\nann:200000:1\n");
	read_text(&r, s.p, s.len, "ann");
	assert_int_equal(r.n, 2);
	assert_int_equal(r.v[0].start, 100000);
	assert_int_equal(r.v[1].start, 200000);
}

static void skips_what_ends_a_long_line(void **state)
{
	auto_of(subid_clear) struct subid_ranges r = { 0 };
	auto_of(str_clear) struct str s = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++)
		str_add(&s, "y");
	str_add(&s, "ann:1:2\nann:3:4\n");
	read_text(&r, s.p, s.len, "ann");
	assert_int_equal(r.n, 1);
	assert_int_equal(r.v[0].start, 3);
}

static void has_a_limit(void **state)
{
	auto_of(subid_clear) struct subid_ranges r = { 0 };
	auto_of(str_clear) struct str s = { 0 };

	(void)state;
	for (int i = 0; i < 5000; i++)
		str_addf(&s, "ann:%d:1\n", 100000 + 2 * i);
	read_text(&r, s.p, s.len, "ann");
	assert_int_equal(r.n, 340);
}

static void reads_nsswitch(void **state)
{
	(void)state;
	assert_false(subid_is_elsewhere(""));
	assert_false(subid_is_elsewhere("passwd: sss\n"));
	assert_false(subid_is_elsewhere("subid: files\n"));
	assert_false(subid_is_elsewhere("subid:\tfiles # sss"));
	assert_false(subid_is_elsewhere("#subid: sss\n"));
	assert_false(subid_is_elsewhere("subid:\n"));
	assert_true(subid_is_elsewhere("passwd: files\nsubid: sss\n"));
	assert_true(subid_is_elsewhere("  subid:sss"));
	assert_true(subid_is_elsewhere("subid: filesystem\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_name_and_uid),
		cmocka_unit_test(works_without_name),
		cmocka_unit_test(passes_over_bad_lines),
		cmocka_unit_test(reads_huge_files),
		cmocka_unit_test(skips_what_ends_a_long_line),
		cmocka_unit_test(has_a_limit),
		cmocka_unit_test(reads_nsswitch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
