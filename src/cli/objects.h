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

/* format: NULL or "json", or a Go template. Prints to stdout. */
int objects_print(const struct json *rows, const char *format, struct err *e);
