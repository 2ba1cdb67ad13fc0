/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "base/strv.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

void strv_clear(struct strv *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strv){ 0 };
}

void strv_add_take(struct strv *l, char *s)
{
	/* Grow at powers of two: capacity needs no field of its own. */
	if ((l->n & (l->n + 1)) == 0)
		l->v = xreallocarray(l->v, 2 * (l->n + 1), sizeof(*l->v));
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

void strv_add(struct strv *l, const char *s)
{
	strv_add_take(l, xstrdup(s));
}

void strv_addf(struct strv *l, const char *fmt, ...)
{
	struct str s = { 0 };
	va_list ap;

	va_start(ap, fmt);
	str_addv(&s, fmt, ap);
	va_end(ap);
	strv_add_take(l, str_steal(&s));
}

void strv_add_all(struct strv *l, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		strv_add(l, from->v[i]);
}

void strv_copy(struct strv *to, const struct strv *from)
{
	struct strv fresh = { 0 };

	strv_add_all(&fresh, from);
	strv_clear(to);
	*to = fresh;
}

bool strv_has(const struct strv *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], s) == 0)
			return true;
	return false;
}

void strv_remove_at(struct strv *l, size_t i)
{
	free(l->v[i]);
	memmove(l->v + i, l->v + i + 1, (l->n - i) * sizeof(*l->v));
	l->n--;
	/* The capacity rule of strv_add_take counts on a fresh block at n = 2^k - 1. */
	l->v = xreallocarray(l->v, 2 * (l->n + 1), sizeof(*l->v));
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(struct strv *l)
{
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), compare);
}

void strv_split(struct strv *l, const char *s, char sep)
{
	if (!*s)
		return;
	for (;;) {
		const char *end = strchrnul(s, sep);

		strv_add_take(l, xstrndup(s, end - s));
		if (!*end)
			return;
		s = end + 1;
	}
}

char *strv_join(const struct strv *l, const char *sep)
{
	struct str s = { 0 };

	for (size_t i = 0; i < l->n; i++) {
		if (i)
			str_add(&s, sep);
		str_add(&s, l->v[i]);
	}
	return str_steal(&s);
}

/* One field of a CSV line behind *p, which moves to the ',' or the end. */
static int csv_field(const char **p, struct str *out)
{
	if (**p != '"') {
		size_t n = strcspn(*p, ",");

		str_addn(out, *p, n);
		*p += n;
		return 0;
	}
	for ((*p)++; **p; (*p)++) {
		if (**p != '"') {
			str_addc(out, **p);
		} else if ((*p)[1] == '"') {
			str_addc(out, '"');
			(*p)++;
		} else {
			(*p)++;
			return **p && **p != ',' ? -EINVAL : 0;
		}
	}
	return -EINVAL;
}

int strv_csv(struct strv *l, const char *s)
{
	auto_of(strv_clear) struct strv fields = { 0 };

	for (const char *p = s; *s; p++) {
		auto_of(str_clear) struct str one = { 0 };

		if (csv_field(&p, &one) < 0)
			return -EINVAL;
		strv_add(&fields, str_peek(&one));
		if (!*p)
			break;
	}
	strv_add_all(l, &fields);
	return 0;
}

char *strv_csv_join(const struct strv *l)
{
	struct str s = { 0 };

	for (size_t i = 0; i < l->n; i++) {
		bool is_quoted = strpbrk(l->v[i], ",\"\n");

		str_add(&s, i ? "," : "");
		str_add(&s, is_quoted ? "\"" : "");
		for (const char *p = l->v[i]; *p; p++) {
			if (*p == '"')
				str_addc(&s, '"');
			str_addc(&s, *p);
		}
		str_add(&s, is_quoted ? "\"" : "");
	}
	return str_steal(&s);
}

char *const *strv_vec(const struct strv *l)
{
	static char *const none[] = { NULL };

	return l->v ? l->v : none;
}

static size_t env_find(const struct strv *l, const char *key, size_t key_len)
{
	for (size_t i = 0; i < l->n; i++)
		if (strncmp(l->v[i], key, key_len) == 0 && l->v[i][key_len] == '=')
			return i;
	return l->n;
}

const char *strv_env_get(const struct strv *l, const char *key)
{
	size_t len = strlen(key), i = env_find(l, key, len);

	return i < l->n ? l->v[i] + len + 1 : NULL;
}

void strv_env_set(struct strv *l, const char *key, const char *value)
{
	autofree char *kv = xasprintf("%s=%s", key, value);

	strv_env_put(l, kv);
}

void strv_env_put(struct strv *l, const char *key_value)
{
	size_t i = env_find(l, key_value, strchrnul(key_value, '=') - key_value);

	if (i < l->n) {
		free(l->v[i]);
		l->v[i] = xstrdup(key_value);
	} else {
		strv_add(l, key_value);
	}
}

void strv_env_unset(struct strv *l, const char *key)
{
	size_t i = env_find(l, key, strlen(key));

	if (i < l->n)
		strv_remove_at(l, i);
}
