/* SPDX-License-Identifier: Apache-2.0 */
/* str: a string that grows, always NUL-terminated once something was added.
 *
 * Runs in:  any process.
 * Owns:     its buffer (str_clear); str_steal hands it over.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: lists of strings (see strv.h), numbers with units (see units.h).
 */
#pragma once

#include "base/mem.h"

#include <stdarg.h>

struct str {
	char *p;	/* owned; NULL while empty */
	size_t len;	/* without the NUL */
	size_t cap;
};

void str_clear(struct str *s);
DEFINE_AUTO_VALUE(struct str, str_clear)

void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const void *data, size_t n);
void str_addc(struct str *s, char c);
void str_add_utf8(struct str *s, unsigned int code);	/* a Unicode character, up to 0x10ffff */
void str_addf(struct str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_addv(struct str *s, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void str_reserve(struct str *s, size_t more);
void str_cut(struct str *s, size_t len);	/* shortens to len bytes */

/* The text, "" while empty; valid until the next change. */
const char *str_peek(const struct str *s);
/* Hands the buffer over (never NULL) and leaves s empty. */
char *str_steal(struct str *s);

bool str_has_prefix(const char *s, const char *prefix);
bool str_has_suffix(const char *s, const char *suffix);
/* The rest of s behind prefix, or NULL when it does not start with it. */
const char *str_after(const char *s, const char *prefix);
bool str_eq(const char *a, const char *b);	/* NULL equals only NULL */
/* Length of the well-formed UTF-8 sequence that s begins with (RFC 3629); 0: none, or the end. */
size_t str_utf8_len(const char *s);
/* Bytes of the character at s when a terminal acts on it: C0, C1, what breaks a line or turns the
 * direction of writing; else 0. */
size_t str_control_len(const char *s);
static inline bool str_empty(const char *s)
{
	return !s || !*s;
}
