/* SPDX-License-Identifier: Apache-2.0 */
/* tar_extract: a foreign archive, pushed in as it arrives, unpacked into a directory.
 *
 * Runs in:  the session's user namespace; any thread, one thread per extraction.
 * Owns:     struct tar_extract (tar_extract_free); what it wrote belongs to who made the directory.
 * Needs:    openat2. The caller's umask is read once from /proc.
 * Fails:    EINVAL a hostile name, EBADMSG a damaged archive, E2BIG/ENOSPC beyond the limits,
 *           EOVERFLOW an owner that the user namespace has no id for, ENOTSUP an unknown entry type.
 * Not here: decompression and digests (image/), publishing (layer.h).
 * Source:   image-spec layer.md (whiteouts).
 *
 * Nothing outside the directory is ever touched: names with "..", absolute names and names too long
 * are errors; parents are opened by openat2 and stay inside the directory as if it were "/", the
 * last component is never followed, and what stands in the way is removed, not written through.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"

/* Who wants to make the same archive again later (tar_split.h). May be NULL. */
struct tar_extract_sink {
	int (*raw)(void *arg, const void *data, size_t len, struct err *e);
	/* len bytes that now stand at offset in the file path (below the directory). */
	int (*payload)(void *arg, const char *path, uint64_t offset, uint64_t len, struct err *e);
	/* A later entry takes the place of parent/name, the file or directory path: moves it away and
	 * returns 0, or -errno when it has to be removed. NULL: it always has. */
	int (*replaced)(void *arg, int parent, const char *name, const char *path);
	void *arg;
};

struct tar_extract_args {
	int dirfd;			/* borrowed; empty, or a tree to unpack over */
	bool is_layer;			/* .wh. names are whiteouts; else they are names */
	bool is_single_id;		/* owners go to the attribute user.rootlet.owner */
	bool ignore_chown_errors;	/* storage.conf */
	const struct tar_extract_sink *sink;	/* borrowed */
	uint64_t max_bytes;		/* 0: what is free on the file system, but a reserve */
	uint64_t max_entries;		/* 0: the default */
};

struct tar_extract_stats {
	uint64_t bytes;			/* contents of files */
	uint64_t entries;
	uint64_t devices_skipped;
	struct strv device_names;	/* the first few; owned by the extraction */
	/* A file was replaced by a later entry of the same name and the sink could not keep it: its
	 * bytes are gone, so what was recorded cannot make the archive again. */
	bool is_record_broken;
};

struct tar_extract;

int tar_extract_new(struct tar_extract **out, const struct tar_extract_args *args, struct err *e);
int tar_extract_write(struct tar_extract *x, const void *data, size_t len, struct err *e);
/* Checks that the archive was whole; sets owners, modes and times of directories. */
int tar_extract_finish(struct tar_extract *x, struct err *e);
const struct tar_extract_stats *tar_extract_stats(const struct tar_extract *x);
void tar_extract_free(struct tar_extract *x);
DEFINE_AUTO(struct tar_extract, tar_extract_free)
