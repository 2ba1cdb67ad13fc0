/* SPDX-License-Identifier: Apache-2.0 */
/* bundle: a directory, or a tar archive compressed or not, as named files that can be read
 * anywhere.
 *
 * Runs in:  rootlet-image; reading regions is safe from several threads.
 * Owns:     struct bundle (bundle_free) and the unnamed temporary file it may need.
 * Needs:    libarchive for the outer archive; room in the store's tmp/ when the archive comes from
 *           a pipe or is compressed, for then it cannot be read twice.
 * Fails:    EBADMSG damaged, ERR_NO_SUCH no such member, EFBIG a member above the caller's limit.
 * Not here: what the members mean (load.c).
 *
 * Members of a directory are opened beneath it and through no symbolic link; names in an archive
 * are only ever compared. The last member of a name counts, links inside the archive are followed.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"

struct bundle;
struct store;

/* path NULL or "-": standard input. */
int bundle_open(struct bundle **out, struct store *s, const char *path, struct err *e);
void bundle_free(struct bundle *b);
DEFINE_AUTO(struct bundle, bundle_free)
bool bundle_has(const struct bundle *b, const char *name);
int bundle_read(const struct bundle *b, const char *name, char **text, size_t *len, size_t max,
		struct err *e);

struct bundle_region {
	int fd;		/* owned */
	uint64_t offset, size;
};
int bundle_find(const struct bundle *b, const char *name, struct bundle_region *out,
		struct err *e);
/* Calls fn with the bytes of the region in order; not 0 from fn ends it with ECANCELED. */
int bundle_region_each(const struct bundle_region *r, int (*fn)(void *arg, const void *p, size_t n),
		       void *arg, struct err *e);

/* Everything that can be read from in_fd, without the compression libarchive finds (gzip, bzip2,
 * xz, zstd, or none). */
int bundle_inflate(int in_fd, int out_fd, const char *path, struct err *e);
/* An unnamed file in the store's tmp/, gone when the descriptor is closed. */
int bundle_temp_file(struct store *s, struct err *e);
