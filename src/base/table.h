/* SPDX-License-Identifier: Apache-2.0 */
/* table: tab-separated lines to columns, as Docker and Podman print them.
 *
 * Runs in:  any process.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: what stands in the cells.
 * Source:   Go text/tabwriter with minimum width 12, padding 2 (Podman) or 20/3 (Docker).
 */
#pragma once

#include "base/str.h"

/* Aligns lines of tab-separated cells; the last cell of a line is not padded. Width counts UTF-8
 * characters; control characters in cells are made visible (no terminal injection). */
void table_align(struct str *out, const char *tabbed, unsigned int min_width, unsigned int pad);
/* Copies text with control characters, but newline and tab, shown as \xNN. */
void table_sanitize(struct str *out, const char *text);
/* The same without exceptions: it stays one line. */
void table_sanitize_line(struct str *out, const char *text);
