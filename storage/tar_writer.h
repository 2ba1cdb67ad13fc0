/* SPDX-License-Identifier: Apache-2.0 */
/* tar_writer: entries to a tar stream (ustar, with pax headers where ustar is too small).
 *
 * Runs in:  any process.
 * Owns:     struct tar_writer's buffer (tar_writer_clear).
 * Needs:    nothing.
 * Fails:    what the caller's write function fails with.
 * Not here: trees (tar_out.h).
 * Source:   POSIX pax.
 */
#pragma once

#include "base/err.h"
#include "storage/tar_header.h"

struct tar_writer {
	int (*write)(void *arg, const void *data, size_t len, struct err *e);
	void *arg;
	struct str buf;		/* owned; headers in the making */
	uint64_t left;		/* data of the entry still to come */
	uint64_t padding;
};

struct tar_writer_entry {
	char type;		/* as in struct tar_entry */
	const char *path;	/* directories without the slash at the end; "" is the root "./" */
	const char *link;	/* NULL unless type is '1' or '2' */
	uint32_t mode;
	uint64_t uid, gid, size;
	int64_t mtime;		/* seconds */
	uint32_t major, minor;
	const struct tar_xattr *xattrs;
	size_t xattr_n;
};

/* Header of an entry; then its size bytes by tar_writer_data, which pads at the end. */
int tar_writer_add(struct tar_writer *w, const struct tar_writer_entry *entry, struct err *e);
int tar_writer_data(struct tar_writer *w, const void *data, size_t len, struct err *e);
/* The end mark. */
int tar_writer_end(struct tar_writer *w, struct err *e);
void tar_writer_clear(struct tar_writer *w);
DEFINE_AUTO_VALUE(struct tar_writer, tar_writer_clear)
