/* SPDX-License-Identifier: Apache-2.0 */
/* paste: one thing made in a directory in which somebody else may be at work at the same time.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; descriptors returned are the caller's.
 * Needs:    a descriptor of the directory (O_PATH will do).
 * Fails:    leaf: -errno; -EISDIR, -ENOTDIR a directory would replace something else, or the reverse,
 *           and is_overwriting is not set.
 * Not here: whole trees (paste_tree.h) and archives (paste_tar.h).
 *
 * No name is ever followed: what is made is made under a new name in the directory (O_EXCL, O_NOFOLLOW),
 * and owner, mode and times are set by descriptor. So a link that the container puts in the way a
 * moment before is an error or is removed, never written through.
 */
#pragma once

#include "base/idmap.h"
#include "base/mem.h"

#include <sys/stat.h>
#include <sys/types.h>

struct paste_policy {
	bool is_overwriting;		/* directories by other things, and the reverse */
	bool is_host;			/* the destination is the user's own: no attributes of containers, no
					 * program that changes who runs it */
	/* Owners. has_owner: everything gets owner; else keeps_owner: the source's, through the maps
	 * (from: the session's id to the container's, to: back); else they are ours. */
	bool has_owner, keeps_owner;
	uid_t uid;
	gid_t gid;
	const struct idmap *from_uid_map, *from_gid_map, *to_uid_map, *to_gid_map;	/* borrowed; NULL: same */
};

struct paste_meta {
	mode_t mode;
	uid_t uid, gid;			/* the session's */
	struct timespec atime, mtime;
	const struct tar_xattr *xattrs;	/* borrowed */
	size_t xattr_n;
};
struct paste_meta paste_meta_of(const struct stat *st);

/* Readable directory, made when it is not there. *is_new: it was made. */
int paste_dir(int dirfd, const char *name, const struct paste_policy *p, bool *is_new);
/* An empty file to write. One that is a mount point is emptied and written in place. */
int paste_file(int dirfd, const char *name, const struct paste_policy *p);
int paste_symlink(int dirfd, const char *name, const char *target, const struct paste_meta *m,
		  const struct paste_policy *p);
/* FIFOs and, where the kernel allows it, devices. */
int paste_node(int dirfd, const char *name, dev_t dev, const struct paste_meta *m,
	       const struct paste_policy *p);
/* A second name of what fd (O_PATH will do) is. */
int paste_link(int dirfd, const char *name, int fd, const struct paste_policy *p);
/* fd: open for use. */
int paste_meta_set(int fd, const struct paste_meta *m, const struct paste_policy *p);
/* The attributes of src that may go along. */
int paste_xattrs(int src_fd, int fd, const struct paste_policy *p);
