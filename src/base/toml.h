/* SPDX-License-Identifier: Apache-2.0 */
/* toml: configuration files of the container tools, as a JSON tree.
 *
 * Runs in:  any process.
 * Owns:     nothing; the tree is the caller's.
 * Needs:    nothing.
 * Fails:    EINVAL with file name and line.
 * Not here: where the files are looked for (each reader's own file).
 * Source:   TOML v1.0.0. Dates become strings. Tables are objects, arrays of tables arrays.
 */
#pragma once

#include "base/json.h"

int toml_parse(struct json **out, const char *name, const char *text, size_t len, struct err *e);
int toml_load_at(struct json **out, int dirfd, const char *path, struct err *e);
