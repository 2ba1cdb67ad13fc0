/* SPDX-License-Identifier: Apache-2.0 */
/* layer_source: the archive of a layer in the store, byte for byte as its DiffID wants it.
 *
 * Runs in:  rootlet-image, inside the session's user namespace.
 * Owns:     nothing.
 * Needs:    the layer's tar-split record; without one the archive is written anew from its files.
 * Fails:    EBADMSG the files do not give the archive with that DiffID any more.
 * Not here: compression (zip.h), where the bytes go (save.c).
 */
#pragma once

#include "base/err.h"

#include <stdint.h>

struct store;

struct layer_source {
	struct store *store;
	const char *chain_id;	/* hex */
	const char *diff_id;	/* "sha256:<hex>" */
};

/* Bytes of the archive; read once over when nobody has recorded it. */
int layer_source_size(const struct layer_source *l, uint64_t *size, struct err *e);
/* Calls fn with the archive, piece by piece, and then compares the digest. */
int layer_source_read(const struct layer_source *l,
		      int (*fn)(void *arg, const void *data, size_t n, struct err *e), void *arg,
		      struct err *e);
