/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_aligned(const char *tabbed, unsigned int min, unsigned int pad,
			   const char *wanted)
{
	auto_of(str_clear) struct str s = { 0 };

	table_align(&s, tabbed, min, pad);
	assert_string_equal(str_peek(&s), wanted);
}

static void aligns(void **state)
{
	(void)state;
	assert_aligned("", 12, 2, "");
	assert_aligned("A\tB\nlonger than it\tx\n", 4, 2, "A               B\nlonger than it  x\n");
	assert_aligned("ID\tNAME\n1\tx\n", 12, 2, "ID          NAME\n1           x\n");
	assert_aligned("a\t\tc\n", 0, 1, "a  c\n");
	/* The last cell is not padded, and makes no column of its own. */
	assert_aligned("a\tvery long\nb\tc\td", 0, 1, "a very long\nb c d");
	assert_aligned("no tab\nx\ty\n", 0, 1, "no tab\nx y\n");
}

static void counts_characters(void **state)
{
	(void)state;
	assert_aligned("\xc3\xa9\xc3\xa9\tx\nabc\ty\n", 0, 1, "\xc3\xa9\xc3\xa9  x\nabc y\n");
}

static void lets_no_terminal_sequence_through(void **state)
{
	auto_of(str_clear) struct str s = { 0 };

	(void)state;
	table_sanitize(&s, "a\x1b[31m\r\x7f\xc2\x9b"
			   "1m\xc2\xa0\xc3\xa9\n\t");
	assert_string_equal(s.p, "a\\x1b[31m\\x0d\\x7f\\xc2\\x9b1m\xc2\xa0\xc3\xa9\n\t");
	assert_aligned("\x1b\tx\n", 0, 1, "\\x1b x\n");
}

static void any_bytes(void **state)
{
	(void)state;
	for (int i = 0; i < 5000; i++) {
		auto_of(str_clear) struct str s = { 0 };
		char text[100];
		size_t n = random() % 99, lines = 0, out_lines = 0;

		for (size_t k = 0; k < n; k++)
			text[k] = random() % 4 ? 1 + random() % 255 : "\t\n"[random() % 2];
		text[n] = 0;
		table_align(&s, text, random() % 20, random() % 4);
		for (const char *p = text; *p; p++)
			lines += *p == '\n';
		for (const char *p = str_peek(&s); *p; p++) {
			out_lines += *p == '\n';
			assert_true((unsigned char)*p >= 0x20 || *p == '\n');
		}
		assert_int_equal(lines, out_lines);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(aligns),
		cmocka_unit_test(counts_characters),
		cmocka_unit_test(lets_no_terminal_sequence_through),
		cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
