/* SPDX-License-Identifier: Apache-2.0 */
/* save: images of the store as an archive or directory that other tools read.
 *
 * Runs in:  rootlet-image, inside the session's user namespace.
 * Owns:     nothing.
 * Needs:    an open store.
 * Fails:    ERR_NO_SUCH no such image; as layer_source.h and outbox.h.
 * Not here: the container's file system (export), registries (push).
 * Source:   Docker "Docker Image Specification v1.2", image-spec image-layout.md,
 *           containers-transports(5) "dir".
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

struct store;
struct transfer_save;

int save_images(struct store *s, const struct transfer_save *args, const struct strv *names,
		struct err *e);
/* One image under one name (as it is to be written; NULL: none). */
int save_one(struct store *s, const struct transfer_save *args, const char *id, const char *name,
	     struct err *e);
