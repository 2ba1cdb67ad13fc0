/* SPDX-License-Identifier: Apache-2.0 */
/* zip: bytes in, gzip or zstd out.
 *
 * Runs in:  rootlet-image, one thread.
 * Owns:     struct zip (zip_free).
 * Needs:    ISA-L, libzstd.
 * Fails:    what the write function fails with.
 * Not here: the other way round (see unzip.h).
 * Source:   RFC 1952, RFC 8878; no name and no time in the header: the same bytes give the same
 *           file.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

struct zip;

enum zip_format { ZIP_GZIP, ZIP_ZSTD };

/* level: 1 to 9 for gzip, 1 to 20 for zstd; 0: fast and good enough. */
struct zip *zip_new(enum zip_format format, int level,
		    int (*write)(void *arg, const void *data, size_t n, struct err *e), void *arg);
int zip_push(struct zip *z, const void *data, size_t n, struct err *e);
int zip_finish(struct zip *z, struct err *e);
void zip_free(struct zip *z);
DEFINE_AUTO(struct zip, zip_free)
