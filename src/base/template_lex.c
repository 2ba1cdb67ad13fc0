/* SPDX-License-Identifier: Apache-2.0 */
#include "base/template_lex.h"

#include "base/units.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void *template_own(struct template_parser *p, void *block)
{
	struct template *t = p->t;

	/* Grow at powers of two. */
	if ((t->n_blocks & (t->n_blocks - 1)) == 0)
		t->blocks = xreallocarray(t->blocks, t->n_blocks ? 2 * t->n_blocks : 1,
					  sizeof(*t->blocks));
	return t->blocks[t->n_blocks++] = block;
}

const struct json *template_own_const(struct template_parser *p, struct json *j)
{
	json_add(p->t->consts, j);
	return j;
}

int template_err(const struct template *t, size_t at, struct err *e, const char *fmt, ...)
{
	size_t line = 1, column = 1;
	char what[400];
	va_list ap;

	for (size_t i = 0; i < at && t->text[i]; i++) {
		column = t->text[i] == '\n' ? 1 : column + 1;
		line += t->text[i] == '\n';
	}
	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(e, EINVAL, "template:%zu:%zu: %s", line, column, what);
}

int template_fail(struct template_parser *p, size_t at, const char *what)
{
	return template_err(p->t, at, p->e, "%s", what);
}

bool template_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || (unsigned char)c >= 0x80;
}

static const char *take_word(struct template_parser *p)
{
	size_t from = p->at;

	while (is_word(p->t->text[p->at]))
		p->at++;
	return template_own(p, xstrndup(p->t->text + from, p->at - from));
}

/* One escape behind a backslash; *s moves behind it. Go's set. */
static int take_escape(const char **s, struct str *out)
{
	static const char letters[] = "abfnrtv\\\"'", values[] = "\a\b\f\n\r\t\v\\\"'";
	const char *at = **s ? strchr(letters, **s) : NULL;
	unsigned int code = 0, digits, base = 16;

	if (at) {
		str_addc(out, values[at - letters]);
		(*s)++;
		return 0;
	}
	switch (**s) {
	case 'x': digits = 2; break;
	case 'u': digits = 4; break;
	case 'U': digits = 8; break;
	default: digits = 3; base = 8;
	}
	if (base == 16)
		(*s)++;
	for (unsigned int i = 0; i < digits; i++, (*s)++) {
		const char *all = "0123456789abcdef";
		const char *digit = **s ? strchr(all, **s >= 'A' && **s <= 'F' ? **s | 0x20 : **s)
					: NULL;

		if (!digit || digit - all >= (int)base)
			return -EINVAL;
		code = code * base + (digit - all);
	}
	/* Strings here end at NUL, and JSON has no byte that is no character. */
	if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return -EINVAL;
	str_add_utf8(out, code);
	return 0;
}

static int take_string(struct template_parser *p, char quote)
{
	const char *s = p->t->text + p->at + 1;
	auto_of(str_clear) struct str text = { 0 };

	for (; *s != quote; ) {
		if (!*s || (*s == '\n' && quote != '`'))
			return template_fail(p, p->at, "the string has no end");
		if (*s == '\\' && quote != '`') {
			s++;
			if (take_escape(&s, &text) < 0)
				return template_fail(p, s - p->t->text, "unknown escape");
		} else {
			str_addc(&text, *s++);
		}
	}
	p->at = s + 1 - p->t->text;
	p->tok.kind = TOKEN_CONST;
	p->tok.value = template_own_const(p, json_new_string(str_peek(&text)));
	return 0;
}

/* 'x' is the number of the character, as in Go. */
static int take_char(struct template_parser *p)
{
	size_t at = p->at;
	const unsigned char *s;
	int64_t code;
	int r;

	r = take_string(p, '\'');
	if (r < 0)
		return r;
	s = (const unsigned char *)json_str(p->tok.value);
	if (s[0] < 0x80 && s[0] && !s[1])
		code = s[0];
	else if (s[0] >= 0xc0 && s[0] < 0xe0 && s[1] && !s[2])
		code = (s[0] & 0x1f) << 6 | (s[1] & 0x3f);
	else if (s[0] >= 0xe0 && s[0] < 0xf0 && s[1] && s[2] && !s[3])
		code = (s[0] & 0x0f) << 12 | (s[1] & 0x3f) << 6 | (s[2] & 0x3f);
	else
		return template_fail(p, at, "a character constant holds one character");
	p->tok.value = template_own_const(p, json_new_int(code));
	return 0;
}

