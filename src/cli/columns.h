/* SPDX-License-Identifier: Apache-2.0 */
/* columns: what list commands share: sorting rows by a named key.
 *
 * Runs in:  the command line process.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    ERR_USAGE listing the keys.
 * Not here: tables and templates (base/).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"

struct columns_sort {
	const char *key;	/* as the user writes it */
	const char *member;	/* of the row, dotted: string, number, or list of strings */
	bool is_descending;
};
int columns_sort_rows(struct json *rows, const struct columns_sort *keys, size_t n,
		      const char *key, struct err *e);
