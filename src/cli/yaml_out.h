/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_out: a JSON tree as YAML, in the form in which podman prints it.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; the text is the caller's.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: reading YAML.
 * Source:   YAML 1.2: block mappings with sorted keys, block sequences, plain, single-quoted,
 *           double-quoted and literal scalars.
 */
#pragma once

#include "base/json.h"
#include "base/str.h"

void yaml_out_write(struct str *out, const struct json *tree);
