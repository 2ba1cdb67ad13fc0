/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/json_priv.h"
#include "base/units.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct json *json_new_text(enum json_type type, const char *text, size_t len)
{
	struct json *j = xmalloc(sizeof(*j) + len + 1);

	*j = (struct json){ .type = type };
	memcpy(j->text, text, len);
	j->text[len] = 0;
	return j;
}

struct json *json_new_type(enum json_type type)
{
	return json_new_text(type, "", 0);
}

void json_append(struct json *j, char *key_taken, struct json *value_taken)
{
	if (j->n == j->cap) {
		j->cap = j->cap ? 2 * j->cap : 8;
		j->items = xreallocarray(j->items, j->cap, sizeof(*j->items));
		if (j->type == JSON_OBJECT)
			j->keys = xreallocarray(j->keys, j->cap, sizeof(*j->keys));
	}
	if (j->type == JSON_OBJECT)
		j->keys[j->n] = key_taken;
	j->items[j->n++] = value_taken;
}

void json_free(struct json *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < j->n; i++) {
		json_free(j->items[i]);
		if (j->keys)
			free(j->keys[i]);
	}
	free(j->items);
	free(j->keys);
	free(j);
}

/* Reading. */

enum json_type json_type(const struct json *j)
{
	return j ? j->type : JSON_NULL;
}

bool json_is(const struct json *j, enum json_type type)
{
	return j && j->type == type;
}

/* The index of a member, or j->n. */
static size_t find(const struct json *j, const char *key)
{
	size_t i = 0;

	while (i < j->n && (*j->keys[i] != *key || strcmp(j->keys[i], key) != 0))
		i++;
	return i;
}

struct json *json_edit(struct json *obj, const char *key)
{
	size_t i;

	if (!json_is(obj, JSON_OBJECT))
		return NULL;
	i = find(obj, key);
	return i < obj->n ? obj->items[i] : NULL;
}

const struct json *json_get(const struct json *obj, const char *key)
{
	return json_edit((struct json *)obj, key);
}

const struct json *json_path(const struct json *obj, const char *dotted)
{
	auto_of(strv_clear) struct strv parts = { 0 };

	strv_split(&parts, dotted, '.');
	for (size_t i = 0; i < parts.n && obj; i++)
		obj = json_get(obj, parts.v[i]);
	return obj;
}

const char *json_str(const struct json *j)
{
	return json_is(j, JSON_STRING) ? j->text : NULL;
}

const char *json_get_str(const struct json *obj, const char *key)
{
	return json_str(json_get(obj, key));
}

bool json_is_integer(const struct json *j)
{
	int64_t n;

	return json_is(j, JSON_NUMBER) && units_parse_int(j->text, &n) == 0;
}

int64_t json_int(const struct json *j, int64_t otherwise)
{
	int64_t n;
	double d;

	if (!json_is(j, JSON_NUMBER))
		return otherwise;
	if (units_parse_int(j->text, &n) == 0)
		return n;
	/* "1e3" and "2.0" are integers to JSON. 2^63 is the first double that does not fit. */
	d = json_double(j, NAN);
	if (d >= -0x1p63 && d < 0x1p63 && d == (double)(int64_t)d)
		return (int64_t)d;
	return otherwise;
}

uint64_t json_uint(const struct json *j, uint64_t otherwise)
{
	uint64_t n;

	if (!json_is(j, JSON_NUMBER))
		return otherwise;
	if (units_parse_uint(j->text, &n) == 0)
		return n;
	return json_int(j, -1) < 0 ? otherwise : (uint64_t)json_int(j, -1);
}

double json_double(const struct json *j, double otherwise)
{
	double d;

	if (json_is(j, JSON_NUMBER) && units_parse_double(j->text, &d) == 0)
		return d;
	return otherwise;
}

int64_t json_get_int(const struct json *obj, const char *key, int64_t otherwise)
{
	return json_int(json_get(obj, key), otherwise);
}

