/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * The text is read once, values straight into the JSON tree. What the tree cannot say is how a
 * table came to be, and TOML allows or forbids additions by that: a table made by [header] may be
 * named by a header only once, one made by a dotted key only grows by dotted keys, an inline
 * table or array not at all. Such tables are noted in `marks`; one without a mark exists only
 * because a longer header passed through it, and may still get a header of its own.
 */
#include "base/toml.h"

#include "base/file.h"
#include "base/toml_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 64	/* of values inside values, and of parts of a key */

enum origin { FROM_PATH, FROM_HEADER, FROM_DOTTED, FROM_VALUE, FROM_ARRAY_HEADER };

struct reader {
	const char *name, *p;
	unsigned int depth;
	const char *text;
	struct mark {
		const struct json *j;
		enum origin origin;
	} *marks;		/* owned */
	size_t n_marks, cap_marks;
	struct err *e;
};

static int __attribute__((format(printf, 2, 3))) fail(struct reader *rd, const char *fmt, ...)
{
	unsigned int line = 1;
	char what[300];
	va_list ap;

	for (const char *c = rd->text; c < rd->p; c++)
		line += *c == '\n';
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(rd->e, EINVAL, "%s: line %u: %s", rd->name, line, what);
}

static enum origin origin_of(const struct reader *rd, const struct json *j)
{
	for (size_t i = rd->n_marks; i-- > 0;)
		if (rd->marks[i].j == j)
			return rd->marks[i].origin;
	return FROM_PATH;
}

static void mark(struct reader *rd, const struct json *j, enum origin origin)
{
	if (rd->n_marks == rd->cap_marks) {
		rd->cap_marks = rd->cap_marks ? 2 * rd->cap_marks : 16;
		rd->marks = xreallocarray(rd->marks, rd->cap_marks, sizeof(*rd->marks));
	}
	rd->marks[rd->n_marks++] = (struct mark){ j, origin };
}

static void skip_blanks(struct reader *rd)
{
	while (*rd->p == ' ' || *rd->p == '\t')
		rd->p++;
}

static bool at_line_end(const struct reader *rd)
{
	return *rd->p == '\n' || (*rd->p == '\r' && rd->p[1] == '\n');
}

/* A comment, if there is one, up to the end of the line. */
static int skip_comment(struct reader *rd)
{
	if (*rd->p != '#')
		return 0;
	while (*rd->p && !at_line_end(rd)) {
		if (((unsigned char)*rd->p < 0x20 && *rd->p != '\t') || *rd->p == 0x7f)
			return fail(rd, "a control character in a comment");
		rd->p++;
	}
	return 0;
}

/* Blanks, comments and line ends: between the elements of arrays, and between statements. */
static int skip_lines(struct reader *rd)
{
	for (;;) {
		skip_blanks(rd);
		if (skip_comment(rd) < 0)
			return -EINVAL;
		if (!at_line_end(rd))
			return 0;
		rd->p += *rd->p == '\r' ? 2 : 1;
	}
}

/* Strings. */

static int read_unicode(struct reader *rd, unsigned int digits, struct str *out)
{
	unsigned int code = 0;

	for (; digits; digits--, rd->p++) {
		static const char all[] = "0123456789abcdef";
		const char *digit = *rd->p ? strchr(all, *rd->p <= '9' ? *rd->p : *rd->p | 0x20)
					   : NULL;

		if (!digit)
			return fail(rd, "a \\u escape needs hexadecimal digits");
		code = code << 4 | (unsigned int)(digit - all);
	}
	if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return fail(rd, "a \\u escape that is no character");
	str_add_utf8(out, code);
	return 0;
}

