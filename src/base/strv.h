/* SPDX-License-Identifier: Apache-2.0 */
/* strv: a list of owned strings that is also a NULL-terminated vector for exec.
 *
 * Runs in:  any process.
 * Owns:     the vector and every string in it (strv_clear).
 * Needs:    nothing.
 * Fails:    never.
 * Not here: the meaning of "K=V" beyond the environment helpers below.
 */
#pragma once

#include "base/mem.h"

struct strv {
	char **v;	/* owned, NULL-terminated when n > 0; NULL while empty */
	size_t n;
};

void strv_clear(struct strv *l);
DEFINE_AUTO_VALUE(struct strv, strv_clear)

void strv_add(struct strv *l, const char *s);
void strv_addf(struct strv *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strv_add_take(struct strv *l, char *s);
void strv_add_all(struct strv *l, const struct strv *from);
void strv_copy(struct strv *to, const struct strv *from);	/* replaces *to */
bool strv_has(const struct strv *l, const char *s);
void strv_remove_at(struct strv *l, size_t i);
void strv_sort(struct strv *l);
/* Splits at every sep; empty parts are kept. "" gives no part. */
void strv_split(struct strv *l, const char *s, char sep);
/* A line of comma-separated values: a field in quotes may have commas, and quotes doubled. "" gives no
 * field. -EINVAL: a quote is not closed; then nothing is added. */
int strv_csv(struct strv *l, const char *s);
char *strv_csv_join(const struct strv *l);
char *strv_join(const struct strv *l, const char *sep);
/* An empty list as a vector is { NULL }, never a NULL pointer. */
char *const *strv_vec(const struct strv *l);

/* Environment lists of "KEY=VALUE". */
const char *strv_env_get(const struct strv *l, const char *key);
void strv_env_set(struct strv *l, const char *key, const char *value);	/* replaces */
void strv_env_put(struct strv *l, const char *key_value);		/* replaces by key */
void strv_env_unset(struct strv *l, const char *key);