bool json_bool(const struct json *j, bool otherwise)
{
	return json_is(j, JSON_BOOL) ? j->is_true : otherwise;
}

bool json_get_bool(const struct json *obj, const char *key, bool otherwise)
{
	return json_bool(json_get(obj, key), otherwise);
}

size_t json_len(const struct json *j)
{
	return j ? j->n : 0;
}

struct json *json_edit_at(struct json *arr, size_t i)
{
	return arr && i < arr->n ? arr->items[i] : NULL;
}

const struct json *json_at(const struct json *j, size_t i)
{
	return json_edit_at((struct json *)j, i);
}

size_t json_members(const struct json *j)
{
	return json_is(j, JSON_OBJECT) ? j->n : 0;
}

const char *json_key_at(const struct json *obj, size_t i)
{
	return json_is(obj, JSON_OBJECT) && i < obj->n ? obj->keys[i] : NULL;
}

void json_get_strv(const struct json *obj, const char *key, struct strv *out)
{
	const struct json *arr = json_get(obj, key);

	if (!json_is(arr, JSON_ARRAY))
		return;
	for (size_t i = 0; i < arr->n; i++)
		if (json_str(arr->items[i]))
			strv_add(out, arr->items[i]->text);
}

bool json_has_pair(const struct json *obj, const char *pair)
{
	const char *eq = strchrnul(pair, '=');
	autofree char *key = xstrndup(pair, eq - pair);
	const char *value = json_get_str(obj, key);

	return value && (!*eq || str_eq(value, eq + 1));
}

char *json_join(const struct json *texts, const char *sep)
{
	struct str s = { 0 };

	for (size_t i = 0; i < json_len(texts); i++)
		str_addf(&s, "%s%s", i ? sep : "", json_str(json_at(texts, i)));
	return str_steal(&s);
}

/* Making. */

struct json *json_new_object(void)
{
	return json_new_type(JSON_OBJECT);
}

struct json *json_new_array(void)
{
	return json_new_type(JSON_ARRAY);
}

struct json *json_new_null(void)
{
	return json_new_type(JSON_NULL);
}

struct json *json_new_string(const char *s)
{
	return s ? json_new_text(JSON_STRING, s, strlen(s)) : json_new_null();
}

struct json *json_new_time(const char *rfc3339)
{
	struct json *j = json_new_string(rfc3339);

	j->is_true = j->type == JSON_STRING;
	return j;
}

bool json_is_time(const struct json *j)
{
	return j && j->type == JSON_STRING && j->is_true;
}

struct json *json_new_bool(bool b)
{
	struct json *j = json_new_type(JSON_BOOL);

	j->is_true = b;
	return j;
}

struct json *json_new_int(int64_t n)
{
	char digits[24];

	return json_new_text(JSON_NUMBER, digits, snprintf(digits, sizeof(digits), "%" PRId64, n));
}

struct json *json_new_uint(uint64_t n)
{
	char digits[24];

	return json_new_text(JSON_NUMBER, digits, snprintf(digits, sizeof(digits), "%" PRIu64, n));
}

struct json *json_new_double(double d)
{
	char text[32];

	if (!isfinite(d))
		return json_new_null();
	/* The shortest text that reads back as the same number. */
	for (int digits = 15; digits <= 17; digits++) {
		double back;

		snprintf(text, sizeof(text), "%.*g", digits, d);
		if (strchr(text, ','))
			*strchr(text, ',') = '.';
		if (units_parse_double(text, &back) == 0 && back == d)
			break;
	}
	return json_new_text(JSON_NUMBER, text, strlen(text));
}

struct json *json_new_strv(const struct strv *l)
{
	struct json *j = json_new_array();

	for (size_t i = 0; i < l->n; i++)
		json_add_str(j, l->v[i]);
	return j;
}

struct json *json_copy(const struct json *j)
{
	struct json *copy;

