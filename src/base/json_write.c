/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/json_priv.h"

#include <string.h>

/* Length of the well-formed UTF-8 sequence at s (RFC 3629), 0 when it is none. */
static size_t utf8_len(const unsigned char *s)
{
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

static void write_escaped(struct str *out, unsigned char c)
{
	static const char letters[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *at = strchr(letters, c);

	if (c && at) {
		str_addc(out, '\\');
		str_addc(out, names[at - letters]);
	} else {
		str_addf(out, "\\u%04x", c);
	}
}

void json_write_string(struct str *out, const char *s)
{
	const unsigned char *p = (const unsigned char *)s, *from = p;

	str_addc(out, '"');
	while (*p) {
		size_t len = utf8_len(p);

		if (len && *p >= 0x20 && *p != '"' && *p != '\\' && *p != 0x7f) {
			p += len;
			continue;
		}
		str_addn(out, from, p - from);
		/* Bytes that are no UTF-8 cannot stand in JSON: U+FFFD, as Go writes them. */
		if (len)
			write_escaped(out, *p);
		else
			str_add(out, "\xef\xbf\xbd");
		from = ++p;
	}
	str_addn(out, from, p - from);
	str_addc(out, '"');
}

static void new_line(struct str *out, unsigned int indent, unsigned int level)
{
	static const char spaces[] = "                ";

	if (!indent)
		return;
	str_addc(out, '\n');
	for (size_t left = (size_t)indent * level, n; left; left -= n) {
		n = left < sizeof(spaces) - 1 ? left : sizeof(spaces) - 1;
		str_addn(out, spaces, n);
	}
}

static void write_value(struct str *out, const struct json *j, unsigned int indent,
			unsigned int level)
{
	switch (json_type(j)) {
	case JSON_NULL:
		str_add(out, "null");
		return;
	case JSON_BOOL:
		str_add(out, j->is_true ? "true" : "false");
		return;
	case JSON_NUMBER:
		str_add(out, j->text);
		return;
	case JSON_STRING:
		json_write_string(out, j->text);
		return;
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	str_addc(out, j->type == JSON_ARRAY ? '[' : '{');
	for (size_t i = 0; i < j->n; i++) {
		if (i)
			str_addc(out, ',');
		new_line(out, indent, level + 1);
		if (j->type == JSON_OBJECT) {
			json_write_string(out, j->keys[i]);
			str_add(out, indent ? ": " : ":");
		}
		write_value(out, j->items[i], indent, level + 1);
	}
	if (j->n)
		new_line(out, indent, level);
	str_addc(out, j->type == JSON_ARRAY ? ']' : '}');
}

void json_write(struct str *out, const struct json *j, unsigned int indent)
{
	write_value(out, j, indent, 0);
}
