/* SPDX-License-Identifier: Apache-2.0 */
/* unpack: compressed bytes from somewhere become a committed layer.
 *
 * Runs in:  rootlet-image, a worker thread of its caller; starts two threads more and joins them.
 * Owns:     nothing that outlives the call.
 * Needs:    a layer_writer of the layer's chain id.
 * Fails:    EBADMSG blob or content differ from what their digests say; else what the source,
 *           unzip.h and tar_extract.h fail with. A failed layer is not committed.
 * Not here: where the bytes come from (pull.c, load.c).
 *
 *   source, sha256 of the blob -> ring -> inflate, sha256 of the content -> ring -> files
 *
 * so that the network, the inflater and the file system work at the same time.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

#include <stdatomic.h>

struct layer_writer;
struct unpack_feed;

struct unpack_args {
	struct layer_writer *writer;	/* borrowed; committed on success */
	const char *parent;		/* chain id, hex; NULL */
	const char *diff_id;		/* "sha256:<hex>" */
	const char *blob_digest;	/* "sha256:<hex>" to be verified; NULL: not said */
	const char *media_type;		/* for layer.json; may be "" */
	/* Runs in its own thread: gives all bytes of the blob to unpack_feed. */
	int (*source)(void *arg, struct unpack_feed *feed, struct err *e);
	void *source_arg;
	atomic_ullong *progress;	/* bytes of the blob so far; NULL */
	atomic_bool *is_cancelled;	/* another layer has failed; NULL */
};

/* From the source: 0, or -EPIPE when unpacking has failed and no more is wanted. */
int unpack_feed(struct unpack_feed *feed, const void *data, size_t n);
/* size: bytes of the files of the layer. */
int unpack_layer(const struct unpack_args *args, uint64_t *size, struct err *e);
