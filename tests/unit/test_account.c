/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/account.h"

#include "base/mem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <unistd.h>

static const char passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
			     "broken:x:5\n"
			     "word:x:five:5::/w:\n"
			     ":x:5:5:no name:/n:\n"
			     "ann:x:5:6:Ann:/home/ann:/bin/sh\n"
			     "ann2:x:5:6:Ann:/home/ann2:/bin/sh\n"
			     "last:x:7:7::/l:/bin/sh";

static void finds_the_first(void **state)
{
	autofree char *name = NULL;
	autofree char *home = NULL;

	(void)state;
	assert_int_equal(account_parse(passwd, 5, &name, &home), 0);
	assert_string_equal(name, "ann");
	assert_string_equal(home, "/home/ann");
}

static void reads_a_last_line_without_end(void **state)
{
	autofree char *home = NULL;

	(void)state;
	assert_int_equal(account_parse(passwd, 7, NULL, &home), 0);
	assert_string_equal(home, "/l");
}

static void says_when_there_is_none(void **state)
{
	char *name = NULL;

	(void)state;
	assert_int_equal(account_parse(passwd, 8, &name, NULL), -ENOENT);
	assert_null(name);
	assert_int_equal(account_parse("", 0, &name, NULL), -ENOENT);
	assert_int_equal(account_find(4000000000u, &name, NULL), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_first),
		cmocka_unit_test(reads_a_last_line_without_end),
		cmocka_unit_test(says_when_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