	if (!j)
		return NULL;
	copy = json_new_text(j->type, j->text, strlen(j->text));
	copy->is_true = j->is_true;
	for (size_t i = 0; i < j->n; i++)
		json_append(copy, j->keys ? xstrdup(j->keys[i]) : NULL, json_copy(j->items[i]));
	return copy;
}

void json_set(struct json *obj, const char *key, struct json *value_taken)
{
	size_t i;

	assert(json_is(obj, JSON_OBJECT) && value_taken);
	i = find(obj, key);
	if (i < obj->n) {
		json_free(obj->items[i]);
		obj->items[i] = value_taken;
	} else {
		json_append(obj, xstrdup(key), value_taken);
	}
}

void json_set_new(struct json *obj, const char *key, struct json *value_taken)
{
	assert(json_is(obj, JSON_OBJECT) && value_taken);
	json_append(obj, xstrdup(key), value_taken);
}

void json_set_str(struct json *obj, const char *key, const char *s)
{
	json_set(obj, key, json_new_string(s));
}

void json_set_str_take(struct json *obj, const char *key, char *s)
{
	json_set_str(obj, key, s);
	free(s);
}

void json_set_int(struct json *obj, const char *key, int64_t n)
{
	json_set(obj, key, json_new_int(n));
}

void json_set_bool(struct json *obj, const char *key, bool b)
{
	json_set(obj, key, json_new_bool(b));
}

void json_set_strv(struct json *obj, const char *key, const struct strv *l)
{
	json_set(obj, key, json_new_strv(l));
}

void json_add(struct json *arr, struct json *value_taken)
{
	assert(json_is(arr, JSON_ARRAY) && value_taken);
	json_append(arr, NULL, value_taken);
}

void json_add_str(struct json *arr, const char *s)
{
	json_add(arr, json_new_string(s));
}

void json_reorder(struct json *arr, const size_t *order)
{
	autofree struct json **items = xcalloc(arr->n, sizeof(*items));

	assert(json_is(arr, JSON_ARRAY));
	for (size_t i = 0; i < arr->n; i++)
		items[i] = arr->items[order[i]];
	if (arr->n)
		memcpy(arr->items, items, arr->n * sizeof(*items));
}

void json_remove(struct json *obj, const char *key)
{
	size_t i;

	if (!json_is(obj, JSON_OBJECT))
		return;
	i = find(obj, key);
	if (i == obj->n)
		return;
	json_free(obj->items[i]);
	free(obj->keys[i]);
	obj->n--;
	memmove(obj->items + i, obj->items + i + 1, (obj->n - i) * sizeof(*obj->items));
	memmove(obj->keys + i, obj->keys + i + 1, (obj->n - i) * sizeof(*obj->keys));
}

static bool equal_numbers(const struct json *a, const struct json *b)
{
	if (strcmp(a->text, b->text) == 0)
		return true;
	/* Two spellings: integers as such, they may not survive the way through a double. */
	if (json_is_integer(a) && json_is_integer(b))
		return json_int(a, 0) == json_int(b, 0);
	return json_double(a, 0) == json_double(b, 1);
}

bool json_equal(const struct json *a, const struct json *b)
{
	if (json_type(a) != json_type(b) || json_len(a) != json_len(b))
		return false;
	switch (json_type(a)) {
	case JSON_NULL:
		return true;
	case JSON_BOOL:
		return a->is_true == b->is_true;
	case JSON_NUMBER:
		return equal_numbers(a, b);
	case JSON_STRING:
		return strcmp(a->text, b->text) == 0;
	case JSON_ARRAY:
		for (size_t i = 0; i < a->n; i++)
			if (!json_equal(a->items[i], b->items[i]))
				return false;
		return true;
	case JSON_OBJECT:
		/* The order of members means nothing; names are unique and the counts agree. */
		for (size_t i = 0; i < a->n; i++) {
			const struct json *other = json_get(b, a->keys[i]);

			if (!other || !json_equal(a->items[i], other))
				return false;
		}
		return true;
	}
	return false;
}
