/* SPDX-License-Identifier: Apache-2.0 */
/* tar_split: what it takes to make a layer's original archive again, byte for byte.
 *
 * Runs in:  rootlet-image; the writer beside a tar_extract, the reader beside save and push.
 * Owns:     struct tar_split (tar_split_free: without tar_split_finish nothing is kept).
 * Needs:    ISA-L.
 * Fails:    EBADMSG a record or a file that does not fit it any more, ENOSPC.
 * Not here: digests: who sends the archive compares its DiffID with layer.json.
 *
 * layers/<chain-id>/tar-split.gz, compressed with gzip, is:
 *	"rootlet tar-split 1\n"
 *	records: one letter, then numbers (little-endian base 128, high bit: more follows) and bytes:
 *	  R len bytes			these bytes of the archive
 *	  P len path offset size	size bytes at offset of the file diff/path
 *	  S offset size			the same of the last path
 *	  M len path			what was path (or below it) until now is replaced/N, N counting
 *				the M records from 0: the archive names it again
 *	  E size			the end; size of the whole archive
 * A layer without the file (made by commit) is written anew.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "storage/tar_extract.h"

struct tar_split;

/* Records into dirfd/tar-split.gz. */
int tar_split_new(struct tar_split **out, int dirfd, struct err *e);
/* For tar_extract_args.sink; borrowed. */
const struct tar_extract_sink *tar_split_sink(struct tar_split *t);
int tar_split_finish(struct tar_split *t, struct err *e);
void tar_split_free(struct tar_split *t);
DEFINE_AUTO(struct tar_split, tar_split_free)

/* Reads layer_dirfd/tar-split.gz and layer_dirfd/diff, and calls fn with the archive piece by
 * piece. -ENOENT (with e filled) when there is no record. */
int tar_split_read(int layer_dirfd,
		   int (*fn)(void *arg, const void *data, size_t len, struct err *e), void *arg,
		   struct err *e);
