/* SPDX-License-Identifier: Apache-2.0 */
/* columns: what list commands share: sorting rows by a named key, and the text of a list of ports.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; texts are the caller's.
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
/* "0.0.0.0:8080-8082->80-82/tcp, ..." from the Ports of query_ps; owned. */
char *columns_ports(const struct json *ports);
