/* SPDX-License-Identifier: Apache-2.0 */
/* ident: ids and names: made, checked, encoded as file names.
 *
 * Runs in:  any process.
 * Owns:     nothing; strings returned are the caller's.
 * Needs:    getrandom(2).
 * Fails:    ident_check_name: -EINVAL.
 * Not here: who has which name (storage/names.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define IDENT_LEN 64

struct ident {
	char s[IDENT_LEN + 1];
};
struct ident ident_random(void);		/* 64 hex digits, never all decimal in the first 12 */
void ident_random_hex(char *buf, size_t digits);	/* digits + NUL */
char *ident_random_name(void);			/* "adjective_noun" */
bool ident_is_id(const char *s);		/* exactly 64 lower-case hex digits */
bool ident_is_hex(const char *s);		/* one or more lower-case hex digits */
/* [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 255 bytes: containers, volumes, pods, secrets. */
int ident_check_name(const char *name);
/* Any text as one safe file name and back: bytes other than [A-Za-z0-9._-] become %XX, a leading
 * '.' too. NULL: empty, or above 255 bytes; ident_decode: not something ident_encode writes. */
char *ident_encode(const char *text);
char *ident_decode(const char *file_name);
