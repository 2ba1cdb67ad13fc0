/* SPDX-License-Identifier: Apache-2.0 */
/* mem: allocation that cannot fail, and ownership that is visible in the source.
 *
 * Runs in:  any process. The monitor allocates before it enters its loop.
 * Owns:     nothing; results belong to the caller.
 * Needs:    nothing.
 * Fails:    never returns NULL; out of memory writes one line and aborts.
 * Not here: strings that grow (see str.h) and lists of strings (see strv.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

void *xmalloc(size_t n) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t n) __attribute__((returns_nonnull));
void *xreallocarray(void *p, size_t count, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrdup_or_null(const char *s);
char *xstrndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
void *xmemdup(const void *p, size_t n) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/* Replaces the owned string at *p by a copy of s (NULL allowed). */
void xreplace(char **p, const char *s);
/* The same when there is an s; NULL leaves *p as it is. */
void xreplace_given(char **p, const char *s);

/* Takes the pointer out of *pp and leaves NULL: hand-over is visible where it happens. */
#define steal_ptr(pp) ({ __typeof__(*(pp)) steal_tmp_ = *(pp); *(pp) = NULL; steal_tmp_; })

static inline void mem_free_ptr(void *pp)
{
	free(*(void **)pp);
}
#define autofree __attribute__((cleanup(mem_free_ptr)))

/* DEFINE_AUTO(struct store, store_free) beside the free function, then
 * auto_of(store_free) struct store *s = NULL; */
#define DEFINE_AUTO(type, fn)                                                                      \
	static inline void fn##_auto_(type **pp)                                                   \
	{                                                                                          \
		if (*pp)                                                                           \
			fn(*pp);                                                                   \
	}
/* The same for a struct in the caller's storage: auto_of(str_clear) struct str s = {0}; */
#define DEFINE_AUTO_VALUE(type, fn)                                                                \
	static inline void fn##_auto_(type *p)                                                     \
	{                                                                                          \
		fn(p);                                                                             \
	}
#define auto_of(fn) __attribute__((cleanup(fn##_auto_)))
