/* SPDX-License-Identifier: Apache-2.0 */
/* template: the one Go-template engine behind every --format.
 *
 * Runs in:  any process.
 * Owns:     nothing; the text is the caller's.
 * Needs:    nothing.
 * Fails:    EINVAL naming the place in the template and the field that does not exist.
 * Not here: tables (see table.h) and which fields a command has (the command's JSON).
 * Source:   Go text/template; Docker's "Format command and log output": json, table, join, upper,
 *           lower, title, split, printf, print, println, range, if/else, with, define-less
 *           pipelines, variables, len, index, slice, eq ne lt le gt ge, and or not, html, js,
 *           urlquery, pad, truncate.
 */
#pragma once

#include "base/json.h"

/* {{.Field}} looks up members of data as spelled. Objects print as map[k:v], arrays as [a b]. */
int template_render(struct str *out, const char *text, const struct json *data, struct err *e);
/* Parses only: for options checked before any work is done. */
int template_check(const char *text, struct err *e);
/* Tab-separated lines to columns as the program we are called by makes them. */
void template_align(struct str *out, const char *tabbed);
/* --format as commands take it: "json" (array, indented; for Docker an object a line), "table TEMPLATE",
 * or a template for every row. rows: array of objects; member LabelMap of one is for {{.Label "x"}} alone.
 * A table's first line has each {{.Field}} replaced by its heading: the member of headings (which may be
 * NULL), or the field's name in upper case; noheading drops it.
 * "\t" and "\n" in the text are honoured. */
int template_rows(struct str *out, const char *format, const struct json *rows,
		  const struct json *headings, bool noheading, struct err *e);
/* The same for one row of many that come one by one: a line, without table and headings. */
int template_line(struct str *out, const char *format, const struct json *row, struct err *e);
/* Adds the names of all members of a row that such a format looks at; there may be some too many among them.
 * False: it may look at any. */
bool template_members(const char *format, struct strv *out);
