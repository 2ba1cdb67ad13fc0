/* SPDX-License-Identifier: Apache-2.0 */
/* outbox: named files written one after the other, into a directory or a tar archive.
 *
 * Runs in:  rootlet-image, one thread.
 * Owns:     struct outbox (outbox_free: what was not finished is removed, unless it is a stream).
 * Needs:    nothing.
 * Fails:    EEXIST a directory that holds something else than an image; ENOSPC, EPIPE.
 * Not here: what the files are (save.c).
 *
 * An archive gets its final name when it is complete; a directory is filled in place, each file under
 * its name when it is whole, the index last. Blobs that are there already are not written again.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

struct outbox;

/* path NULL or "-": standard output (archives only). */
int outbox_open(struct outbox **out, const char *path, bool is_dir, struct err *e);
/* size bytes must follow by outbox_write. A name given before: *is_known, and nothing may follow. */
int outbox_begin(struct outbox *o, const char *name, uint64_t size, bool *is_known, struct err *e);
int outbox_write(struct outbox *o, const void *data, size_t n, struct err *e);
int outbox_end(struct outbox *o, struct err *e);
int outbox_put(struct outbox *o, const char *name, const void *data, size_t n, struct err *e);
/* What stood there under that name before us: -ENOENT in a new directory or an archive. */
int outbox_read(const struct outbox *o, const char *name, char **text, size_t *len);
/* Takes the blobs in the directory itself away that were not given. */
int outbox_drop_others(struct outbox *o, struct err *e);
int outbox_finish(struct outbox *o, struct err *e);
void outbox_free(struct outbox *o);
DEFINE_AUTO(struct outbox, outbox_free)
