/* SPDX-License-Identifier: Apache-2.0 */
/* image_users: which containers are made from which image.
 *
 * Runs in:  the command line process, with the engine.
 * Owns:     nothing; trees and lists are the caller's.
 * Needs:    nothing.
 * Fails:    as record_list.
 * Not here: what follows from it: refusing, counting.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"

struct engine;

/* Object: image id -> number of containers. */
int image_users_count(struct json **out, struct engine *g, struct err *e);
/* Ids of the containers made from one image. */
int image_users_of(struct strv *out, struct engine *g, const char *image_id, struct err *e);
