/* SPDX-License-Identifier: Apache-2.0 */
/* opt: option tables, parsed as pflag does for Podman and Docker.
 *
 * Runs in:  the command line process, before anything is opened.
 * Owns:     values land in the args struct: strings are owned there and freed by opt_clear.
 * Needs:    nothing.
 * Fails:    ERR_USAGE in one line: option, value, what is accepted.
 * Not here: commands (cli/cmd.h) and what an option means.
 *
 * Accepted: -x, -xyz, -xVALUE, -x=VALUE, -x VALUE, --name VALUE, --name=VALUE, flags with
 * --name=true|false, "--" ends options. With OPT_STOP_AT_ARG the first operand ends them too.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_kind {
	OPT_KIND_END,
	OPT_KIND_FLAG,		/* bool */
	OPT_KIND_TRISTATE,	/* int: -1 not given, 0, 1; the field must start at -1 (opt_defaults) */
	OPT_KIND_STR,		/* char * */
	OPT_KIND_INT,		/* int64_t */
	OPT_KIND_UINT,		/* uint64_t */
	OPT_KIND_DOUBLE,	/* double */
	OPT_KIND_BYTES,		/* int64_t, units_parse_bytes */
	OPT_KIND_DURATION,	/* int64_t nanoseconds */
	OPT_KIND_LIST,		/* struct strv, one value each time */
	OPT_KIND_CSV,		/* struct strv, split at commas as CSV with quotes */
	OPT_KIND_FN,		/* fn called with args and the value */
	OPT_KIND_GROUP,		/* another table (detail) for the struct at offset */
	OPT_KIND_ALIAS,		/* another spelling of option detail */
	OPT_KIND_LATER,		/* known, not there yet: error "--x is not supported yet" + detail */
	OPT_KIND_NEVER,		/* nobody can have it here: error with detail: why, and what to do instead */
};

struct opt {
	char letter;		/* 0: none */
	const char *name;
	enum opt_kind kind;
	bool is_hidden;		/* not in help */
	size_t offset;
	const char *arg;	/* placeholder in help */
	const char *help;
	const void *detail;	/* by kind */
	int (*fn)(void *args, const struct opt *o, const char *value, struct err *e);
};

#define OPT_FLAG(c, n, type, field, h) { c, n, OPT_KIND_FLAG, false, offsetof(type, field), NULL, h, NULL, NULL }
#define OPT_TRISTATE(c, n, type, field, h) { c, n, OPT_KIND_TRISTATE, false, offsetof(type, field), NULL, h, NULL, NULL }
#define OPT_STR(c, n, type, field, a, h) { c, n, OPT_KIND_STR, false, offsetof(type, field), a, h, NULL, NULL }
#define OPT_INT(c, n, type, field, a, h) { c, n, OPT_KIND_INT, false, offsetof(type, field), a, h, NULL, NULL }
#define OPT_UINT(c, n, type, field, a, h) { c, n, OPT_KIND_UINT, false, offsetof(type, field), a, h, NULL, NULL }
#define OPT_DOUBLE(c, n, type, field, a, h) { c, n, OPT_KIND_DOUBLE, false, offsetof(type, field), a, h, NULL, NULL }
#define OPT_BYTES(c, n, type, field, a, h) { c, n, OPT_KIND_BYTES, false, offsetof(type, field), a, h, NULL, NULL }
#define OPT_DURATION(c, n, type, field, a, h) { c, n, OPT_KIND_DURATION, false, offsetof(type, field), a, h, NULL, NULL }
#define OPT_LIST(c, n, type, field, a, h) { c, n, OPT_KIND_LIST, false, offsetof(type, field), a, h, NULL, NULL }
#define OPT_CSV(c, n, type, field, a, h) { c, n, OPT_KIND_CSV, false, offsetof(type, field), a, h, NULL, NULL }
#define OPT_FN(c, n, f, a, h) { c, n, OPT_KIND_FN, false, 0, a, h, NULL, f }
/* The same, taken and not told of. */
#define OPT_FLAG_HIDDEN(c, n, type, field, h) { c, n, OPT_KIND_FLAG, true, offsetof(type, field), NULL, h, NULL, NULL }
#define OPT_STR_HIDDEN(c, n, type, field, a, h) { c, n, OPT_KIND_STR, true, offsetof(type, field), a, h, NULL, NULL }
#define OPT_FN_HIDDEN(c, n, f, a, h) { c, n, OPT_KIND_FN, true, 0, a, h, NULL, f }
#define OPT_GROUP(table, type, field) { 0, NULL, OPT_KIND_GROUP, false, offsetof(type, field), NULL, NULL, table, NULL }
#define OPT_ALIAS(c, n, target) { c, n, OPT_KIND_ALIAS, true, 0, NULL, NULL, target, NULL }
#define OPT_LATER(c, n, a, why) { c, n, OPT_KIND_LATER, true, 0, a, NULL, why, NULL }
#define OPT_NEVER(c, n, a, why) { c, n, OPT_KIND_NEVER, true, 0, a, NULL, why, NULL }
#define OPT_END { 0, NULL, OPT_KIND_END, false, 0, NULL, NULL, NULL, NULL }

enum { OPT_STOP_AT_ARG = 1 };

/* Sets tristates to -1; all other fields stay as the caller initialised them. */
void opt_defaults(const struct opt *table, void *args);
/* Parses argv[0..argc) (no program name). Operands are appended to rest (borrowed pointers copied). */
int opt_parse(const struct opt *table, void *args, int argc, char *const *argv, unsigned int mode,
	      struct strv *rest, struct err *e);
/* Frees strings and lists. */
void opt_clear(const struct opt *table, void *args);
/* The option of that name or alias ("--" left out), looking into groups; NULL. */
const struct opt *opt_find(const struct opt *table, const char *name);
const struct opt *opt_find_letter(const struct opt *table, char letter);
/* True when it takes the next word as its value: it is no flag. */
bool opt_needs_value(const struct opt *o);
/* Calls fn for every option of the table and its groups. */
void opt_each(const struct opt *table, void (*fn)(const struct opt *o, void *arg), void *arg);
