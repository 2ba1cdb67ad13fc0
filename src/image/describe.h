/* SPDX-License-Identifier: Apache-2.0 */
/* describe: one image in full: what inspect and history say, with Podman's member names.
 *
 * Runs in:  rootlet, in the session's user namespace.
 * Owns:     nothing; trees are the caller's.
 * Needs:    nothing.
 * Fails:    ERR_NO_SUCH; EBADMSG a damaged record.
 * Not here: lists of images (catalog.h).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"

struct store;

int describe_image(struct json **out, struct store *s, const char *id, struct err *e);
/* Array, newest step first: id ("<missing>" below the top), created, CreatedBy, size, and what
 * there is of comment and tags. */
int describe_history(struct json **out, struct store *s, const char *id, struct err *e);
