/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/json_priv.h"

#include <string.h>

/* Of what is escaped: one to three bytes. */
static unsigned int code_point(const unsigned char *p, size_t len)
{
	return len == 1 ? p[0] : len == 2 ? (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu)
				  : (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
}

static void write_escaped(struct str *out, unsigned int c)
{
	static const char letters[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	const char *at = c && c < 0x80 ? strchr(letters, c) : NULL;

	if (at) {
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
		size_t len = str_utf8_len((const char *)p);

		if (len && *p != '"' && *p != '\\' && !str_control_len((const char *)p)) {
			p += len;
			continue;
		}
		str_addn(out, from, p - from);
		/* Bytes that are no UTF-8 cannot stand in JSON: U+FFFD, as Go writes them. */
		if (len)
			write_escaped(out, code_point(p, len));
		else
			str_add(out, "\xef\xbf\xbd");
		p += len ? len : 1;
		from = p;
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
