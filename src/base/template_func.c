/* SPDX-License-Identifier: Apache-2.0 */
#include "base/template_priv.h"

#include <string.h>

/* Helpers of the functions. */

static int complain(struct template_call *c, const char *what)
{
	return template_err(c->ev->t, c->at, c->ev->e, "%s: %s", c->name, what);
}

static int give(struct template_call *c, struct json *taken, const struct json **out)
{
	*out = template_keep(c->ev, taken);
	return 0;
}

static int give_text(struct template_call *c, const char *text, const struct json **out)
{
	return give(c, json_new_string(text), out);
}

/* The text of an argument: a string as it is, anything else as printed; nil is "". */
static const char *text_of(struct template_call *c, size_t i)
{
	auto_of(str_clear) struct str s = { 0 };

	if (json_str(c->args[i]))
		return json_str(c->args[i]);
	if (json_type(c->args[i]) != JSON_NULL)
		template_print_inner(&s, c->args[i]);
	return json_str(template_keep(c->ev, json_new_string(str_peek(&s))));
}

static int int_of(struct template_call *c, size_t i, int64_t *n)
{
	if (!json_is_integer(c->args[i]))
		return complain(c, "a whole number is needed");
	*n = json_int(c->args[i], 0);
	return 0;
}

/* Texts. */

/* What .Label asks is no member of the row. */
static int fn_json(struct template_call *c, const struct json **out)
{
	auto_of(json_free) struct json *shown = json_copy(c->args[0]);
	auto_of(str_clear) struct str s = { 0 };

	if (json_is(shown, JSON_OBJECT))
		json_remove(shown, "LabelMap");
	json_write(&s, shown, 0);
	return give_text(c, str_peek(&s), out);
}

