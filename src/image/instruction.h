/* SPDX-License-Identifier: Apache-2.0 */
/* instruction: one Containerfile instruction applied to an image configuration (import, commit
 * --change).
 *
 * Runs in:  any process; pure.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    ERR_USAGE naming the instruction and what it takes.
 * Not here: building images.
 * Source:   Dockerfile reference; image-spec config.md.
 */
#pragma once

#include "base/err.h"

struct json;

/* image: the whole configuration; its "config" member is made when missing. */
int instruction_apply(struct json *image, const char *instruction, struct err *e);
