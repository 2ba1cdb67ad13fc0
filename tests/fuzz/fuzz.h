/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz: what every target shares.
 *
 * Runs in:  a libFuzzer process.
 * Owns:     nothing; fuzz_text returns memory of the caller.
 * Needs:    nothing.
 * Fails:    abort(), which the fuzzer reports with its input.
 * Not here: the targets.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The contract of every layer function: 0 or more, or exactly -e->code with a message. */
static inline int fuzz_check(int r, const struct err *e)
{
	if (r < 0 && (r != -e->code || !e->msg[0]))
		abort();
	return r;
}

/* The input as a string (bytes after a NUL are lost). */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	if (!s)
		abort();
	memcpy(s, data, size);
	s[size] = '\0';
	return s;
}
