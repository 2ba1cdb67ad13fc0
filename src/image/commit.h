/* SPDX-License-Identifier: Apache-2.0 */
/* commit: the files of a container become a layer, and the layer an image.
 *
 * Runs in:  rootlet-image.
 * Owns:     nothing; the id is the caller's.
 * Needs:    an open store and the inherited descriptor of the files.
 * Fails:    ENOSPC; EBADMSG files that changed while they were read; as install.h, instruction.h.
 * Not here: which files, which configuration (container/commit.h).
 */
#pragma once

#include "base/err.h"

struct commit_opts;
struct store;

/* name: NULL for none; request: see commit_opts.h. */
int commit_image(struct store *s, const struct commit_opts *o, const char *request, size_t len,
		 const char *name, char **id, struct err *e);
