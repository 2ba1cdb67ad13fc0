/* SPDX-License-Identifier: Apache-2.0 */
/* tar_reader: a tar stream that is pushed in, as entries and their data.
 *
 * Runs in:  any process; touches no file.
 * Owns:     struct tar_reader (tar_reader_free). An entry is valid until its end() returns.
 * Needs:    nothing.
 * Fails:    EBADMSG damaged or cut short, E2BIG beyond the limits, ENOTSUP an unknown entry type.
 * Not here: what is done with an entry (tar_extract.h).
 * Source:   see tar_header.h.
 *
 * Data is handed on from the caller's own buffer, never copied.
 */
#pragma once

#include "base/err.h"
#include "storage/tar_header.h"

struct tar_entry {
	char type;		/* '0' file, '1' hard link, '2' symlink, '3' '4' device, '5', '6' */
	const char *path, *link;
	uint32_t mode;
	uint64_t uid, gid;
	uint64_t size;		/* of the file, holes counted */
	struct tar_time mtime, atime;
	uint32_t major, minor;
	uint64_t payload;	/* bytes of it in the archive */
	bool is_sparse;		/* map holds the regions that have data */
	const struct tar_map *map;
	const struct tar_xattr *xattrs;
	size_t xattr_n;
};

struct tar_reader_ops {
	int (*entry)(void *arg, const struct tar_entry *entry, struct err *e);
	/* len bytes of the file at offset. */
	int (*data)(void *arg, const void *data, size_t len, uint64_t offset, struct err *e);
	int (*end)(void *arg, struct err *e);	/* of the entry, data complete */
	/* Every byte that is not data of a file, in order with data; may be NULL. */
	int (*raw)(void *arg, const void *data, size_t len, struct err *e);
};

struct tar_reader;

struct tar_reader *tar_reader_new(const struct tar_reader_ops *ops, void *arg);
int tar_reader_write(struct tar_reader *t, const void *data, size_t len, struct err *e);
/* The stream is at its end: an error unless an entry was complete. A missing end mark is fine. */
int tar_reader_finish(struct tar_reader *t, struct err *e);
void tar_reader_free(struct tar_reader *t);
DEFINE_AUTO(struct tar_reader, tar_reader_free)
