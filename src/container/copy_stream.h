/* SPDX-License-Identifier: Apache-2.0 */
/* copy_stream: the tar streams of cp.
 *
 * Runs in:  the command line process.
 * Owns:     nothing.
 * Needs:    rootlet-image when the archive is compressed: decompression is never a program of the
 *           container's, nor in this process.
 * Fails:    as paste_tar.h and storage/tar_out.h.
 * Not here: which directory (copy.h).
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "container/engine.h"
#include "container/paste.h"

/* gzip, zstd, xz, bzip2 or plain. */
int copy_stream_in(struct engine *g, int in_fd, int dirfd, const struct paste_policy *p, struct err *e);

struct copy_stream {
	int fd;			/* borrowed; file, link or directory, O_PATH will do */
	const char *name;	/* in the archive; NULL: its contents, from "./" on */
	const struct idmap *uid_map, *gid_map;	/* borrowed; as ctr_view */
	int out_fd;
};
int copy_stream_out(const struct copy_stream *s, struct err *e);
