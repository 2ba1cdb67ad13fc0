/* SPDX-License-Identifier: Apache-2.0 */
/* toml_priv: the values of TOML that stand without quotes, for toml.c.
 *
 * Runs in:  any process.
 * Owns:     nothing; the value is the caller's.
 * Needs:    nothing.
 * Fails:    NULL: it is none of them.
 * Not here: strings, arrays and tables (see toml.c).
 */
#pragma once

#include "base/json.h"

/* Booleans, numbers, dates and times; inf and nan, which JSON does not have, become null. */
struct json *toml_scalar(const char *s, size_t n);
