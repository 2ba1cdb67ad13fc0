/* SPDX-License-Identifier: Apache-2.0 */
/* tar_out: a directory tree as a tar stream: export, commit, cp out of a container.
 *
 * Runs in:  the session's user namespace; owners are written as seen there.
 * Owns:     nothing.
 * Needs:    nothing. The tree may change meanwhile and may be hostile: no link is followed.
 * Fails:    with the path; what the write function fails with.
 * Not here: compression, digests.
 *
 * Names are sorted, times cut to seconds: the same tree gives the same bytes. Sockets are left out.
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "storage/tar_writer.h"

struct tar_out_args {
	int dirfd;			/* borrowed; a readable directory */
	const char *name;		/* entry of dirfd to write, with all below; NULL: itself */
	const char *as;			/* its path in the archive; NULL: name, or the root */
	bool has_whiteouts;		/* an overlay's upper: write .wh. files, as a layer */
	bool is_single_id;		/* owners are in user.rootlet.owner */
	const struct idmap *uid_map, *gid_map;	/* rootfs_args' maps, undone here; NULL: as they are */
	/* Optional: false leaves path (below dirfd, no slash at either end) and all below it
	 * out. */
	bool (*wants)(void *arg, const char *path);
	void *wants_arg;
};

/* Adds the entries; the end mark is the caller's. */
int tar_out(struct tar_writer *w, const struct tar_out_args *args, struct err *e);
