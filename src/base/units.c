/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"

#include "base/mem.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int units_parse_uint(const char *s, uint64_t *n)
{
	uint64_t sum = 0;

	if (!*s)
		return -EINVAL;
	for (const char *p = s; *p; p++)
		if (!is_digit(*p))
			return -EINVAL;
	for (; *s; s++)
		if (__builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)(*s - '0'), &sum))
			return -ERANGE;
	*n = sum;
	return 0;
}

int units_parse_int(const char *s, int64_t *n)
{
	bool minus = *s == '-';
	uint64_t u;
	int r;

	r = units_parse_uint(s + (minus || *s == '+'), &u);
	if (r < 0)
		return r;
	if (u > (uint64_t)INT64_MAX + minus)
		return -ERANGE;
	*n = minus ? (int64_t)(0 - u) : (int64_t)u;
	return 0;
}

int units_parse_double(const char *s, double *d)
{
	locale_t c;
	char *end;
	double v;

	/* strtod also takes blanks, hexadecimal, "inf" and "nan". */
	if (!*s || s[strspn(s, "0123456789.eE+-")])
		return -EINVAL;
	/* For "C" this is a constant inside libc: nothing is allocated. */
	c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	v = strtod_l(s, &end, c);
	freelocale(c);
	if (*end || end == s)
		return -EINVAL;
	if (!isfinite(v))
		return -ERANGE;
	*d = v;
	return 0;
}

int units_parse_bool(const char *s, int *b)
{
	static const char *const yes[] = { "1", "t", "T", "true", "TRUE", "True" };
	static const char *const no[] = { "0", "f", "F", "false", "FALSE", "False" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (strcmp(s, yes[i]) == 0 || strcmp(s, no[i]) == 0) {
			*b = strcmp(s, yes[i]) == 0;
			return 0;
		}
	}
	return -EINVAL;
}

int units_parse_bytes(const char *s, int64_t *bytes)
{
	static const char letters[] = "kmgtp";
	size_t len = strspn(s, "0123456789.");
	autofree char *number = xstrndup(s, len);
	const char *suffix = s + len + strspn(s + len, " ");
	const char *letter;
	double d;

	if (strcmp(s, "-1") == 0) {
		*bytes = -1;
		return 0;
	}
	if (units_parse_double(number, &d) < 0)
		return -EINVAL;
	letter = *suffix ? strchr(letters, *suffix | 0x20) : NULL;
	if (letter) {
		d *= (double)(1ull << (10 * (letter - letters + 1)));
		suffix++;
		if (*suffix == 'i')
			suffix++;
	}
	if (*suffix == 'b' || *suffix == 'B')
		suffix++;
	if (*suffix)
		return -EINVAL;
	/* A number without fraction or unit need not go through a double. */
	if (!letter && units_parse_int(number, bytes) == 0)
		return 0;
	if (d >= 0x1p63)
		return -ERANGE;
	*bytes = (int64_t)d;
	return 0;
}

static char *human(char buf[32], double n, double base, const char *format,
		   const char *const names[], size_t count)
{
	size_t i = 0;

	while (fabs(n) >= base && i + 1 < count) {
		n /= base;
		i++;
	}
	snprintf(buf, 32, format, n, names[i]);
	return buf;
}

static const char *const decimal[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB" };
static const char *const binary[] = { "B",   "KiB", "MiB", "GiB", "TiB",
				      "PiB", "EiB", "ZiB", "YiB" };

char *units_human_size(char buf[32], double bytes)
{
	return human(buf, bytes, 1000, "%.4g%s", decimal, ARRAY_SIZE(decimal));
}

char *units_human_size_short(char buf[32], double bytes)
{
	return human(buf, bytes, 1000, "%.3g%s", decimal, ARRAY_SIZE(decimal));
}

char *units_human_size_spaced(char buf[32], double bytes)
{
	return human(buf, bytes, 1000, "%.3g %s", decimal, ARRAY_SIZE(decimal));
}

char *units_bytes_size(char buf[32], double bytes)
{
	return human(buf, bytes, 1024, "%.4g%s", binary, ARRAY_SIZE(binary));
}
