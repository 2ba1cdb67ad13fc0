/* SPDX-License-Identifier: Apache-2.0 */
#include "container/tty.h"

#include "container/attach.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_parse(void **state)
{
	char keys[16];
	size_t n;

	(void)state;
	assert_int_equal(attach_parse_keys("ctrl-p,ctrl-q", keys, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(keys[0], 16);
	assert_int_equal(keys[1], 17);
	assert_int_equal(attach_parse_keys("a,ctrl-[,ctrl-\\,ctrl-@", keys, &n), 0);
	assert_int_equal(n, 4);
	assert_memory_equal(keys, "a\033\034\0", 4);
	assert_int_equal(attach_parse_keys("", keys, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(attach_parse_keys("ctrl-", keys, &n), -EINVAL);
	assert_int_equal(attach_parse_keys("ctrl-1", keys, &n), -EINVAL);
	assert_int_equal(attach_parse_keys("ab", keys, &n), -EINVAL);
	assert_int_equal(attach_parse_keys("a,,b", keys, &n), -EINVAL);
	assert_int_equal(attach_parse_keys("1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7", keys, &n), -EINVAL);
}

static bool feed(struct tty_keys *k, const char *in, const char *want)
{
	char out[64 + TTY_KEYS_MAX];
	size_t n;
	bool done = tty_keys_feed(k, in, strlen(in), out, &n);

	assert_int_equal(n, strlen(want));
	assert_memory_equal(out, want, n);
	return done;
}

static void test_feed(void **state)
{
	struct tty_keys k = { .n = 0 };

	(void)state;
	assert_false(feed(&k, "\020\021xyz", "\020\021xyz"));	/* no keys set */
	assert_int_equal(tty_keys_parse(&k, "ctrl-p,ctrl-q"), 0);
	assert_false(feed(&k, "ab\020", "ab"));			/* withheld */
	assert_true(feed(&k, "\021rest", ""));			/* complete; the rest is dropped */
	assert_false(feed(&k, "\020", ""));
	assert_false(feed(&k, "x", "\020x"));			/* broken: nothing is lost */
	assert_false(feed(&k, "\020\020", "\020"));		/* the second may begin it */
	assert_true(feed(&k, "\021", ""));
	assert_int_equal(tty_keys_parse(&k, "q"), 0);
	assert_true(feed(&k, "abq", "ab"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_feed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
