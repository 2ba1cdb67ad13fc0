/* SPDX-License-Identifier: Apache-2.0 */
/* json: a tree of values, read with yajl and written by us. Members keep their order.
 *
 * Runs in:  any process.
 * Owns:     a tree owns its children: json_free(root). json_set and json_add take their value.
 * Needs:    yajl.
 * Fails:    json_parse: EINVAL with line and reason; deeper than 128 levels is EINVAL too.
 * Not here: what members mean (each record's own file).
 * Source:   RFC 8259. Duplicate members: the last one counts.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/strv.h"

#include <stdint.h>

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json;

int json_parse(struct json **out, const char *text, size_t len, struct err *e);
int json_load_at(struct json **out, int dirfd, const char *path, struct err *e);
/* One of our own records: a regular file that appeared whole. only: names of the members that are wanted,
 * at every level, up to a NULL; behind the last of them nothing is read. NULL for all. -ENODATA: it is empty,
 * as what was written without fsync may be after a power loss. */
int json_load_record_at(struct json **out, int dirfd, const char *path, const char *const *only,
			struct err *e);
void json_free(struct json *j);
DEFINE_AUTO(struct json, json_free)

/* Reading. Every call accepts NULL and the wrong type: lookups then give NULL or the default. */
enum json_type json_type(const struct json *j);			/* NULL: JSON_NULL */
bool json_is(const struct json *j, enum json_type type);	/* false for NULL */
const struct json *json_get(const struct json *obj, const char *key);
/* "K=V": a member K with that text; "K": one with any text. */
bool json_has_pair(const struct json *obj, const char *pair);
const struct json *json_path(const struct json *obj, const char *dotted);	/* "config.Env" */
const char *json_str(const struct json *j);			/* NULL when no string */
const char *json_get_str(const struct json *obj, const char *key);
int64_t json_int(const struct json *j, int64_t otherwise);
uint64_t json_uint(const struct json *j, uint64_t otherwise);	/* also above 2^63 */
double json_double(const struct json *j, double otherwise);
bool json_is_integer(const struct json *j);
int64_t json_get_int(const struct json *obj, const char *key, int64_t otherwise);
bool json_bool(const struct json *j, bool otherwise);
bool json_get_bool(const struct json *obj, const char *key, bool otherwise);
size_t json_len(const struct json *j);				/* elements or members */
size_t json_members(const struct json *j);			/* of an object; else 0 */
const struct json *json_at(const struct json *j, size_t i);	/* element or member value */
const char *json_key_at(const struct json *obj, size_t i);
struct json *json_edit(struct json *obj, const char *key);	/* a member, to change it */
struct json *json_edit_at(struct json *arr, size_t i);
void json_get_strv(const struct json *obj, const char *key, struct strv *out);	/* appends */
char *json_join(const struct json *texts, const char *sep);	/* the strings of a list; owned */

/* Making. */
struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_string(const char *s);			/* NULL: a JSON null */
struct json *json_new_time(const char *rfc3339);		/* a string; for templates a point in time */
bool json_is_time(const struct json *j);
struct json *json_new_int(int64_t n);
struct json *json_new_uint(uint64_t n);
struct json *json_new_double(double d);
struct json *json_new_bool(bool b);
struct json *json_new_null(void);
struct json *json_new_strv(const struct strv *l);
struct json *json_new_pairs(const struct strv *l);		/* "K=V" to members; "K" is "" */
struct json *json_copy(const struct json *j);
void json_set(struct json *obj, const char *key, struct json *value_taken);	/* replaces */
/* Of a key that obj does not have yet: it is not looked for, which counts where there are thousands. */
void json_set_new(struct json *obj, const char *key, struct json *value_taken);
void json_set_str(struct json *obj, const char *key, const char *s);
void json_set_str_take(struct json *obj, const char *key, char *s);
void json_set_int(struct json *obj, const char *key, int64_t n);
void json_set_bool(struct json *obj, const char *key, bool b);
void json_set_strv(struct json *obj, const char *key, const struct strv *l);
void json_add(struct json *arr, struct json *value_taken);
void json_add_str(struct json *arr, const char *s);
/* The element at order[i] comes to i; order holds each index once. */
void json_reorder(struct json *arr, const size_t *order);
void json_remove(struct json *obj, const char *key);
bool json_equal(const struct json *a, const struct json *b);

/* Writing: compact, or indented by indent spaces a level (0: compact). No trailing newline. */
void json_write(struct str *out, const struct json *j, unsigned int indent);
void json_write_string(struct str *out, const char *s);		/* quoted and escaped */
