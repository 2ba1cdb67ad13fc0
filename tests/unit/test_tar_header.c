/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar_header.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static int64_t number(const char *bytes, size_t len)
{
	int64_t n = -4711;
	int r = tar_number((const unsigned char *)bytes, len, &n);

	return r < 0 ? r : n;
}

static void numbers(void **state)
{
	(void)state;
	assert_int_equal(number("0000644\0", 8), 0644);
	assert_int_equal(number("   644 \0", 8), 0644);
	assert_int_equal(number("\0\0\0\0\0\0\0\0", 8), 0);
	assert_int_equal(number("77777777777\0", 12), 077777777777);
	assert_int_equal(number("0000648\0", 8), -EINVAL);
	assert_int_equal(number("064x\0\0\0\0", 8), -EINVAL);
	assert_int_equal(number("\x80\0\0\0\0\0\0\0\0\0\x01\x02", 12), 0x102);
	assert_int_equal(number("\x80\0\0\0\x02\0\0\0\0\0\0\0", 12), INT64_C(2) << 56);
	/* 2^63 and more do not fit; all ones is -1. */
	assert_int_equal(number("\x80\0\0\0\x80\0\0\0\0\0\0\0", 12), -ERANGE);
	assert_int_equal(number("\x80\0\0\x01\0\0\0\0\0\0\0\0", 12), -ERANGE);
	assert_int_equal(number("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12), -1);
}

static void times(void **state)
{
	struct tar_time t = { 0 };

	(void)state;
	assert_int_equal(tar_time_parse("1234.5", &t), 0);
	assert_int_equal(t.sec, 1234);
	assert_int_equal(t.nsec, 500000000);
	assert_int_equal(tar_time_parse("1.1234567899", &t), 0);
	assert_int_equal(t.nsec, 123456789);
	assert_int_equal(tar_time_parse("-1.25", &t), 0);
	assert_int_equal(t.sec, -2);
	assert_int_equal(t.nsec, 750000000);
	assert_int_equal(tar_time_parse("", &t), -EINVAL);
	assert_int_equal(tar_time_parse("1x", &t), -EINVAL);
	assert_int_equal(tar_time_parse("99999999999999999999", &t), -ERANGE);
}

static int parse(struct tar_pax *p, const char *text, size_t len)
{
	return tar_pax_parse(p, text, len);
}
#define PARSE(p, text) parse(p, text, sizeof(text) - 1)

static void pax_records(void **state)
{
	auto_of(tar_pax_clear) struct tar_pax p = { 0 };

	(void)state;
	assert_int_equal(PARSE(&p, "12 path=a/b\n" "11 size=42\n" "8 uid=7\n"), 0);
	assert_string_equal(p.path, "a/b");
	assert_true(p.has_size && p.size == 42 && p.has_uid && p.uid == 7 && !p.has_gid);
	assert_int_equal(PARSE(&p, "28 SCHILY.xattr.user.a=x\0y\n\n"), 0);
	assert_int_equal(p.xattr_n, 1);
	assert_string_equal(p.xattrs[0].name, "user.a");
	assert_int_equal(p.xattrs[0].len, 4);
	assert_memory_equal(p.xattrs[0].value, "x\0y\n", 4);
	/* libarchive: name percent-encoded, value in base 64. */
	assert_int_equal(PARSE(&p, "33 LIBARCHIVE.xattr.user%2Eb=aGk\n"), 0);
	assert_string_equal(p.xattrs[1].name, "user.b");
	assert_memory_equal(p.xattrs[1].value, "hi", 2);
	/* An empty value takes a record back. */
	assert_int_equal(PARSE(&p, "8 path=\n" "8 size=\n"), 0);
	assert_null(p.path);
	assert_false(p.has_size);
}

static void pax_that_is_damaged(void **state)
{
	auto_of(tar_pax_clear) struct tar_pax p = { 0 };

	(void)state;
	assert_true(PARSE(&p, "12 path=a/b") < 0);
	assert_true(PARSE(&p, "99 path=a/b\n") < 0);
	assert_true(PARSE(&p, "5 path=a/b\n") < 0);
	assert_true(PARSE(&p, "path=a/b\n") < 0);
	assert_true(PARSE(&p, "11 pathxa/b\n") < 0);
	assert_true(PARSE(&p, "5 =a\n") < 0);
	assert_true(PARSE(&p, "12 path=a\0b\n") < 0);
	assert_true(PARSE(&p, "11 size=-1\n") < 0);
	assert_true(PARSE(&p, "28 size=99999999999999999999\n") < 0);
	assert_true(PARSE(&p, "99999999999999999999 path=a\n") < 0);
	assert_true(PARSE(&p, "17 uid=4294967295\n") < 0);
	assert_true(PARSE(&p, "29 GNU.sparse.numbytes=1024\n") < 0);
}

static void sparse_maps(void **state)
{
	auto_of(tar_map_clear) struct tar_map m = { 0 };

	(void)state;
	assert_int_equal(tar_map_add(&m, 0, 10), 0);
	assert_int_equal(tar_map_add(&m, 20, 5), 0);
	assert_int_equal(tar_map_check(&m, 100, 15), 0);
	assert_int_equal(tar_map_check(&m, 100, 16), -EINVAL);
	assert_int_equal(tar_map_check(&m, 24, 15), -EINVAL);
	assert_int_equal(tar_map_check(&m, UINT64_MAX, 15), -EINVAL);
	assert_int_equal(tar_map_add(&m, 24, 5), 0);	/* overlaps */
	assert_int_equal(tar_map_check(&m, 100, 20), -EINVAL);
}

static void headers(void **state)
{
	unsigned char block[TAR_BLOCK] = { 0 };
	struct tar_header h;

	(void)state;
	assert_int_equal(tar_header_parse(&h, block), 0);
	block[0] = 'a';
	assert_int_equal(tar_header_parse(&h, block), -EINVAL);
	/* The checksum of 'a' and eight blanks. */
	memcpy(block + 148, "000541\0 ", 8);
	assert_int_equal(tar_header_parse(&h, block), 1);
	assert_string_equal(h.name, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(times),
		cmocka_unit_test(pax_records),
		cmocka_unit_test(pax_that_is_damaged),
		cmocka_unit_test(sparse_maps),
		cmocka_unit_test(headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