static int take_number(struct template_parser *p)
{
	const char *from = p->t->text + p->at;
	size_t len = strspn(from, "+-");
	autofree char *text = NULL;
	char *end;
	int64_t n;
	double d;

	while (is_word(from[len]) || from[len] == '.' ||
	       ((from[len] == '+' || from[len] == '-') && (from[len - 1] | 0x20) == 'e'))
		len++;
	text = xstrndup(from, len);
	p->tok.kind = TOKEN_CONST;
	if (units_parse_int(text, &n) == 0) {
		p->tok.value = template_own_const(p, json_new_int(n));
	} else if (strncasecmp(text, "0x", 2) == 0) {
		errno = 0;
		n = strtoll(text, &end, 16);
		if (errno || *end || end == text + 2)
			return template_fail(p, p->at, "bad number");
		p->tok.value = template_own_const(p, json_new_int(n));
	} else if (units_parse_double(text, &d) == 0) {
		p->tok.value = template_own_const(p, json_new_double(d));
	} else {
		return template_fail(p, p->at, "bad number");
	}
	p->at += len;
	return 0;
}

static int take_named(struct template_parser *p, enum template_token_kind kind)
{
	p->tok.kind = kind;
	p->tok.name = take_word(p);
	return 0;
}

static int take_sign(struct template_parser *p, enum template_token_kind kind, size_t len)
{
	p->tok.kind = kind;
	p->at += len;
	return 0;
}

/* Reads the next token of an action into p->tok. */
int template_next(struct template_parser *p)
{
	const char *s = p->t->text;
	char c;

	p->tok = (struct template_token){ .is_spaced = template_is_space(s[p->at]) };
	while (template_is_space(s[p->at]))
		p->at++;
	p->tok.at = p->at;
	c = s[p->at];
	if (c == '}' && s[p->at + 1] == '}')
		return take_sign(p, TOKEN_CLOSE, 2);
	if (p->tok.is_spaced && strncmp(s + p->at, "-}}", 3) == 0) {
		p->trim = true;
		return take_sign(p, TOKEN_CLOSE, 3);
	}
	switch (c) {
	case 0: return template_fail(p, p->at, "the action is not closed: }} is missing");
	case '|': return take_sign(p, TOKEN_PIPE, 1);
	case '(': return take_sign(p, TOKEN_LEFT, 1);
	case ')': return take_sign(p, TOKEN_RIGHT, 1);
	case ',': return take_sign(p, TOKEN_COMMA, 1);
	case '=': return take_sign(p, TOKEN_ASSIGN, 1);
	case '"': case '`': return take_string(p, c);
	case '\'': return take_char(p);
	case ':':
		if (s[p->at + 1] == '=')
			return take_sign(p, TOKEN_DECLARE, 2);
		break;
	case '$':
		p->at++;
		return take_named(p, TOKEN_VARIABLE);
	case '.':
		if (s[p->at + 1] >= '0' && s[p->at + 1] <= '9')
			return take_number(p);
		p->at++;
		return is_word(s[p->at]) ? take_named(p, TOKEN_FIELD)
					 : take_sign(p, TOKEN_DOT, 0);
	default:
		if ((c >= '0' && c <= '9') || c == '+' || c == '-')
			return take_number(p);
		if (is_word(c))
			return take_named(p, TOKEN_WORD);
	}
	return template_err(p->t, p->at, p->e, "unexpected '%c'", c);
}

int template_expect(struct template_parser *p, enum template_token_kind kind, const char *what)
{
	return p->tok.kind == kind ? 0 : template_fail(p, p->tok.at, what);
}
