/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdio.h>
#include <string.h>

void str_clear(struct str *s)
{
	free(s->p);
	*s = (struct str){ 0 };
}

void str_reserve(struct str *s, size_t more)
{
	size_t need = s->len + more + 1;
	size_t cap = s->cap ? s->cap : 64;

	if (need <= s->cap)
		return;
	while (cap < need)
		cap *= 2;
	s->p = xrealloc(s->p, cap);
	s->cap = cap;
}

void str_addn(struct str *s, const void *data, size_t n)
{
	str_reserve(s, n);
	if (n)
		memcpy(s->p + s->len, data, n);
	s->len += n;
	s->p[s->len] = 0;
}

void str_add(struct str *s, const char *text)
{
	str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_addn(s, &c, 1);
}

void str_add_utf8(struct str *s, unsigned int code)
{
	if (code < 0x80) {
		str_addc(s, code);
		return;
	}
	if (code < 0x800) {
		str_addc(s, 0xc0 | code >> 6);
	} else {
		if (code < 0x10000) {
			str_addc(s, 0xe0 | code >> 12);
		} else {
			str_addc(s, 0xf0 | code >> 18);
			str_addc(s, 0x80 | (code >> 12 & 0x3f));
		}
		str_addc(s, 0x80 | (code >> 6 & 0x3f));
	}
	str_addc(s, 0x80 | (code & 0x3f));
}

void str_addv(struct str *s, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		abort();
	str_reserve(s, n);
	vsnprintf(s->p + s->len, n + 1, fmt, ap);
	s->len += n;
}

void str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_addv(s, fmt, ap);
	va_end(ap);
}

void str_cut(struct str *s, size_t len)
{
	if (len >= s->len)
		return;
	s->len = len;
	s->p[len] = 0;
}

const char *str_peek(const struct str *s)
{
	return s->p ? s->p : "";
}

char *str_steal(struct str *s)
{
	char *p = s->p ? s->p : xstrdup("");

	*s = (struct str){ 0 };
	return p;
}

bool str_has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_has_suffix(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

const char *str_after(const char *s, const char *prefix)
{
	return str_has_prefix(s, prefix) ? s + strlen(prefix) : NULL;
}

bool str_eq(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

size_t str_utf8_len(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	static const struct {
		unsigned char first, last, low, high;	/* lead byte; range of the second byte */
		size_t len;
	} forms[] = {
		{ 0x01, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t f = 0; f < ARRAY_SIZE(forms); f++) {
		if (*s < forms[f].first || *s > forms[f].last)
			continue;
		if (forms[f].len > 1 && (s[1] < forms[f].low || s[1] > forms[f].high))
			return 0;
		for (size_t i = 2; i < forms[f].len; i++)
			if ((s[i] & 0xc0) != 0x80)
				return 0;
		return forms[f].len;
	}
	return 0;
}

size_t str_control_len(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	if (*p < 0x20 || *p == 0x7f)
		return 1;
	if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)		/* C1 */
		return 2;
	/* U+200E, U+200F, U+2028 to U+202E; U+2066 to U+2069. */
	if (*p == 0xe2 && p[1] == 0x80 &&
	    (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xa8 && p[2] <= 0xae)))
		return 3;
	return *p == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9 ? 3 : 0;
}
