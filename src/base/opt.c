/* SPDX-License-Identifier: Apache-2.0 */
#include "base/opt.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 48	/* longest option name that is compared for "did you mean" */

/* An option and the struct its offset counts from. */
struct found {
	const struct opt *o;
	void *base;
};

static void *field(const struct opt *o, void *base)
{
	return (char *)base + o->offset;
}

/* By name (len bytes) or, when name is NULL, by letter. */
static bool search(const struct opt *table, void *base, const char *name, size_t len, char letter,
		   struct found *out)
{
	for (const struct opt *o = table; o && o->kind != OPT_KIND_END; o++) {
		if (o->kind == OPT_KIND_GROUP) {
			if (search(o->detail, field(o, base), name, len, letter, out))
				return true;
			continue;
		}
		if (name ? !o->name || strlen(o->name) != len || memcmp(o->name, name, len) != 0
			 : o->letter != letter)
			continue;
		*out = (struct found){ o, base };
		return true;
	}
	return false;
}

/* The option an alias stands for; the alias itself stays in messages only. */
static bool search_target(const struct opt *table, void *base, const char *name, size_t len,
			  char letter, struct found *out)
{
	if (!search(table, base, name, len, letter, out))
		return false;
	if (out->o->kind == OPT_KIND_ALIAS) {
		const char *target = out->o->detail;
		bool there = search(table, base, target, strlen(target), 0, out);

		assert(there && out->o->kind != OPT_KIND_ALIAS);
		(void)there;
	}
	return true;
}

const struct opt *opt_find(const struct opt *table, const char *name)
{
	char no_args;
	struct found f;

	return search_target(table, &no_args, name, strlen(name), 0, &f) ? f.o : NULL;
}

const struct opt *opt_find_letter(const struct opt *table, char letter)
{
	char no_args;
	struct found f;

	return search_target(table, &no_args, NULL, 0, letter, &f) ? f.o : NULL;
}

void opt_each(const struct opt *table, void (*fn)(const struct opt *o, void *arg), void *arg)
{
	for (const struct opt *o = table; o && o->kind != OPT_KIND_END; o++) {
		if (o->kind == OPT_KIND_GROUP)
			opt_each(o->detail, fn, arg);
		else
			fn(o, arg);
	}
}

void opt_defaults(const struct opt *table, void *args)
{
	for (const struct opt *o = table; o && o->kind != OPT_KIND_END; o++) {
		if (o->kind == OPT_KIND_GROUP)
			opt_defaults(o->detail, field(o, args));
		else if (o->kind == OPT_KIND_TRISTATE)
			*(int *)field(o, args) = -1;
	}
}

void opt_clear(const struct opt *table, void *args)
{
	for (const struct opt *o = table; o && o->kind != OPT_KIND_END; o++) {
		switch (o->kind) {
		case OPT_KIND_GROUP:
			opt_clear(o->detail, field(o, args));
			break;
		case OPT_KIND_STR:
			free(steal_ptr((char **)field(o, args)));
			break;
		case OPT_KIND_LIST:
		case OPT_KIND_CSV:
			strv_clear(field(o, args));
			break;
		default:
			break;
		}
	}
}

/* "--name", or "-x" for an option without a name. */
static const char *spelling(const struct opt *o, char buf[80])
{
	if (o->name)
		snprintf(buf, 80, "--%s", o->name);
	else
		snprintf(buf, 80, "-%c", o->letter);
	return buf;
}

static int bad_value(const struct opt *o, const char *value, const char *accepted, struct err *e)
{
	char name[80];

	return err_set(e, ERR_USAGE, "invalid value '%s' for %s: %s is needed", value,
		       spelling(o, name), accepted);
}

static int set_bool(const struct opt *o, const char *value, void *base, struct err *e)
{
	int b;

	if (units_parse_bool(value, &b) < 0)
		return bad_value(o, value, "true or false", e);
	if (o->kind == OPT_KIND_TRISTATE)
		*(int *)field(o, base) = b;
	else
		*(bool *)field(o, base) = b;
	return 0;
}

static int set_csv(const struct opt *o, const char *value, void *base, struct err *e)
{
	return strv_csv(field(o, base), value) < 0 ? bad_value(o, value, "a list with closed quotes", e) : 0;
}

static int set_number(const struct opt *o, const char *value, void *base, struct err *e)
{
	void *to = field(o, base);

	switch (o->kind) {
	case OPT_KIND_INT:
		if (units_parse_int(value, to) < 0)
			return bad_value(o, value, "a whole number", e);
		return 0;
	case OPT_KIND_UINT:
		if (units_parse_uint(value, to) < 0)
			return bad_value(o, value, "a whole number from 0 up", e);
		return 0;
	case OPT_KIND_DOUBLE:
		if (units_parse_double(value, to) < 0)
			return bad_value(o, value, "a number", e);
		return 0;
	case OPT_KIND_BYTES:
		if (units_parse_bytes(value, to) < 0)
			return bad_value(o, value, "a size such as 512k, 64m or 1.5g", e);
		return 0;
	default:
		if (time_duration_parse(value, true, to) < 0)
			return bad_value(o, value, "a duration such as 500ms, 30s or 1m30s", e);
		return 0;
	}
}

static int call_fn(const struct opt *o, const char *value, void *base, struct err *e)
{
	char name[80];
	int r = o->fn(base, o, value, e);

	if (r >= 0)
		return 0;
	return strstr(e->msg, spelling(o, name)) ? r : err_wrap(e, "%s", name);
}