static int fn_upper(struct template_call *c, const struct json **out)
{
	autofree char *s = xstrdup(text_of(c, 0));

	for (char *p = s; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p -= 'a' - 'A';
	return give_text(c, s, out);
}

static int fn_lower(struct template_call *c, const struct json **out)
{
	autofree char *s = xstrdup(text_of(c, 0));

	for (char *p = s; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return give_text(c, s, out);
}

static int fn_title(struct template_call *c, const struct json **out)
{
	autofree char *s = xstrdup(text_of(c, 0));
	bool starts = true;

	for (char *p = s; *p; p++) {
		bool is_letter = (*p | 0x20) >= 'a' && (*p | 0x20) <= 'z';

		if (starts && is_letter)
			*p &= ~0x20;
		starts = !is_letter && !(*p >= '0' && *p <= '9') && *p != '_' && *p != '\'' &&
			 !(*p & 0x80);
	}
	return give_text(c, s, out);
}

static int fn_join(struct template_call *c, const struct json **out)
{
	/* Both orders are in use: join .List ",", and .List | join ",". */
	size_t at = json_type(c->args[0]) == JSON_ARRAY || json_type(c->args[1]) == JSON_STRING ? 0
												: 1;
	const struct json *list = c->args[at];
	const char *separator = text_of(c, !at);
	auto_of(str_clear) struct str s = { 0 };

	if (json_type(list) != JSON_ARRAY && json_type(list) != JSON_NULL)
		return complain(c, "a list is needed");
	for (size_t i = 0; i < json_len(list); i++) {
		if (i)
			str_add(&s, separator);
		template_print_inner(&s, json_at(list, i));
	}
	return give_text(c, str_peek(&s), out);
}

static int fn_split(struct template_call *c, const struct json **out)
{
	const char *text = text_of(c, 0), *separator = text_of(c, 1), *stop;
	struct json *list = json_new_array();

	while (*separator && (stop = strstr(text, separator))) {
		autofree char *part = xstrndup(text, stop - text);

		json_add_str(list, part);
		text = stop + strlen(separator);
	}
	json_add_str(list, text);
	return give(c, list, out);
}

static int fn_pad(struct template_call *c, const struct json **out)
{
	const char *text = text_of(c, 0);
	auto_of(str_clear) struct str s = { 0 };
	int64_t before = 0, after = 0;
	int r;

	r = int_of(c, 1, &before);
	if (r == 0)
		r = int_of(c, 2, &after);
	if (r < 0)
		return r;
	if (before < 0 || before > 1000 || after < 0 || after > 1000)
		return complain(c, "the width must be 0 to 1000");
	if (*text)
		str_addf(&s, "%*s%s%*s", (int)before, "", text, (int)after, "");
	return give_text(c, str_peek(&s), out);
}

static int fn_truncate(struct template_call *c, const struct json **out)
{
	const char *text = text_of(c, 0);
	autofree char *cut = NULL;
	size_t len = 0;
	int64_t n = 0;
	int r;

	r = int_of(c, 1, &n);
	if (r < 0)
		return r;
	/* Characters, not bytes: none is cut in half. */
	while (text[len] && (((text[len] & 0xc0) == 0x80) || n-- > 0))
		len++;
	cut = xstrndup(text, len);
	return give_text(c, cut, out);
}

static int fn_html(struct template_call *c, const struct json **out)
{
	auto_of(str_clear) struct str s = { 0 };

	for (const char *p = text_of(c, 0); *p; p++) {
		switch (*p) {
		case '&': str_add(&s, "&amp;"); break;
		case '<': str_add(&s, "&lt;"); break;
		case '>': str_add(&s, "&gt;"); break;
		case '"': str_add(&s, "&#34;"); break;
		case '\'': str_add(&s, "&#39;"); break;
		default: str_addc(&s, *p);
		}
	}
	return give_text(c, str_peek(&s), out);
}

static int fn_js(struct template_call *c, const struct json **out)
{
	auto_of(str_clear) struct str s = { 0 };

	for (const char *p = text_of(c, 0); *p; p++) {
		if (strchr("\\'\"", *p))
			str_addf(&s, "\\%c", *p);
		else if (strchr("<>&=", *p) || (unsigned char)*p < 0x20)
			str_addf(&s, "\\u%04X", *p);
		else
			str_addc(&s, *p);
	}
	return give_text(c, str_peek(&s), out);
}

static int fn_urlquery(struct template_call *c, const struct json **out)
{
	auto_of(str_clear) struct str s = { 0 };

	for (const char *p = text_of(c, 0); *p; p++) {
		bool is_alnum = (*p >= '0' && *p <= '9') ||
				((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z');

		if (*p == ' ')
			str_addc(&s, '+');
		else if (is_alnum || strchr("-_.~", *p))
			str_addc(&s, *p);
		else
			str_addf(&s, "%%%02X", (unsigned char)*p);
	}
	return give_text(c, str_peek(&s), out);
}

static int fn_print(struct template_call *c, const struct json **out)
{
	bool is_line = strcmp(c->name, "println") == 0;
	auto_of(str_clear) struct str s = { 0 };

	for (size_t i = 0; i < c->n; i++) {
		bool is_text = json_is(c->args[i], JSON_STRING) ||
			       (i && json_is(c->args[i - 1], JSON_STRING));

		/* Go: a blank between two that are both no strings; println: always. */
		if (i && (is_line || !is_text))
			str_addc(&s, ' ');
		template_print_inner(&s, c->args[i]);
	}
	if (is_line)
		str_addc(&s, '\n');
	return give_text(c, str_peek(&s), out);
}

static int fn_printf(struct template_call *c, const struct json **out)
{
	auto_of(str_clear) struct str s = { 0 };
	int r = template_printf(c, &s);

	return r < 0 ? r : give_text(c, str_peek(&s), out);
}

/* Lists and objects. */

static int fn_len(struct template_call *c, const struct json **out)
{
	const struct json *j = c->args[0];

	if (json_type(j) == JSON_BOOL || json_type(j) == JSON_NUMBER)
		return complain(c, "a text, list or object is needed");
	return give(c, json_new_int(json_str(j) ? strlen(json_str(j)) : json_len(j)), out);
}

/* A map lacks the key: the zero value of Go's map[string]string, if it looks like one. */
static const struct json *absent(struct template_call *c, const struct json *map)
{
	for (size_t i = 0; i < json_len(map); i++)
		if (!json_str(json_at(map, i)))
			return NULL;
	return template_keep(c->ev, json_new_string(""));
}

static int fn_index(struct template_call *c, const struct json **out)
{
	const struct json *j = c->args[0];

	for (size_t i = 1; i < c->n; i++) {
		const struct json *in = j;
		int64_t n = 0;
		int r;

		if (json_type(in) == JSON_NULL || json_type(in) == JSON_OBJECT) {
			if (json_type(in) == JSON_OBJECT && !json_str(c->args[i]))
				return complain(c, "the key of an object is a text");
			j = json_str(c->args[i]) ? json_get(in, json_str(c->args[i])) : NULL;
			if (!j)
				j = absent(c, in);
			continue;
		}
		if (json_type(in) != JSON_ARRAY && json_type(in) != JSON_STRING)
			return complain(c, "a list or object is needed");
		r = int_of(c, i, &n);
		if (r < 0)
			return r;
		if (n < 0 || (size_t)n >= (json_str(in) ? strlen(json_str(in)) : json_len(in)))
			return template_err(c->ev->t, c->at, c->ev->e,
					    "index: %lld is out of range", (long long)n);
		j = json_str(in) ? template_keep(c->ev,
						 json_new_int((unsigned char)json_str(in)[n]))
				 : json_at(in, n);
	}
	*out = j;
	return 0;
}

static int fn_slice(struct template_call *c, const struct json **out)
{
	const struct json *j = c->args[0];
	int64_t from = 0, to = json_str(j) ? strlen(json_str(j)) : json_len(j), all = to;
	struct json *list;
	int r = 0;

	if (json_type(j) != JSON_STRING && json_type(j) != JSON_ARRAY)
		return complain(c, "a text or list is needed");
	if (c->n > 1)
		r = int_of(c, 1, &from);
	if (r == 0 && c->n > 2)
		r = int_of(c, 2, &to);
	if (r < 0)
		return r;
	if (from < 0 || to > all || from > to)
		return complain(c, "out of range");
	if (json_str(j)) {
		autofree char *part = xstrndup(json_str(j) + from, to - from);

		return give_text(c, part, out);
	}
	list = json_new_array();
	for (; from < to; from++)
		json_add(list, json_copy(json_at(j, from)));
	return give(c, list, out);
}

/* Logic. */

static int give_bool(struct template_call *c, bool b, const struct json **out)
{
	return give(c, json_new_bool(b), out);
}

static int fn_and_or(struct template_call *c, const struct json **out)
{
	bool is_or = c->name[0] == 'o';
	size_t i = 0;

	while (i + 1 < c->n && template_is_true(c->args[i]) != is_or)
		i++;
	*out = c->args[i];
	return 0;
}

static int fn_not(struct template_call *c, const struct json **out)
{
	return give_bool(c, !template_is_true(c->args[0]), out);
}

/* nil equals nil only; values of different types cannot be compared, as in Go. */
static int equal(struct template_call *c, size_t i, size_t k, bool *is_equal)
{
	const struct json *a = c->args[i], *b = c->args[k];

	*is_equal = json_equal(a, b);
	if (json_type(a) == json_type(b) || json_type(a) == JSON_NULL ||
	    json_type(b) == JSON_NULL)
		return 0;
	return complain(c, "the values are of different types");
}

static int fn_eq(struct template_call *c, const struct json **out)
{
	bool is_equal = false;

	for (size_t i = 1; i < c->n && !is_equal; i++) {
		int r = equal(c, 0, i, &is_equal);

		if (r < 0)
			return r;
	}
	return give_bool(c, is_equal, out);
}

static int fn_ne(struct template_call *c, const struct json **out)
{
	bool is_equal;
	int r = equal(c, 0, 1, &is_equal);

	return r < 0 ? r : give_bool(c, !is_equal, out);
}

static int fn_compare(struct template_call *c, const struct json **out)
{
	const struct json *a = c->args[0], *b = c->args[1];
	bool wants_less = c->name[0] == 'l', wants_equal = c->name[1] == 'e';
	double d;

	if (json_str(a) && json_str(b))
		d = strcmp(json_str(a), json_str(b));
	else if (json_is_integer(a) && json_is_integer(b))
		d = (json_int(a, 0) > json_int(b, 0)) - (json_int(a, 0) < json_int(b, 0));
	else if (json_is(a, JSON_NUMBER) && json_is(b, JSON_NUMBER))
		d = json_double(a, 0) - json_double(b, 0);
	else
		return complain(c, "two numbers or two texts are needed");
	return give_bool(c, d == 0 ? wants_equal : (d < 0) == wants_less, out);
}

/* How a function behaves while headings are made: its data are headings, not values. */
enum heading {
	HEADING_CALL,	/* as always: print and its kin lay out text */
	HEADING_PASS,	/* its first argument goes through */
};

static const struct function {
	const char *name;
	size_t min, max;
	enum heading heading;
	int (*fn)(struct template_call *c, const struct json **out);
} functions[] = {
	{ "and", 1, SIZE_MAX, HEADING_PASS, fn_and_or },
	{ "eq", 2, SIZE_MAX, HEADING_PASS, fn_eq },
	{ "ge", 2, 2, HEADING_PASS, fn_compare },
	{ "gt", 2, 2, HEADING_PASS, fn_compare },
	{ "html", 1, 1, HEADING_PASS, fn_html },
	{ "index", 1, SIZE_MAX, HEADING_PASS, fn_index },
	{ "join", 2, 2, HEADING_PASS, fn_join },
	{ "js", 1, 1, HEADING_PASS, fn_js },
	{ "json", 1, 1, HEADING_PASS, fn_json },
	{ "le", 2, 2, HEADING_PASS, fn_compare },
	{ "len", 1, 1, HEADING_PASS, fn_len },
	{ "lower", 1, 1, HEADING_PASS, fn_lower },
	{ "lt", 2, 2, HEADING_PASS, fn_compare },
	{ "ne", 2, 2, HEADING_PASS, fn_ne },
	{ "not", 1, 1, HEADING_PASS, fn_not },
	{ "or", 1, SIZE_MAX, HEADING_PASS, fn_and_or },
	{ "pad", 3, 3, HEADING_CALL, fn_pad },
	{ "print", 0, SIZE_MAX, HEADING_CALL, fn_print },
	{ "printf", 1, SIZE_MAX, HEADING_CALL, fn_printf },
	{ "println", 0, SIZE_MAX, HEADING_CALL, fn_print },
	{ "slice", 1, 3, HEADING_PASS, fn_slice },
	{ "split", 2, 2, HEADING_PASS, fn_split },
	{ "title", 1, 1, HEADING_PASS, fn_title },
	{ "truncate", 2, 2, HEADING_PASS, fn_truncate },
	{ "upper", 1, 1, HEADING_PASS, fn_upper },
	{ "urlquery", 1, 1, HEADING_PASS, fn_urlquery },
};

static const struct function *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (strcmp(functions[i].name, name) == 0)
			return &functions[i];
	return NULL;
}

bool template_has_function(const char *name)
{
	return find(name);
}

int template_call(struct template_call *c, const struct json **out)
{
	const struct function *f = find(c->name);

	if (c->n < f->min || c->n > f->max)
		return template_err(c->ev->t, c->at, c->ev->e, "%s: %s values are given", c->name,
				    c->n < f->min ? "too few" : "too many");
	if (c->ev->is_heading && f->heading == HEADING_PASS) {
		*out = c->args[0];
		return 0;
	}
	return f->fn(c, out);
}
