/* SPDX-License-Identifier: Apache-2.0 */
/* objects: what every inspect command prints: an array of JSON objects, or a template for each.
 *
 * Runs in:  the command line process.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    EINVAL a template that does not fit.
 * Not here: the objects (container/query.h, image/describe.h, container/volumes.h).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"

struct strv;

/* format: NULL or "json", or a Go template. Prints to stdout. */
int objects_print(const struct json *rows, const char *format, struct err *e);

/* One object by its name. */
typedef int objects_load_fn(struct json **out, void *ctx, const char *name, struct err *e);
/* Prints what is there; then the first that is not there (ERR_NO_SUCH) is the error. */
int objects_print_named(const struct strv *names, objects_load_fn *load, void *ctx, const char *format,
			struct err *e);