static int set(const struct found *f, const char *value, struct err *e)
{
	const struct opt *o = f->o;

	switch (o->kind) {
	case OPT_KIND_FLAG:
	case OPT_KIND_TRISTATE:
		return set_bool(o, value, f->base, e);
	case OPT_KIND_STR:
		xreplace(field(o, f->base), value);
		return 0;
	case OPT_KIND_LIST:
		strv_add(field(o, f->base), value);
		return 0;
	case OPT_KIND_CSV:
		return set_csv(o, value, f->base, e);
	case OPT_KIND_FN:
		return call_fn(o, value, f->base, e);
	default:
		return set_number(o, value, f->base, e);
	}
}

/* Known options that are refused, before anything is said about their value. */
static int refuse(const struct opt *o, struct err *e)
{
	const char *why = o->detail;
	char name[80];

	if (o->kind == OPT_KIND_LATER)
		return err_set(e, ERR_UNSUPPORTED, "%s is not supported yet%s%s", spelling(o, name),
			       why ? ": " : "", why ? why : "");
	if (o->kind == OPT_KIND_NEVER)
		return err_set(e, ERR_UNSUPPORTED, "%s is refused%s%s",
			       spelling(o, name), why ? ": " : "", why ? why : "");
	return 0;
}

/* The value an option has when it stands alone; NULL: it needs one. */
static const char *value_alone(const struct opt *o)
{
	return o->kind == OPT_KIND_FLAG || o->kind == OPT_KIND_TRISTATE ? "true" : NULL;
}

bool opt_needs_value(const struct opt *o)
{
	return !value_alone(o);
}

struct parse {
	const struct opt *table;
	void *args;
	int argc, at;
	char *const *argv;
};

static int next_value(struct parse *p, const struct opt *o, const char **value, struct err *e)
{
	char name[80];

	if (p->at == p->argc)
		return err_set(e, ERR_USAGE, "%s needs a value%s%s", spelling(o, name),
			       o->arg ? ": " : "", o->arg ? o->arg : "");
	*value = p->argv[p->at++];
	return 0;
}

/* Levenshtein distance, one row at a time. */
static size_t distance(const char *a, size_t a_len, const char *b)
{
	size_t row[NAME_MAX_LEN + 1], b_len = strlen(b);

	for (size_t k = 0; k <= b_len; k++)
		row[k] = k;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= b_len; k++) {
			size_t best = diagonal + (a[i - 1] != b[k - 1]);

			diagonal = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
		}
	}
	return row[b_len];
}

struct nearest {
	const char *name;	/* borrowed: what was typed */
	size_t len, best;
	const struct opt *o;
};

static void compare_name(const struct opt *o, void *arg)
{
	struct nearest *n = arg;
	size_t d;

	if (!o->name || strlen(o->name) > NAME_MAX_LEN || o->kind == OPT_KIND_LATER ||
	    o->kind == OPT_KIND_NEVER)
		return;
	d = distance(n->name, n->len, o->name);
	if (d < n->best) {
		n->best = d;
		n->o = o;
	}
}

static int unknown(const struct parse *p, const char *name, size_t len, struct err *e)
{
	/* A third of the letters wrong is a guess, not a slip. */
	struct nearest n = { name, len, len / 3 + 1, NULL };

	if (len <= NAME_MAX_LEN)
		opt_each(p->table, compare_name, &n);
	if (n.o)
		return err_set(e, ERR_USAGE, "unknown option '--%.*s', did you mean --%s?",
			       (int)len, name, n.o->name);
	return err_set(e, ERR_USAGE, "unknown option '--%.*s'", len < 200 ? (int)len : 200, name);
}

static int parse_long(struct parse *p, const char *word, struct err *e)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;
	struct found f;
	int r;

	if (len == 0 || !search_target(p->table, p->args, word, len, 0, &f))
		return unknown(p, word, len, e);
	r = refuse(f.o, e);
	if (r < 0)
		return r;
	if (!value)
		value = value_alone(f.o);
	if (!value) {
		r = next_value(p, f.o, &value, e);
		if (r < 0)
			return r;
	}
	return set(&f, value, e);
}

/* "xyz" of "-xyz": letters until one takes the rest, or the next word, as its value. */
static int parse_letters(struct parse *p, const char *word, struct err *e)
{
	const char *letters = word;

	while (*letters) {
		const char *value = NULL;
		struct found f;
		int r;

		if (!search_target(p->table, p->args, NULL, 0, *letters, &f))
			return err_set(e, ERR_USAGE, "unknown option '-%c' in '-%s'", *letters,
				       word);
		r = refuse(f.o, e);
		if (r < 0)
			return r;
		letters++;
		if (*letters == '=') {
			value = letters + 1;
			letters = "";
		} else if (value_alone(f.o)) {
			value = value_alone(f.o);
		} else if (*letters) {
			value = letters;
			letters = "";
		} else {
			r = next_value(p, f.o, &value, e);
			if (r < 0)
				return r;
		}
		r = set(&f, value, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int opt_parse(const struct opt *table, void *args, int argc, char *const *argv, unsigned int mode,
	      struct strv *rest, struct err *e)
{
	struct parse p = { .table = table, .args = args, .argc = argc, .argv = argv };

	while (p.at < argc) {
		const char *word = argv[p.at];
		int r;

		if (word[0] != '-' || !word[1]) {
			if (mode & OPT_STOP_AT_ARG)
				break;
			strv_add(rest, word);
			p.at++;
			continue;
		}
		p.at++;
		if (strcmp(word, "--") == 0)
			break;
		r = word[1] == '-' ? parse_long(&p, word + 2, e) : parse_letters(&p, word + 1, e);
		if (r < 0)
			return r;
	}
	for (; p.at < argc; p.at++)
		strv_add(rest, argv[p.at]);
	return 0;
}