/* Behind a backslash. */
static int read_escape(struct reader *rd, bool is_multiline, struct str *out)
{
	static const char letters[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
	const char *at = *rd->p ? strchr(letters, *rd->p) : NULL;

	if (at) {
		rd->p++;
		str_addc(out, values[at - letters]);
		return 0;
	}
	if (*rd->p == 'u' || *rd->p == 'U')
		return read_unicode(rd, *rd->p++ == 'u' ? 4 : 8, out);
	/* At the end of a line: the line end and the white space behind it do not count. */
	skip_blanks(rd);
	if (!is_multiline || !at_line_end(rd))
		return fail(rd, "unknown escape in a string");
	while (*rd->p == ' ' || *rd->p == '\t' || at_line_end(rd))
		rd->p++;
	return 0;
}

/* The end of """ or ''' strings; up to two more quotes belong to the text. */
static bool at_multiline_end(struct reader *rd, char quote, struct str *out)
{
	size_t n = 0;

	while (rd->p[n] == quote && n < 5)
		n++;
	if (n < 3)
		return false;
	for (size_t i = 3; i < n; i++)
		str_addc(out, quote);
	rd->p += n;
	return true;
}

static int read_string(struct reader *rd, bool may_be_multiline, struct str *out)
{
	char quote = *rd->p;
	bool is_multiline = may_be_multiline && rd->p[1] == quote && rd->p[2] == quote;

	rd->p += is_multiline ? 3 : 1;
	if (is_multiline && at_line_end(rd))
		rd->p += *rd->p == '\r' ? 2 : 1;
	for (;;) {
		if (!*rd->p || (at_line_end(rd) && !is_multiline))
			return fail(rd, "a string has no end");
		if (is_multiline && at_multiline_end(rd, quote, out))
			return 0;
		if (!is_multiline && *rd->p == quote) {
			rd->p++;
			return 0;
		}
		if (*rd->p == '\\' && quote == '"') {
			rd->p++;
			if (read_escape(rd, is_multiline, out) < 0)
				return -EINVAL;
		} else if (is_multiline && at_line_end(rd)) {
			rd->p += *rd->p == '\r';
			str_addc(out, *rd->p++);
		} else if (((unsigned char)*rd->p < 0x20 && *rd->p != '\t') || *rd->p == 0x7f) {
			return fail(rd, "a control character in a string");
		} else {
			str_addc(out, *rd->p++);
		}
	}
}

/* Keys. */

static bool is_bare(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '-';
}

static int read_key_part(struct reader *rd, struct strv *key)
{
	auto_of(str_clear) struct str part = { 0 };

	if (*rd->p == '"' || *rd->p == '\'') {
		if (read_string(rd, false, &part) < 0)
			return -EINVAL;
	} else {
		while (is_bare(*rd->p))
			str_addc(&part, *rd->p++);
		if (!part.len)
			return fail(rd, "a key is missing");
	}
	if (key->n == DEPTH_MAX)
		return fail(rd, "a key of too many parts");
	strv_add(key, str_peek(&part));
	return 0;
}

/* One or more parts with '.' between them; blanks around each are skipped. */
static int read_key(struct reader *rd, struct strv *key)
{
	for (;; rd->p++) {
		skip_blanks(rd);
		if (read_key_part(rd, key) < 0)
			return -EINVAL;
		skip_blanks(rd);
		if (*rd->p != '.')
			return 0;
	}
}

static int read_value(struct reader *rd, struct json **out);

/* key = value inside table. */
static int read_pair(struct reader *rd, struct json *table)
{
	auto_of(strv_clear) struct strv key = { 0 };
	struct json *value;

	if (read_key(rd, &key) < 0)
		return -EINVAL;
	if (*rd->p != '=')
		return fail(rd, "'=' is missing behind '%s'", key.v[key.n - 1]);
	rd->p++;
	skip_blanks(rd);
	for (size_t i = 0; i + 1 < key.n; i++) {
		struct json *inner = json_edit(table, key.v[i]);

		if (!inner) {
			inner = json_new_object();
			mark(rd, inner, FROM_DOTTED);
			json_set(table, key.v[i], inner);
		} else if (origin_of(rd, inner) != FROM_DOTTED) {
			return fail(rd, "'%s' is defined already", key.v[i]);
		}
		table = inner;
	}
	if (json_get(table, key.v[key.n - 1]))
		return fail(rd, "'%s' is defined already", key.v[key.n - 1]);
	if (read_value(rd, &value) < 0)
		return -EINVAL;
	json_set(table, key.v[key.n - 1], value);
	return 0;
}

/* Values. */

static int read_array(struct reader *rd, struct json *array)
{
	rd->p++;
	for (;;) {
		struct json *value;

		if (skip_lines(rd) < 0)
			return -EINVAL;
		if (*rd->p == ']')
			break;
		if (read_value(rd, &value) < 0)
			return -EINVAL;
		json_add(array, value);
		if (skip_lines(rd) < 0)
			return -EINVAL;
		if (*rd->p == ']')
			break;
		if (*rd->p != ',')
			return fail(rd, "an array needs ',' or ']' here");
		rd->p++;
	}
	rd->p++;
	return 0;
}

static int read_inline_table(struct reader *rd, struct json *table)
{
	rd->p++;
	skip_blanks(rd);
	if (*rd->p == '}') {
		rd->p++;
		return 0;
	}
	for (;; rd->p++) {
		if (read_pair(rd, table) < 0)
			return -EINVAL;
		skip_blanks(rd);
		if (*rd->p == '}')
			break;
		if (*rd->p != ',')
			return fail(rd, "an inline table needs ',' or '}' here");
	}
	rd->p++;
	return 0;
}

static size_t word_len(const char *s)
{
	size_t n = 0;

	while (is_bare(s[n]) || (s[n] && strchr("+.:", s[n])))
		n++;
	return n;
}

/* A value without quotes. */
static int read_word(struct reader *rd, struct json **out)
{
	size_t n = word_len(rd->p);

	/* A blank may stand between date and time. */
	if (n == 10 && rd->p[4] == '-' && rd->p[10] == ' ' && rd->p[11] >= '0' && rd->p[11] <= '9')
		n = 11 + word_len(rd->p + 11);
	if (!n)
		return fail(rd, "a value is missing");
	*out = toml_scalar(rd->p, n);
	if (!*out)
		return fail(rd, "'%.*s' is no value (texts need quotes)", n < 40 ? (int)n : 40,
			    rd->p);
	rd->p += n;
	return 0;
}

static int read_nested(struct reader *rd, struct json **out)
{
	bool is_array = *rd->p == '[';
	auto_of(json_free) struct json *j = is_array ? json_new_array() : json_new_object();
	int r;

	if (++rd->depth > DEPTH_MAX)
		return fail(rd, "nested too deeply");
	mark(rd, j, FROM_VALUE);
	r = is_array ? read_array(rd, j) : read_inline_table(rd, j);
	rd->depth--;
	if (r == 0)
		*out = steal_ptr(&j);
	return r;
}

static int read_value(struct reader *rd, struct json **out)
{
	auto_of(str_clear) struct str text = { 0 };

	switch (*rd->p) {
	case '"':
	case '\'':
		if (read_string(rd, true, &text) < 0)
			return -EINVAL;
		*out = json_new_string(str_peek(&text));
		return 0;
	case '[':
	case '{':
		return read_nested(rd, out);
	default:
		return read_word(rd, out);
	}
}

/* Headers. */

/* Steps into name on the way of a header; the last element of an array of tables stands for it. */
static int enter(struct reader *rd, struct json **table, const char *name)
{
	struct json *inner = json_edit(*table, name);
	enum origin origin = origin_of(rd, inner);

	if (!inner) {
		inner = json_new_object();
		json_set(*table, name, inner);
	} else if (origin == FROM_ARRAY_HEADER) {
		inner = json_edit_at(inner, json_len(inner) - 1);
	} else if (!json_is(inner, JSON_OBJECT) || origin == FROM_VALUE) {
		return fail(rd, "'%s' is defined already and is no table", name);
	}
	*table = inner;
	return 0;
}

static int open_table(struct reader *rd, struct json **table, const char *name)
{
	struct json *inner = json_edit(*table, name);

	if (inner && (!json_is(inner, JSON_OBJECT) || origin_of(rd, inner) != FROM_PATH))
		return fail(rd, "'%s' is defined already", name);
	if (!inner) {
		inner = json_new_object();
		json_set(*table, name, inner);
	}
	mark(rd, inner, FROM_HEADER);
	*table = inner;
	return 0;
}

static int open_array(struct reader *rd, struct json **table, const char *name)
{
	struct json *array = json_edit(*table, name), *element;

	if (array && origin_of(rd, array) != FROM_ARRAY_HEADER)
		return fail(rd, "'%s' is defined already and is no array of tables", name);
	if (!array) {
		array = json_new_array();
		mark(rd, array, FROM_ARRAY_HEADER);
		json_set(*table, name, array);
	}
	element = json_new_object();
	mark(rd, element, FROM_HEADER);
	json_add(array, element);
	*table = element;
	return 0;
}

/* "[a.b]" or "[[a.b]]": *table is the table that what follows goes into. */
static int read_header(struct reader *rd, struct json *root, struct json **table)
{
	auto_of(strv_clear) struct strv key = { 0 };
	bool is_array = rd->p[1] == '[';
	struct json *at = root;
	int r = 0;

	rd->p += is_array ? 2 : 1;
	if (read_key(rd, &key) < 0)
		return -EINVAL;
	if (*rd->p != ']' || (is_array && rd->p[1] != ']'))
		return fail(rd, "']' is missing");
	rd->p += is_array ? 2 : 1;
	for (size_t i = 0; i + 1 < key.n && r == 0; i++)
		r = enter(rd, &at, key.v[i]);
	if (r == 0)
		r = is_array ? open_array(rd, &at, key.v[key.n - 1])
			     : open_table(rd, &at, key.v[key.n - 1]);
	*table = at;
	return r;
}

static int read_document(struct reader *rd, struct json *root)
{
	struct json *table = root;

	for (;;) {
		if (skip_lines(rd) < 0)
			return -EINVAL;
		if (!*rd->p)
			return 0;
		if ((*rd->p == '[' ? read_header(rd, root, &table) : read_pair(rd, table)) < 0)
			return -EINVAL;
		skip_blanks(rd);
		if (skip_comment(rd) < 0)
			return -EINVAL;
		if (*rd->p && !at_line_end(rd))
			return fail(rd, "one statement a line");
	}
}

int toml_parse(struct json **out, const char *name, const char *text, size_t len, struct err *e)
{
	auto_of(json_free) struct json *root = json_new_object();
	autofree char *copy = xstrndup(text, len);
	struct reader rd = { .name = name, .text = copy, .p = copy, .e = e };
	int r;

	if (strlen(copy) != len) {
		rd.p = copy + strlen(copy);
		return fail(&rd, "a NUL character");
	}
	if (str_has_prefix(copy, "\xef\xbb\xbf"))
		rd.p += 3;
	r = read_document(&rd, root);
	free(rd.marks);
	if (r == 0)
		*out = steal_ptr(&root);
	return r;
}

int toml_load_at(struct json **out, int dirfd, const char *path, struct err *e)
{
	autofree char *text = NULL;
	size_t len;
	int r;

	r = file_read_at(dirfd, path, &text, &len, FILE_MAX_CONFIG);
	if (r < 0)
		return err_sys(e, -r, "read %s", path);
	return toml_parse(out, path, text, len, e);
}
