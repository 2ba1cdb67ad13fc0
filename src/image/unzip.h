/* SPDX-License-Identifier: Apache-2.0 */
/* unzip: gzip, zstd or plain bytes in, plain bytes out, whatever the media type said.
 *
 * Runs in:  rootlet-image, one thread.
 * Owns:     struct unzip (unzip_free).
 * Needs:    ISA-L for gzip, libzstd; the format is read from the first bytes.
 * Fails:    EBADMSG damaged or cut data, EFBIG an expansion that no real layer has, ENOTSUP another
 *           compression, EPIPE the reader of the output has given up.
 * Not here: archives (storage/tar_extract.h).
 * Source:   RFC 1952 (several members follow one another), RFC 8878 (frames likewise).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

struct digest;
struct ring;
struct unzip;

/* sum: borrowed; gets what comes out, while it is still in the cache. NULL: nobody does. */
struct unzip *unzip_new(struct digest *sum);
void unzip_free(struct unzip *u);
DEFINE_AUTO(struct unzip, unzip_free)

/* Consumes all n bytes; what comes out goes to the ring. */
int unzip_push(struct unzip *u, const void *data, size_t n, struct ring *out, struct err *e);
/* No more input: was it complete? Does not end the ring. */
int unzip_finish(struct unzip *u, struct ring *out, struct err *e);
const char *unzip_format(const struct unzip *u);	/* "gzip", "zstd", "plain" */
