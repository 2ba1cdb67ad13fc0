/* SPDX-License-Identifier: Apache-2.0 */
#include "base/template_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WIDTH_MAX 1000	/* of one value; more can only be a mistake */

struct verb {
	bool is_left, is_plus, is_spaced, is_zero, is_sharp;
	int width, precision;	/* -1: not given */
	char letter;
};

static size_t count_characters(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

static void fill(struct str *out, char c, size_t n)
{
	while (n--)
		str_addc(out, c);
}

/* Text to its width; zeros go behind the sign of a number. */
static void put_padded(struct str *out, const struct verb *v, const char *text, bool is_number)
{
	size_t n = count_characters(text), width = v->width > 0 ? v->width : 0;
	size_t missing = width > n ? width - n : 0;

	if (v->is_left) {
		str_add(out, text);
		fill(out, ' ', missing);
		return;
	}
	if (is_number && v->is_zero) {
		if (*text && strchr("+- ", *text))
			str_addc(out, *text++);
		fill(out, '0', missing);
	} else {
		fill(out, ' ', missing);
	}
	str_add(out, text);
}

static void put_number(struct str *out, const struct verb *v, bool is_negative, const char *digits)
{
	const char *sign = is_negative ? "-" : v->is_plus ? "+" : v->is_spaced ? " " : "";
	autofree char *text = xasprintf("%s%s", sign, digits);

	put_padded(out, v, text, true);
}

static void put_integer(struct str *out, const struct verb *v, int64_t n)
{
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	const char *sharp = v->is_sharp ? "0x" : "";
	char digits[80], *p;

	switch (v->letter) {
	case 'x':
		snprintf(digits, sizeof(digits), "%s%" PRIx64, sharp, u);
		break;
	case 'X':
		snprintf(digits, sizeof(digits), "%s%" PRIX64, v->is_sharp ? "0X" : "", u);
		break;
	case 'o':
		snprintf(digits, sizeof(digits), "%s%" PRIo64, v->is_sharp ? "0" : "", u);
		break;
	case 'b':
		p = digits + sizeof(digits);
		*--p = 0;
		do
			*--p = '0' + (u & 1);
		while (u >>= 1);
		memmove(digits, p, strlen(p) + 1);
		break;
	default:
		snprintf(digits, sizeof(digits), "%" PRIu64, u);
	}
	put_number(out, v, n < 0, digits);
}

/* %g without a precision: the shortest text that reads back as the same number. */
static char *shortest(double d)
{
	auto_of(json_free) struct json *j = json_new_double(d);
	struct str s = { 0 };

	template_print(&s, j);
	return str_steal(&s);
}

static void put_double(struct str *out, const struct verb *v, double d)
{
	int precision = v->precision >= 0 ? v->precision : 6;
	double positive = d < 0 ? -d : d;
	autofree char *digits = NULL;

	if (v->letter == 'e' || v->letter == 'E')
		digits = xasprintf("%.*e", precision, positive);
	else if (v->letter == 'f' || v->letter == 'F')
		digits = xasprintf("%.*f", precision, positive);
	else if (v->precision >= 0)
		digits = xasprintf("%.*g", precision, positive);
	else
		digits = shortest(positive);
	if (v->letter == 'E' || v->letter == 'G')
		for (char *p = digits; *p; p++)
			if (*p == 'e')
				*p = 'E';
	put_number(out, v, d < 0, digits);
}

static void put_text(struct str *out, const struct verb *v, const char *text)
{
	auto_of(str_clear) struct str s = { 0 };
	int left = v->precision;

	if (v->letter == 'q') {
		json_write_string(&s, text);
	} else if (v->letter == 'x' || v->letter == 'X') {
		for (; *text; text++)
			str_addf(&s, v->letter == 'x' ? "%02x" : "%02X", (unsigned char)*text);
	} else {
		/* The precision counts characters. */
		for (; *text; text++) {
			if ((*text & 0xc0) != 0x80 && v->precision >= 0 && left-- == 0)
				break;
			str_addc(&s, *text);
		}
	}
	put_padded(out, v, str_peek(&s), false);
}

static const char *type_name(const struct json *j)
{
	switch (json_type(j)) {
	case JSON_BOOL: return "bool";
	case JSON_NUMBER: return json_is_integer(j) ? "int" : "float64";
	case JSON_STRING: return "string";
	case JSON_ARRAY: return "[]interface {}";
	case JSON_OBJECT: return "map[string]interface {}";
	default: return "<nil>";
	}
}

static void print_plain(struct str *out, const struct json *j)
{
	if (json_type(j) == JSON_NULL)
		str_add(out, "<nil>");
	else
		template_print(out, j);
}

/* Go's answer to a verb that does not fit the value: "%!d(string=x)". */
static void put_misfit(struct str *out, const struct verb *v, const struct json *j)
{
	str_addf(out, "%%!%c(", v->letter);
	if (json_type(j) != JSON_NULL)
		str_addf(out, "%s=", type_name(j));
	print_plain(out, j);
	str_addc(out, ')');
}

static bool put_number_verb(struct str *out, const struct verb *v, const struct json *j)
{
	if (!json_is(j, JSON_NUMBER))
		return false;
	if (strchr("dxXob", v->letter) && json_is_integer(j))
		put_integer(out, v, json_int(j, 0));
	else if (v->letter == 'U' && json_is_integer(j))
		str_addf(out, "U+%04" PRIX64, (uint64_t)json_int(j, 0));
	else if (v->letter == 'c' && json_is_integer(j) && json_int(j, 0) > 0 &&
		 json_int(j, 0) < 0x80)
		str_addc(out, (char)json_int(j, 0));
	else if (strchr("feEgGF", v->letter))
		put_double(out, v, json_double(j, 0));
	else
		return false;
	return true;
}

static void put_value(struct str *out, const struct verb *v, const struct json *j)
{
	auto_of(str_clear) struct str s = { 0 };
	struct verb plain = *v;

	if (v->letter == 'T') {
		put_text(out, v, type_name(j));
	} else if (v->letter == 'v') {
		if (v->is_sharp)
			json_write(&s, j, 0);
		else
			print_plain(&s, j);
		plain.precision = -1;
		put_padded(out, &plain, str_peek(&s), json_is(j, JSON_NUMBER));
	} else if (v->letter == 't' && json_is(j, JSON_BOOL)) {
		put_text(out, v, json_bool(j, false) ? "true" : "false");
	} else if (json_str(j) && strchr("sqxX", v->letter)) {
		put_text(out, v, json_str(j));
	} else if (v->letter == 's' && json_type(j) >= JSON_ARRAY) {
		print_plain(&s, j);
		put_text(out, v, str_peek(&s));
	} else if (!put_number_verb(out, v, j)) {
		put_misfit(out, v, j);
	}
}

/* A width or precision: digits, or '*' for the next argument. */
static int read_count(const char **p, struct template_call *c, size_t *used)
{
	int n = 0;

	if (**p == '*') {
		int64_t given = *used < c->n ? json_int(c->args[*used], -1) : -1;

		(*p)++;
		(*used)++;
		return given >= 0 && given <= WIDTH_MAX ? (int)given : -1;
	}
	for (; **p >= '0' && **p <= '9'; (*p)++)
		if (n <= WIDTH_MAX)
			n = 10 * n + **p - '0';
	return n <= WIDTH_MAX ? n : WIDTH_MAX;
}

static struct verb read_verb(const char **p, struct template_call *c, size_t *used)
{
	struct verb v = { .width = -1, .precision = -1 };

	for (;; (*p)++) {
		if (**p == '-')
			v.is_left = true;
		else if (**p == '+')
			v.is_plus = true;
		else if (**p == ' ')
			v.is_spaced = true;
		else if (**p == '0')
			v.is_zero = true;
		else if (**p == '#')
			v.is_sharp = true;
		else
			break;
	}
	if ((**p >= '1' && **p <= '9') || **p == '*')
		v.width = read_count(p, c, used);
	if (**p == '.') {
		(*p)++;
		v.precision = read_count(p, c, used);
	}
	v.letter = **p;
	if (**p)
		(*p)++;
	return v;
}

int template_printf(struct template_call *c, struct str *out)
{
	const char *p = json_str(c->args[0]);
	size_t used = 1;

	if (!p)
		return template_err(c->ev->t, c->at, c->ev->e, "printf: the format is no text");
	while (*p) {
		size_t n = strcspn(p, "%");
		struct verb v;

		str_addn(out, p, n);
		p += n;
		if (!*p)
			break;
		p++;
		v = read_verb(&p, c, &used);
		if (v.letter == '%')
			str_addc(out, '%');
		else if (!v.letter)
			str_add(out, "%!(NOVERB)");
		else if (used >= c->n)
			str_addf(out, "%%!%c(MISSING)", v.letter);
		else
			put_value(out, &v, c->args[used++]);
	}
	if (used < c->n) {
		str_add(out, "%!(EXTRA ");
		for (size_t i = used; i < c->n; i++) {
			str_addf(out, "%s%s=", i > used ? ", " : "", type_name(c->args[i]));
			print_plain(out, c->args[i]);
		}
		str_addc(out, ')');
	}
	return 0;
}
