/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/yaml_out.h"

#include "base/units.h"

#include <string.h>

static void write_value(struct str *out, const struct json *j, unsigned int indent, bool is_item);

static void add_indent(struct str *out, unsigned int indent)
{
	for (unsigned int i = 0; i < indent; i++)
		str_addc(out, ' ');
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

/* Text that a reader would take for a number, a truth value or null. */
static bool is_other_type(const char *s)
{
	static const char *const words[] = { "null", "Null", "NULL", "~", "true", "True", "TRUE",
					     "false", "False", "FALSE", "yes", "Yes", "YES", "no",
					     "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
					     "y", "Y", "n", "N" };
	double number;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(s, words[i]) == 0)
			return true;
	return !*s || units_parse_double(s, &number) == 0;
}

static bool has_syntax(const char *s)
{
	size_t len = strlen(s);

	if (s[len - 1] == ' ' || s[len - 1] == ':' || strstr(s, ": ") || strstr(s, " #"))
		return true;
	/* "-", "?" and ":" are signs only with a blank behind them. */
	if (strchr("-?:", s[0]))
		return len == 1 || s[1] == ' ' || strcmp(s, "---") == 0;
	return strchr(",[]{}#&*!|>'\"%@` ", s[0]);
}

static void write_single_quoted(struct str *out, const char *s)
{
	str_addc(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			str_addc(out, '\'');
		str_addc(out, *s);
	}
	str_addc(out, '\'');
}

/* "|-" and one indented line for each line. */
static void write_literal(struct str *out, const char *s, unsigned int indent)
{
	size_t len = strlen(s);

	str_add(out, s[len - 1] == '\n' ? "|" : "|-");
	while (*s) {
		size_t n = strcspn(s, "\n");

		str_addc(out, '\n');
		if (n)
			add_indent(out, indent);
		str_addn(out, s, n);
		s += n;
		if (*s == '\n')
			s++;
	}
}

static bool is_plain_lines(const char *s)
{
	if (!strchr(s, '\n') || *s == ' ' || *s == '\n')
		return false;
	for (; *s; s++)
		if (((unsigned char)*s < 0x20 && *s != '\n') || *s == 0x7f)
			return false;
	return true;
}

static void write_string(struct str *out, const char *s, unsigned int indent)
{
	if (is_plain_lines(s))
		write_literal(out, s, indent);
	else if (has_control(s) || is_other_type(s))
		json_write_string(out, s);
	else if (has_syntax(s))
		write_single_quoted(out, s);
	else
		str_add(out, s);
}

static bool is_block(const struct json *j)
{
	return (json_is(j, JSON_OBJECT) || json_is(j, JSON_ARRAY)) && json_len(j);
}

static void write_member(struct str *out, const struct json *obj, const char *key,
			 unsigned int indent)
{
	const struct json *value = json_get(obj, key);

	write_string(out, key, indent);
	str_addc(out, ':');
	if (!is_block(value)) {
		str_addc(out, ' ');
		write_value(out, value, indent + 2, false);
		str_addc(out, '\n');
		return;
	}
	str_addc(out, '\n');
	write_value(out, value, json_is(value, JSON_ARRAY) ? indent : indent + 2, false);
}

static void write_object(struct str *out, const struct json *j, unsigned int indent, bool is_item)
{
	auto_of(strv_clear) struct strv keys = { 0 };

	for (size_t i = 0; i < json_len(j); i++)
		strv_add(&keys, json_key_at(j, i));
	strv_sort(&keys);
	for (size_t i = 0; i < keys.n; i++) {
		/* The first member of a list item stands behind its dash. */
		if (i || !is_item)
			add_indent(out, indent);
		write_member(out, j, keys.v[i], indent);
	}
}

static void write_array(struct str *out, const struct json *j, unsigned int indent, bool is_item)
{
	for (size_t i = 0; i < json_len(j); i++) {
		const struct json *item = json_at(j, i);

		if (i || !is_item)
			add_indent(out, indent);
		str_add(out, "- ");
		write_value(out, item, indent + 2, true);
		if (!is_block(item))
			str_addc(out, '\n');
	}
}

static void write_value(struct str *out, const struct json *j, unsigned int indent, bool is_item)
{
	if (json_is(j, JSON_OBJECT) && json_len(j))
		write_object(out, j, indent, is_item);
	else if (json_is(j, JSON_ARRAY) && json_len(j))
		write_array(out, j, indent, is_item);
	else if (json_is(j, JSON_STRING))
		write_string(out, json_str(j), indent);
	else
		json_write(out, j, 0);
}

void yaml_out_write(struct str *out, const struct json *tree)
{
	write_value(out, tree, 0, false);
	if (!is_block(tree))
		str_addc(out, '\n');
}
