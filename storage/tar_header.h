/* SPDX-License-Identifier: Apache-2.0 */
/* tar_header: one 512-byte tar header and the extended attributes that go before it.
 *
 * Runs in:  any process; pure.
 * Owns:     struct tar_pax, struct tar_map (…_clear).
 * Needs:    nothing.
 * Fails:    leaf: -EINVAL for bytes that are no valid header, -ERANGE, -E2BIG.
 * Not here: the stream (tar_reader.h).
 * Source:   POSIX pax (ustar and pax formats); GNU tar manual, "Basic Tar Format" and "Storing
 *           Sparse Files". Entries that carry no data by their type have none, whatever their size
 *           field says: so do Go's archive/tar and thus every other engine.
 */
#pragma once

#include "base/mem.h"
#include "base/str.h"

#include <stdint.h>
#include <sys/types.h>

#define TAR_BLOCK 512
#define TAR_MAX_META (1u << 20)		/* long names and pax headers */
#define TAR_MAX_REGIONS (1u << 20)	/* of one sparse file */

struct tar_region {
	uint64_t offset, len;
};

struct tar_map {
	struct tar_region *v;	/* owned */
	size_t n, cap;
};
int tar_map_add(struct tar_map *m, uint64_t offset, uint64_t len);
/* In order, no overlap, inside size, and as many bytes as payload: 0 or -EINVAL. */
int tar_map_check(const struct tar_map *m, uint64_t size, uint64_t payload);
void tar_map_clear(struct tar_map *m);
DEFINE_AUTO_VALUE(struct tar_map, tar_map_clear)

struct tar_xattr {
	char *name;	/* owned */
	void *value;	/* owned */
	size_t len;
};

struct tar_time {
	int64_t sec;
	uint32_t nsec;
	bool is_set;
};

/* What 'x' and 'g' headers said; unset members are NULL, 0 or is_set false. */
struct tar_pax {
	char *path, *link;			/* owned */
	bool has_size, has_uid, has_gid;
	uint64_t size, uid, gid;
	struct tar_time mtime, atime;
	struct tar_xattr *xattrs;		/* owned */
	size_t xattr_n;
	char *sparse_name;			/* owned */
	bool has_sparse_size, is_sparse;
	uint64_t sparse_size;
	unsigned int sparse_major, sparse_minor;
	struct tar_map map;			/* sparse 0.0 and 0.1 */
	uint64_t pending_offset;		/* 0.0: offset and numbytes come as pairs */
	bool has_pending;
};
/* Adds the records of one extended header. */
int tar_pax_parse(struct tar_pax *p, const char *data, size_t len);
void tar_pax_clear(struct tar_pax *p);
DEFINE_AUTO_VALUE(struct tar_pax, tar_pax_clear)

struct tar_header {
	char type;
	char name[260];		/* prefix and name joined */
	char link[104];
	uint32_t mode;
	uint64_t uid, gid, size;
	int64_t mtime;
	uint32_t major, minor;
	bool is_gnu;
};
/* 1: a header; 0: a block of zeros. */
int tar_header_parse(struct tar_header *h, const unsigned char block[TAR_BLOCK]);
/* Old GNU sparse: the four regions in the header and the real size; *more: extension blocks
 * follow. */
int tar_header_sparse(const unsigned char block[TAR_BLOCK], struct tar_map *map, uint64_t *size,
		      bool *more);
int tar_header_sparse_more(const unsigned char block[TAR_BLOCK], struct tar_map *map, bool *more);
/* A number field: octal text or base 256. */
int tar_number(const unsigned char *field, size_t len, int64_t *out);
/* "1234.5678" */
int tar_time_parse(const char *s, struct tar_time *t);
