/* SPDX-License-Identifier: Apache-2.0 */
#include "base/toml_priv.h"

#include "base/timefmt.h"
#include "base/units.h"

#include <string.h>

/* Digits of one base with single '_' between them, copied without these. */
static bool plain_digits(const char *s, size_t n, const char *digits, struct str *out)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '_') {
			if (i == 0 || i + 1 == n || !strchr(digits, s[i - 1]) ||
			    !strchr(digits, s[i + 1]))
				return false;
			continue;
		}
		if (!strchr(digits, s[i]))
			return false;
		str_addc(out, s[i]);
	}
	return out->len > 0;
}

static struct json *based_number(const char *s, size_t n)
{
	static const struct {
		char letter;
		int base;
		const char *digits;
	} bases[] = {
		{ 'x', 16, "0123456789abcdefABCDEF" }, { 'o', 8, "01234567" }, { 'b', 2, "01" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		auto_of(str_clear) struct str text = { 0 };
		int64_t v;

		if (n < 3 || s[0] != '0' || s[1] != bases[i].letter)
			continue;
		if (!plain_digits(s + 2, n - 2, bases[i].digits, &text))
			return NULL;
		errno = 0;
		v = strtoll(text.p, NULL, bases[i].base);
		return errno ? NULL : json_new_int(v);
	}
	return NULL;
}

static struct json *decimal_number(const char *s, size_t n)
{
	auto_of(str_clear) struct str text = { 0 };
	const char *body, *dot;
	int64_t v;
	double d;

	if (!plain_digits(s, n, "0123456789+-.eE", &text))
		return NULL;
	body = text.p + strspn(text.p, "+-");
	if (body - text.p > 1 || (body[0] == '0' && body[1] >= '0' && body[1] <= '9'))
		return NULL;
	if (units_parse_int(text.p, &v) == 0)
		return json_new_int(v);
	/* "1." and ".5" are no TOML; an integer that is too large is none either. */
	dot = strchr(body, '.');
	if (dot && (dot == body || dot[-1] > '9' || dot[1] < '0' || dot[1] > '9'))
		return NULL;
	if ((!dot && !strpbrk(body, "eE")) || units_parse_double(text.p, &d) < 0)
		return NULL;
	return json_new_double(d);
}

static bool is_number_at(const char *s, size_t n, int digits)
{
	for (int i = 0; i < digits; i++)
		if ((size_t)i >= n || s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

/* Dates and times stay text, once they are known to be some. */
static struct json *date_or_time(const char *s, size_t n)
{
	autofree char *text = xstrndup(s, n), *full = NULL;
	int64_t ns;

	if (is_number_at(s, n, 2) && n > 2 && s[2] == ':')
		full = xasprintf("2000-01-01T%s", text);
	else if (is_number_at(s, n, 4) && n > 4 && s[4] == '-')
		full = xstrdup(text);
	if (!full || time_parse(full, &ns) < 0)
		return NULL;
	return json_new_string(text);
}

static bool is(const char *s, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(s, word, n) == 0;
}

struct json *toml_scalar(const char *s, size_t n)
{
	size_t sign = n && (*s == '+' || *s == '-');

	if (is(s, n, "true") || is(s, n, "false"))
		return json_new_bool(*s == 't');
	if (is(s + sign, n - sign, "inf") || is(s + sign, n - sign, "nan"))
		return json_new_null();
	return based_number(s, n) ?: decimal_number(s, n) ?: date_or_time(s, n);
}
