/* SPDX-License-Identifier: Apache-2.0 */
/* json_priv: what a JSON value looks like in memory, for json*.c only.
 *
 * Runs in:  any process.
 * Owns:     see struct json.
 * Needs:    nothing.
 * Fails:    nothing here can fail.
 * Not here: the interface (see json.h).
 */
#pragma once

#include "base/json.h"

struct json {
	enum json_type type;
	bool is_true;			/* JSON_BOOL; JSON_STRING: it is a point in time */
	size_t n, cap;			/* elements or members */
	struct json **items;		/* owned: JSON_ARRAY, JSON_OBJECT */
	char **keys;			/* owned: JSON_OBJECT, n names beside items */
	char text[];			/* a string, or the digits of a number as written */
};

struct json *json_new_type(enum json_type type);
struct json *json_new_text(enum json_type type, const char *text, size_t len);
/* Appends without looking for a member of the same name; takes key and value. */
void json_append(struct json *j, char *key_taken, struct json *value_taken);
/* Behind json_append: of members of one name the last value stays, at the first one's place. */
void json_merge_members(struct json *obj);
