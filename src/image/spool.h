/* SPDX-License-Identifier: Apache-2.0 */
/* spool: a layer compressed into a file without a name, because a blob is called by its digest and
 * that is known only afterwards.
 *
 * Runs in:  rootlet-image, any thread.
 * Owns:     struct spool (spool_clear).
 * Needs:    room in the store's tmp/.
 * Fails:    as layer_source.h; ENOSPC.
 * Not here: where the blob goes (save.c, push_layer.c).
 */
#pragma once

#include "image/digest.h"
#include "image/layer_source.h"
#include "image/zip.h"

struct spool {
	int fd;				/* owned; -1 */
	uint64_t size;
	char digest[7 + DIGEST_HEX + 1];	/* "sha256:..." */
};
int spool_layer(struct spool *out, const struct layer_source *l, enum zip_format format, int level,
		struct err *e);
void spool_clear(struct spool *s);
DEFINE_AUTO_VALUE(struct spool, spool_clear)
