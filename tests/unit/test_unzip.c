/* SPDX-License-Identifier: Apache-2.0 */
#include "image/unzip.h"

#include "base/str.h"
#include "image/digest.h"
#include "image/ring.h"
#include "image/zip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <zstd.h>

#include <cmocka.h>

enum { SIZE = 300000, SLOT = 1000 };

static char *sample(void)
{
	char *p = xmalloc(SIZE);
	unsigned int x = 1;

	for (size_t i = 0; i < SIZE; i++) {
		x = x * 1103515245 + 12345;
		p[i] = i % 3 ? (char)('a' + i % 7) : (char)(x >> 16);
	}
	return p;
}

static int add(void *arg, const void *data, size_t n, struct err *e)
{
	(void)e;
	str_addn(arg, data, n);
	return 0;
}

static void zip_as(struct str *out, enum zip_format format, int level, const char *data, size_t n)
{
	auto_of(zip_free) struct zip *z = zip_new(format, level, add, out);
	struct err e = { 0 };

	assert_int_equal(zip_push(z, data, n, &e), 0);
	assert_int_equal(zip_finish(z, &e), 0);
}

static void zip_all(struct str *out, const char *data, size_t n)
{
	zip_as(out, ZIP_GZIP, 0, data, n);
}

/* In pieces of step bytes; what comes out is known by its digest alone. */
static int unzip_all(const struct str *in, size_t step, char hex[DIGEST_HEX + 1], struct err *e)
{
	auto_of(digest_clear) struct digest sum = { 0 };
	auto_of(ring_free) struct ring *sink = ring_new_sink(SLOT);
	auto_of(unzip_free) struct unzip *u = NULL;
	int r = 0;

	digest_init(&sum);
	u = unzip_new(&sum);
	for (size_t i = 0; r >= 0 && i < in->len; i += step)
		r = unzip_push(u, in->p + i, in->len - i < step ? in->len - i : step, sink, e);
	if (r >= 0)
		r = unzip_finish(u, sink, e);
	digest_final(&sum, hex);
	return r;
}

static void gives(const struct str *in, const char *data, size_t n)
{
	static const size_t steps[] = { 1, 7, 999, 65536, 1 << 20 };
	char want[DIGEST_HEX + 1], got[DIGEST_HEX + 1];
	struct err e = { 0 };

	digest_of(want, data, n);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (unzip_all(in, steps[i], got, &e) != 0)
			fail_msg("step %zu: %s", steps[i], e.msg);
		assert_string_equal(got, want);
	}
}

static void refuses(const struct str *in, int code)
{
	char hex[DIGEST_HEX + 1];
	struct err e = { 0 };
	int r = unzip_all(in, 1000, hex, &e);

	if (r != -code)
		fail_msg("%d %s", r, e.msg);
}

static void plain_passes(void **state)
{
	auto_of(str_clear) struct str s = { 0 };

	(void)state;
	gives(&s, "", 0);
	str_add(&s, "x");
	gives(&s, "x", 1);
	str_add(&s, "yz and more");
	gives(&s, "xyz and more", 12);
}

static void every_format_and_level_comes_back(void **state)
{
	static const struct {
		enum zip_format format;
		int level;
	} ways[] = { { ZIP_GZIP, 1 }, { ZIP_GZIP, 6 }, { ZIP_GZIP, 9 }, { ZIP_ZSTD, 0 },
		     { ZIP_ZSTD, 1 }, { ZIP_ZSTD, 19 } };
	autofree char *data = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		auto_of(str_clear) struct str s = { 0 };

		zip_as(&s, ways[i].format, ways[i].level, data, SIZE);
		assert_true(s.len < SIZE);
		gives(&s, data, SIZE);
	}
}

static void gzip_in_one_and_two_members(void **state)
{
	auto_of(str_clear) struct str s = { 0 };
	autofree char *data = sample();

	(void)state;
	zip_all(&s, data, SIZE);
	assert_true(s.len < SIZE);
	gives(&s, data, SIZE);
	str_cut(&s, 0);
	zip_all(&s, data, 100);
	zip_all(&s, data + 100, SIZE - 100);
	gives(&s, data, SIZE);
	str_addn(&s, "\0\0\0\0\0\0\0\0", 8);	/* padding of a tape */
	gives(&s, data, SIZE);
	str_add(&s, "garbage");
	refuses(&s, EBADMSG);
}

static void gzip_damage(void **state)
{
	auto_of(str_clear) struct str s = { 0 };
	autofree char *data = sample();

	(void)state;
	zip_all(&s, data, SIZE);
	str_cut(&s, s.len - 1);
	refuses(&s, EBADMSG);
	str_cut(&s, 100);
	refuses(&s, EBADMSG);
	str_cut(&s, 3);
	refuses(&s, EBADMSG);
	str_cut(&s, 0);
	zip_all(&s, data, SIZE);
	s.p[s.len - 6] ^= 1;			/* its checksum */
	refuses(&s, EBADMSG);
}

static void zstd_frames(void **state)
{
	autofree char *data = sample(), *packed = xmalloc(2 * SIZE);
	auto_of(str_clear) struct str s = { 0 };
	size_t n = ZSTD_compress(packed, 2 * SIZE, data, SIZE / 2, 1);

	(void)state;
	str_addn(&s, "\x50\x2a\x4d\x18\x04\0\0\0skip", 12);
	str_addn(&s, packed, n);
	n = ZSTD_compress(packed, 2 * SIZE, data + SIZE / 2, SIZE / 2, 1);
	str_addn(&s, packed, n);
	gives(&s, data, SIZE);
	str_cut(&s, s.len - 2);
	refuses(&s, EBADMSG);
	s.p[20] ^= 0xff;
	str_cut(&s, 1000);
	refuses(&s, EBADMSG);
}

static void other_compressions_are_named(void **state)
{
	auto_of(str_clear) struct str s = { 0 };

	(void)state;
	str_addn(&s, "\xfd" "7zXZ\0abc", 9);
	refuses(&s, ENOTSUP);
	str_cut(&s, 0);
	str_add(&s, "BZh91AY&SY");
	refuses(&s, ENOTSUP);
}

static void a_bomb_is_refused(void **state)
{
	autofree char *zeros = xcalloc(1, 64 << 20), *packed = xmalloc(1 << 20);
	auto_of(str_clear) struct str s = { 0 };
	size_t n = ZSTD_compress(packed, 1 << 20, zeros, 64 << 20, 1);

	(void)state;
	assert_false(ZSTD_isError(n));
	for (int i = 0; i < 18; i++)		/* a gigabyte and a bit */
		str_addn(&s, packed, n);
	refuses(&s, EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_passes),
		cmocka_unit_test(gzip_in_one_and_two_members),
		cmocka_unit_test(every_format_and_level_comes_back),
		cmocka_unit_test(gzip_damage),
		cmocka_unit_test(zstd_frames),
		cmocka_unit_test(other_compressions_are_named),
		cmocka_unit_test(a_bomb_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
